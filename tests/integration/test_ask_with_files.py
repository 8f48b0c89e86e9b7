"""``ask`` with files and with what is piped in: the real program, real files, one sentence each."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.attachment_files import write_pdf
from tests.helpers.projectors import png

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.usefixtures("starter_model")


def moestro(root: Path, *arguments: str, **options) -> "subprocess.CompletedProcess[str]":
    options.setdefault("stdin", subprocess.DEVNULL)
    if "input" in options:
        options.pop("stdin")
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--data-dir", str(root), *arguments],
        capture_output=True, text=True, timeout=100, check=False, **options,
    )  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_files_are_given_named_and_kept(root: Path, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("name,age\nAnna,42\nBob,17\n")
    book = write_pdf(tmp_path / "a:book.pdf", [["first"], ["The password is swordfish."], ["x"]])
    run = moestro(
        root, "ask", "How old is Anna?", "--file", str(table), "--file", f"{book}:2-3",
        "--max-tokens", "4", "--json",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout)
    assert [(each["name"], each["kind"], each["way"], each["part"])
            for each in answer["attachments"]] == [
        ("people.csv", "csv", "whole", ""),
        ("a:book.pdf", "pdf", "part", "Pages 2–3"),
    ]  # fmt: skip
    exported = moestro(root, "export", "--conversation", answer["conversation"], "--format", "json")
    (chat,) = json.loads(exported.stdout)["conversations"]
    (user,) = [message for message in chat["messages"] if message["role"] == "user"]
    assert user["text"] == "How old is Anna?"
    whole = {each["id"]: each["text"] for each in chat["attachments"]}
    given = [each.get("text", whole[each["id"]]) for each in user["attachments"]]
    assert given == ["name,age\nAnna,42\nBob,17\n", "The password is swordfish.\n\nx"]


def test_what_is_piped_in_is_the_question_or_a_file(root: Path) -> None:
    alone = moestro(root, "ask", "--max-tokens", "3", "--json", input="Say hello.\n")
    assert alone.returncode == 0, alone.stderr
    assert json.loads(alone.stdout)["attachments"] == []

    beside = moestro(
        root, "ask", "What is this?", "--max-tokens", "3", "--temporary", "--json",
        input="some log\n",
    )  # fmt: skip
    (attached,) = json.loads(beside.stdout)["attachments"]
    assert (attached["name"], attached["characters"]) == ("stdin", len("some log\n"))

    nothing = moestro(root, "ask", "Hi", "--max-tokens", "3", "--json", input="")
    assert json.loads(nothing.stdout)["attachments"] == []
    assert moestro(root, "ask").returncode == 2


@pytest.mark.parametrize(
    ("name", "content", "part", "code"),
    [
        ("photo.png", png((255, 0, 0)), "", "attachments.image"),
        ("photo.png", png((255, 0, 0))[:-20], "", "attachments.image_damaged"),
        ("notes.txt", b"one\ntwo\n", ":9", "attachments.no_lines"),
        ("notes.txt", b"one\ntwo\n", ":relevant", "attachments.nothing_relevant"),
        ("empty.txt", b"", "", "attachments.empty"),
    ],
    ids=["image", "cut image", "no line", "nothing relevant", "empty"],
)
def test_what_cannot_be_given_is_said_before_anything_is_asked(
    name, content, part, code, root: Path, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    run = moestro(root, "ask", "What?", "--file", f"{tmp_path / name}{part}", "--json")
    assert run.returncode == 1
    assert json.loads(run.stdout)["error"]["code"] == code
    assert len(run.stderr.splitlines()) == 1
    assert json.loads(moestro(root, "conversations", "list", "--json").stdout) == []
