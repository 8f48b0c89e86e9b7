"""``main.py conversations …`` as a person types it, beside an open window too."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.history.found import HitKind
from app.history.organising import Organiser
from app.instance import InstanceLock
from tests.unit.history.conftest import Kept

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Run:
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


class Terminal(Kept):
    """A history, and the command that is used on it; in this process, which starts sooner."""

    capture: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> Run:
        self.capture.readouterr()
        code = main(
            ["--data-dir", str(self.path.parent), "conversations", *arguments], lambda *_: 99
        )
        return Run(code, *self.capture.readouterr())

    def json(self, *arguments: str) -> Any:
        run = self.run(*arguments, "--json")
        assert (run.returncode, run.stderr) == (0, ""), run.stderr
        return json.loads(run.stdout)


@pytest.fixture
def terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    made = Terminal(tmp_path / "data")
    made.capture = capfd
    yield made
    made.database.close()


def test_the_command_is_there(terminal: Terminal) -> None:
    chat = terminal.chat("Fruit", "Is an apple red?")
    run = subprocess.run(
        [
            sys.executable, "main.py", "--data-dir", str(terminal.path.parent), "conversations",
            "search", "apple",
        ],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith(f"{chat.id}\tFruit\n\t")


def test_list_show_search_delete_restore(terminal):
    chat = terminal.chat("Fruit", "Is an apple red?", "And 北京 pears?")
    other = terminal.chat("Äpfel", "Nothing?")
    organiser = Organiser(terminal.database, terminal.posted.post)
    folder = terminal.wait(organiser.create_folder, "Kept here")
    terminal.wait(organiser.move, [chat.id], folder.id)
    lock = InstanceLock(terminal.path.parent / "instance.lock")
    assert lock.acquire()
    try:
        listed = terminal.json("list")
        assert [each["title"] for each in listed] == ["Äpfel", "Fruit"]
        assert (listed[1]["folder_id"], listed[1]["pinned"]) == (folder.id, False)
        assert [e["title"] for e in terminal.json("list", "--folder", "Kept here")] == ["Fruit"]
        assert [e["title"] for e in terminal.json("list", "--folder", "")] == ["Äpfel"]
        assert [e["title"] for e in terminal.json("list", "--sort", "title")] == ["Äpfel", "Fruit"]
        shown = terminal.json("show", chat.id)
        assert shown["messages"][0]["text"] == "Is an apple red?"
        assert "Is an apple red?" in terminal.run("show", chat.id).stdout
        (found,) = terminal.json("search", "apple", "--role", "user")["conversations"]
        (hit,) = found["hits"]
        assert (found["id"], hit["kind"], hit["places"]) == (
            chat.id, HitKind.TEXT.value, [[6, 11]],
        )  # fmt: skip
        assert terminal.json("search", "appl")["conversations"] == []
        assert len(terminal.json("search", "appl*", "--since", "2000-01-31")["conversations"]) == 1
        assert terminal.json("search", "apple", "--until", "2000-01-31")["conversations"] == []
        line = terminal.run("search", "北京").stdout.splitlines()
        assert line[0] == f"{chat.id}\tFruit"
        assert "And 北京 pears?" in "".join(line[1:])
        (deleted,) = terminal.json("delete", chat.id)
        assert (deleted["kind"], deleted["id"]) == ("conversation", chat.id)
        assert [each["title"] for each in terminal.json("list")] == ["Äpfel"]
        assert [each["id"] for each in terminal.json("list", "--trash")] == [chat.id]
        assert chat.id in terminal.run("list", "--trash").stdout
        assert terminal.json("restore", chat.id) == {"restored": [chat.id], "count": 1}
        assert len(terminal.json("list")) == 2
        assert terminal.run("delete", other.id).stdout.startswith(other.id)
    finally:
        lock.release()


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("show", "nothing"), 1, "history.no_conversation"),
        (("delete", "{id}", "nothing"), 1, "history.no_conversation"),
        (("restore", "{id}"), 1, "history.not_in_trash"),
        (("list", "--folder", "No such"), 2, "terminal.no_folder"),
        (("search", "x", "--since", "yesterday"), 2, "terminal.usage"),
        (("search",), 2, "terminal.usage"),
    ],
)
def test_failures_are_one_line_and_change_nothing(terminal, arguments, code, error):
    chat = terminal.chat("Chat", "One?")
    filled = [each.format(id=chat.id) for each in arguments]
    run = terminal.run(*filled)
    assert (run.returncode, run.stdout) == (code, "")
    assert len(run.stderr.splitlines()) == 1
    run = terminal.run(*filled, "--json")
    assert json.loads(run.stdout)["error"]["code"] == error
    assert terminal.history.conversation(chat.id).trashed_ms is None
