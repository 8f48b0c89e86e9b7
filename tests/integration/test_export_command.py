"""``main.py export …`` as a person types it."""

import json
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.export.formats import Formats
from app.history.organising import Organiser
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
        code = main(["--data-dir", str(self.path.parent), "export", *arguments], lambda *_: 99)
        return Run(code, *self.capture.readouterr())

    def json(self, *arguments: str) -> Any:
        run = self.run(*arguments, "--json")
        assert (run.returncode, run.stderr) == (0, ""), run.stderr
        return json.loads(run.stdout)

    def error(self, *arguments: str) -> tuple[int, str]:
        run = self.run(*arguments, "--json")
        assert len(run.stderr.splitlines()) == 1
        return run.returncode, json.loads(run.stdout)["error"]["code"]


@pytest.fixture
def terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    made = Terminal(tmp_path / "data")
    made.capture = capfd
    yield made
    made.database.close()


def names(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def command(terminal: Terminal, *arguments: str) -> list[str]:
    data = str(terminal.path.parent)
    return [sys.executable, "main.py", "--data-dir", data, "export", *arguments]


def test_one_conversation_goes_to_stdout_alone(terminal):
    chat = terminal.chat("Fruit", "Red?")
    run = subprocess.run(
        command(terminal, "--conversation", chat.id),
        cwd=ROOT, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (0, b"")
    assert b"# Fruit" in run.stdout
    assert run.stdout.decode() == terminal.run("--conversation", chat.id).stdout
    without = terminal.run("--conversation", chat.id, "--no-statistics", "--no-dates").stdout
    assert len(without) < len(run.stdout)
    first = terminal.history.branch(chat.id)[1]
    terminal.turn(terminal.history.conversation(chat.id), None, "Another.", first.parent_id)
    branch = terminal.run("--conversation", chat.id, "--branch", first.id).stdout
    assert "Answer to Red?" in branch
    assert "Another." not in branch
    both = terminal.run("--conversation", chat.id, "--branches").stdout
    assert "Answer to Red?" in both
    assert "Another." in both


def test_everything_as_files_in_a_folder_a_zip_and_one_file(terminal, tmp_path):
    organiser = Organiser(terminal.database, terminal.posted.post)
    chats = [terminal.chat(title, "Why?") for title in ("Fruit", "Trees")]
    folder = terminal.wait(organiser.create_folder, "Work")
    terminal.wait(organiser.move, [chats[1].id], folder.id)
    told = terminal.json("--all", "--output", str(tmp_path / "out"))
    assert names(tmp_path / "out") == ["Fruit.md", "Work/Trees.md"]
    assert told["folder"] == str(tmp_path / "out")
    assert (told["files"], told["conversations"], told["messages"]) == (2, 2, 4)
    told = terminal.json("--all", "--zip", "--output", str(tmp_path / "out"))
    assert told["file"] == str(tmp_path / "out" / "Chats.zip")
    with zipfile.ZipFile(told["file"]) as archive:
        assert sorted(archive.namelist()) == ["Fruit.md", "Work/Trees.md"]
    told = terminal.json("--all", "--format", "json", "--output", str(tmp_path / "all.json"))
    assert told["file"] == str(tmp_path / "all.json")
    assert (tmp_path / "all.json").read_text() == terminal.run("--all", "--format", "json").stdout
    told = terminal.json("--folder", "Work", "--output", str(tmp_path / "flat"))
    assert names(tmp_path / "flat") == ["Trees.md"]
    told = terminal.json("--search", "fruit", "--output", str(tmp_path / "found.md"))
    assert "# Fruit" in (tmp_path / "found.md").read_text()
    two = [each for chat in chats for each in ("--conversation", chat.id)]
    assert terminal.json(*two, "--output", str(tmp_path / "two"))["files"] == 2


def test_an_existing_file_stays_unless_told(terminal, tmp_path):
    chat = terminal.chat("Fruit", "Red?")
    (tmp_path / "a.md").write_text("old")
    arguments = ("--conversation", chat.id, "--output", str(tmp_path / "a.md"))
    assert terminal.error(*arguments) == (1, "export.exists")
    assert (tmp_path / "a.md").read_text() == "old"
    run = terminal.run(*arguments, "--overwrite")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert "# Fruit" in (tmp_path / "a.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("--conversation", "nothing"), 1, "history.no_conversation"),
        (("--conversation", "nothing", "--output", "{to}"), 1, "history.no_conversation"),
        (("--all",), 1, "export.one_file"),
        (("--all", "--output", "{to}/no/where"), 1, "export.no_folder"),
        # A system that does not answer of this place: here, because the name is too long.
        (("--all", "--output", "{to}" + "x" * 300), 1, "export.io"),
        (("--search", "pear", "--output", "{to}"), 1, "export.nothing"),
        (("--folder", "No such"), 2, "terminal.no_folder"),
        (("--all", "--zip"), 2, "terminal.export_where"),
        (("--all", "--branch", "x"), 2, "terminal.export_branch"),
        (("--all", "--conversation", "x"), 2, "terminal.usage"),
        ((), 2, "terminal.usage"),
    ],
)
def test_failures_are_one_line_and_leave_nothing(terminal, tmp_path, arguments, code, error):
    terminal.chat("Fruit", "Red?")
    terminal.chat("Trees", "High?")
    filled = [each.format(to=tmp_path / "to") for each in arguments]
    assert terminal.error(*filled) == (code, error)
    assert [each.name for each in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize("name", Formats().names)
def test_every_format_is_there(terminal, tmp_path, name):
    chat = terminal.chat("Fruit", "Red?")
    path = tmp_path / f"a.{name}"
    run = terminal.run("--conversation", chat.id, "--format", name, "--output", str(path))
    assert (run.returncode, run.stderr) == (0, "")
    beginning = {"pdf": b"%PDF-", "docx": b"PK", "html": b"<!"}.get(name, b"")
    assert path.read_bytes().startswith(beginning)
    assert path.stat().st_size > 50


def test_a_reader_that_goes_away_is_no_traceback(terminal):
    chat = terminal.chat("Fruit", *(f"{'Long words ' * 2000}{n}?" for n in range(20)))
    line = " ".join(f"'{each}'" for each in command(terminal, "--conversation", chat.id))
    run = subprocess.run(
        f"{line} | head -c 10", cwd=ROOT, shell=True, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert len(run.stdout) == 10
    assert run.stderr == ""


def test_interrupted_it_leaves_nothing(terminal, tmp_path):
    chats = [terminal.chat(f"Chat {n}", "Why? " * 200, "How? " * 200) for n in range(150)]
    out = tmp_path / "out.zip"
    with subprocess.Popen(
        command(terminal, "--all", "--format", "html", "--output", str(out)),
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        while process.poll() is None and not list(tmp_path.glob(".moestro-export-*")):
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=60)
    assert b"Traceback" not in err
    if process.returncode == 130:
        assert [each.name for each in tmp_path.iterdir()] == ["data"]
    else:
        # It was done sooner than anybody could press a key.
        with zipfile.ZipFile(out) as archive:
            assert len(archive.namelist()) == len(chats)
