"""The terminal's promises: one object, exit codes, one line on stderr, nothing lost."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.helpers.bad_models import BAD_TEMPLATES

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.usefixtures("starter_model")


def moestro(*arguments: str, root: Path, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--data-dir", str(root), *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        **options,
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere ü 日本"


def test_ask_twice_gives_the_same_answer_and_keeps_both(root: Path) -> None:
    question = "Answer in one sentence: what is the capital of France?"
    answers = []
    for _ in range(2):
        run = moestro("ask", question, "--temperature", "0", "--json", root=root)
        assert run.returncode == 0, run.stderr
        assert run.stderr == ""
        answers.append(json.loads(run.stdout))
    assert answers[0]["text"]
    assert answers[0]["text"] == answers[1]["text"]
    assert answers[0]["stop_reason"] == "stop"
    assert answers[0]["reasoning"] == ""
    assert {
        "prompt_tokens",
        "prompt_tokens_per_second",
        "seconds_to_first_token",
        "generated_tokens",
        "tokens_per_second",
    } <= set(answers[0]["timings"])

    listed = json.loads(moestro("conversations", "list", "--json", root=root).stdout)
    assert {each["id"] for each in listed} == {each["conversation"] for each in answers}

    identity = answers[0]["conversation"]
    markdown = moestro("export", "--conversation", identity, "--format", "md", root=root)
    assert answers[0]["text"] in markdown.stdout
    exported = moestro("export", "--conversation", identity, "--format", "json", root=root)
    whole = json.loads(exported.stdout)
    assert whole["format"] == "moestro"
    assert whole["version"] == 1
    file = root / "out.md"
    written = moestro("export", "--conversation", identity, "--output", str(file), root=root)
    assert written.returncode == 0
    assert file.read_text() == markdown.stdout
    refused = moestro("export", "--conversation", identity, "--output", str(file), root=root)
    assert refused.returncode == 1
    assert "out.md" in refused.stderr


def test_temporary_saves_nothing(root: Path) -> None:
    run = moestro("ask", "Hello", "--temporary", "--max-tokens", "3", "--json", root=root)
    assert json.loads(run.stdout)["conversation"] is None
    assert json.loads(moestro("conversations", "list", "--json", root=root).stdout) == []


def test_plain_ask_streams_the_answer_and_ends_in_a_newline(root: Path) -> None:
    run = moestro(
        "ask", "Hello", "--max-tokens", "5", "--seed", "3", "--system", "Be kind.", root=root
    )
    assert run.returncode == 0
    assert run.stdout.strip()
    assert run.stdout.endswith("\n")
    assert run.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["ask"], 2),
        (["ask", "   "], 2),
        (["ask", "x", "--max-tokens", "0"], 2),
        (["ask", "x", "--temperature", "hot"], 2),
        (["nonsense"], 2),
        (["export", "--conversation", "unknown"], 1),
        (["ask", "x", "--model", "/nowhere/model.gguf"], 3),
        (["ask", "x", "--model", "no such model"], 3),
    ],
)
def test_failures_are_one_line_and_an_exit_code(
    root: Path, arguments: list[str], code: int
) -> None:
    run = moestro(*arguments, root=root)
    assert run.returncode == code, run.stderr
    assert run.stdout == ""
    assert len(run.stderr.strip().splitlines()) == 1
    assert "Traceback" not in run.stderr
    with_json = moestro(*arguments, "--json", root=root)
    failure = json.loads(with_json.stdout)["error"]
    assert failure["code"]
    assert failure["message"] == with_json.stderr.strip()


def test_a_prompt_longer_than_the_context_is_said_and_the_question_kept(root: Path) -> None:
    run = moestro("ask", "word " * 3000, "--context", "512", root=root)
    assert run.returncode == 1
    assert "512" in run.stderr
    assert len(json.loads(moestro("conversations", "list", "--json", root=root).stdout)) == 1


def test_ctrl_c_keeps_what_had_arrived(root: Path) -> None:
    process = subprocess.Popen(
        [
            sys.executable, str(ROOT / "main.py"), "--data-dir", str(root), "ask",
            "Write a long story about a dragon and a princess.", "--temperature", "0",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    first = os.read(process.stdout.fileno(), 10)
    assert first
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err
    listed = json.loads(moestro("conversations", "list", "--json", root=root).stdout)
    text = moestro("export", "--conversation", listed[0]["id"], root=root).stdout
    assert (first + out).decode().strip()[:20] in text


def test_a_reader_that_goes_away_is_no_traceback(root: Path) -> None:
    run = subprocess.run(
        f"'{sys.executable}' '{ROOT / 'main.py'}' --data-dir '{root}' ask Hello --max-tokens 30"
        " | head -c 1 > /dev/null",
        shell=True,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert "Traceback" not in run.stderr


def test_the_worker_is_gone_after_the_command(root: Path) -> None:
    run = moestro("ask", "Hello", "--max-tokens", "2", root=root)
    assert run.returncode == 0
    commands = [" ".join(each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"])]
    assert not any(str(root) in command for command in commands)


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("ask",),
        ("ask", "x", "--max-tokens", "0"),
        ("ask", "x", "--temperature", "warm"),
        ("ask", "x", "--seed", "-1"),
        ("export", "--conversation", "1", "--format", "odt"),
        ("export", "--format", "md"),
        ("export", "--all", "--folder", "x"),
        ("export", "--all", "--branch", "x"),
        ("ask", "x", *(f"--{number}" for number in range(100))),
    ],
)
def test_a_mistyped_command_gets_one_short_plain_line(root: Path, arguments) -> None:
    run = moestro(*arguments, root=root)
    assert run.returncode == 2
    assert run.stdout == ""
    assert len(run.stderr) <= 141
    assert run.stderr.count("\n") == 1
    assert "invalid" not in run.stderr
    assert "_" not in run.stderr


def test_a_template_that_refuses_is_a_bad_model(root: Path, tmp_path: Path) -> None:
    path = BAD_TEMPLATES["syntax"](tmp_path)
    run = moestro("ask", "Hello", "--model", str(path), root=root)
    assert run.returncode == 3, run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
