"""An export in the background: whole or not at all, told of, given up when wanted."""

import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from app.export.base import ExportOptions, Given, Sink
from app.export.errors import ExportError
from app.export.exports import Exports
from app.export.formats import Formats
from app.export.job import Exported, ExportJob, ExportProgress
from app.export.scope import (
    Everything,
    InFolder,
    Scope,
    SearchResult,
    SomeConversations,
    SomeMessages,
    one_conversation,
)
from app.export.targets import Target
from app.history.entities import Conversation
from app.history.organising import Organiser
from app.ids import new_id
from models.errors import KnownError
from tests.unit.history.conftest import Kept

ROOT = Path(__file__).resolve().parents[3]
OPTIONS = ExportOptions()
_WAIT = 60.0


class Waiting:
    """A format that waits at its second message until the test lets it go on."""

    name = ending = "md"
    together = False
    keeps_trees = False
    last = 1_000
    """After so many messages it says no more how far it is."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.go_on = threading.Event()
        self.steps = 0

    def write(self, given: Iterable[Given], options: ExportOptions, sink: Sink) -> None:
        for each in given:
            for number, message in enumerate(each.messages):
                sink.write(message.text.encode() + b"\n")
                if number == 1:
                    self.reached.set()
                    assert self.go_on.wait(_WAIT)
                self.steps += 1
                if self.steps < self.last:
                    sink.step(1)


class One(Formats):
    """Only this format, whatever is asked for."""

    def __init__(self, only: Any) -> None:
        super().__init__()
        self._only = only

    def get(self, name: str) -> Any:
        return self._only


class Desk:
    """Exports of a history, and what was heard of them."""

    def __init__(self, kept: Kept, formats: Formats | None = None) -> None:
        self.kept = kept
        self.exports = Exports(kept.database, kept.posted.post, formats)
        self.done: list[Exported] = []
        self.errors: list[KnownError] = []
        self.progress: list[ExportProgress] = []

    def begin(self, scope: Scope, name: str, target: Target) -> ExportJob:
        return self.exports.begin(
            scope, name, OPTIONS, target, self.done.append, self.errors.append,
            self.progress.append,
        )  # fmt: skip

    def end(self) -> Exported:
        assert self.kept.posted.run_until(lambda: bool(self.done or self.errors), _WAIT)
        if self.errors:
            raise self.errors.pop()
        return self.done.pop()

    def run(self, scope: Scope, name: str, target: Target) -> Exported:
        self.begin(scope, name, target)
        return self.end()

    def code(self, scope: Scope, name: str, target: Target) -> str:
        with pytest.raises(KnownError) as error:
            self.run(scope, name, target)
        return error.value.code


@pytest.fixture
def desk(kept):
    made = Desk(kept)
    yield made
    made.exports.close()


def files_in(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def test_one_conversation_becomes_one_file(kept, desk, tmp_path):
    chat = kept.chat("Fruit", "Red?", "Green?")
    exported = desk.run(one_conversation(chat.id), "md", Target(tmp_path / "a.md"))
    text = (tmp_path / "a.md").read_text()
    assert "Answer to Green?" in text
    assert text == desk.exports.text(chat.id, "md")
    assert exported == Exported(tmp_path / "a.md", 1, 1, 4, len(text.encode()))
    assert [each for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_everything_in_one_file_is_ordered_by_id(kept, desk, tmp_path):
    chats = [kept.chat(f"Chat {number}", "Why?") for number in range(3)]
    desk.run(Everything(), "json", Target(tmp_path / "a.json"))
    text = (tmp_path / "a.json").read_text()
    places = [text.index(f'"id":"{chat.id}"') for chat in sorted(chats, key=lambda c: c.id)]
    assert places == sorted(places)
    desk.run(SomeConversations(tuple(c.id for c in chats[::-1])), "json", Target(tmp_path / "b"))
    assert (tmp_path / "b").read_text() == text


def test_many_become_a_folder_with_folders_in_it(kept, desk, tmp_path):
    organiser = Organiser(kept.database, kept.posted.post)
    chats = [kept.chat(title, "Why?") for title in ("Same", "same", "../../up", "Other", "Same")]
    folder = kept.wait(organiser.create_folder, "a/b: CON")
    kept.wait(organiser.move, [chats[0].id, chats[3].id], folder.id)
    exported = desk.run(Everything(), "md", Target(tmp_path / "out", "folder"))
    assert files_in(tmp_path / "out") == [
        "Same 2.md", "a-b- CON/Other.md", "a-b- CON/Same.md", "same.md", "up.md",
    ]  # fmt: skip
    assert (exported.files, exported.conversations, exported.messages) == (5, 5, 10)
    # Of one folder there is no other to tell it from.
    desk.run(InFolder(folder.id), "md", Target(tmp_path / "flat", "folder"))
    assert files_in(tmp_path / "flat") == ["Other.md", "Same.md"]


def test_a_chat_is_not_called_as_a_folder_beside_it(kept, desk, tmp_path):
    organiser = Organiser(kept.database, kept.posted.post)
    inside, _outside = kept.chat("A", "Why?"), kept.chat("X", "Why?")
    folder = kept.wait(organiser.create_folder, "x.md")
    kept.wait(organiser.move, [inside.id], folder.id)
    desk.run(Everything(), "md", Target(tmp_path / "out", "folder"))
    assert files_in(tmp_path / "out") == ["X 2.md", "x.md/A.md"]


def test_a_folder_that_is_there_keeps_what_it_has(kept, desk, tmp_path):
    kept.chat("Fruit", "Red?")
    out = tmp_path / "out"
    out.mkdir()
    (out / "FRUIT.md").write_text("mine")
    (out / "note.txt").write_text("mine")
    desk.run(Everything(), "md", Target(out, "folder"))
    assert files_in(out) == ["FRUIT.md", "Fruit 2.md", "note.txt"]
    desk.run(Everything(), "md", Target(out, "folder"))
    assert files_in(out) == ["FRUIT.md", "Fruit 2.md", "Fruit 3.md", "note.txt"]
    (out / "Fruit.md").write_text("old")
    desk.run(Everything(), "md", Target(out, "folder", overwrite=True))
    assert (out / "Fruit.md").read_text() != "old"
    assert (out / "FRUIT.md").read_text() == "mine"


def test_a_zip_has_the_same_files_and_the_same_bytes_each_time(kept, desk, tmp_path):
    organiser = Organiser(kept.database, kept.posted.post)
    chats = [kept.chat(title, "Why?") for title in ("Ä", "b", "../..")]
    folder = kept.wait(organiser.create_folder, "Work")
    kept.wait(organiser.move, [chats[1].id], folder.id)
    for name in ("one.zip", "two.zip"):
        desk.run(Everything(), "md", Target(tmp_path / name, "zip"))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == ["Work/b.md", "chat.md", "Ä.md"]
        text = archive.read("Work/b.md").decode()
    assert text == desk.exports.text(chats[1].id, "md")


def test_a_file_of_its_own_is_never_made_of_several(kept, desk, tmp_path):
    kept.chat("A", "Why?")
    assert desk.run(Everything(), "md", Target(tmp_path / "one.md")).conversations == 1
    kept.chat("B", "Why?")
    assert desk.code(Everything(), "md", Target(tmp_path / "two.md")) == "export.one_file"
    assert [each.name for each in tmp_path.glob("*two*")] == []


def test_nothing_to_export_is_said(kept, desk, tmp_path):
    assert desk.code(SearchResult("pear "), "md", Target(tmp_path / "a", "folder")) == (
        "export.nothing"
    )
    assert desk.code(Everything(), "md", Target(tmp_path / "a.zip", "zip")) == "export.nothing"
    assert desk.code(one_conversation("x"), "md", Target(tmp_path / "a")) == (
        "history.no_conversation"
    )
    # A file of everything may hold nothing, and is read again as such.
    assert desk.run(Everything(), "json", Target(tmp_path / "a.json")).conversations == 0
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == ["a.json"]


@pytest.mark.parametrize("packing", ["file", "folder", "zip"])
def test_what_is_cancelled_leaves_nothing(kept, tmp_path, packing):
    chat = kept.chat("Fruit", "Red?", "Green?", "Blue?")
    slow = Waiting()
    desk = Desk(kept, One(slow))
    target = tmp_path / "out"
    job = desk.begin(one_conversation(chat.id), "md", Target(target, packing))
    assert slow.reached.wait(_WAIT)
    job.cancel()
    slow.go_on.set()
    with pytest.raises(ExportError) as error:
        desk.end()
    assert error.value.code == "export.cancelled"
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == []
    assert job.is_over
    # At the message after, not at the end.
    assert slow.steps == 2


def test_what_is_cancelled_at_its_very_end_leaves_nothing_either(kept, tmp_path):
    chat = kept.chat("Fruit", "Red?")
    slow = Waiting()
    slow.last = 2
    desk = Desk(kept, One(slow))
    job = desk.begin(one_conversation(chat.id), "md", Target(tmp_path / "a.md"))
    assert slow.reached.wait(_WAIT)
    job.cancel()
    slow.go_on.set()
    with pytest.raises(ExportError) as error:
        desk.end()
    assert error.value.code == "export.cancelled"
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == []


def test_closing_gives_up_what_is_under_way(kept, tmp_path):
    chat = kept.chat("Fruit", "Red?", "Green?")
    slow = Waiting()
    desk = Desk(kept, One(slow))
    (tmp_path / "a.md").write_text("old")
    desk.begin(one_conversation(chat.id), "md", Target(tmp_path / "a.md", overwrite=True))
    assert slow.reached.wait(_WAIT)
    threading.Timer(0.05, slow.go_on.set).start()
    desk.exports.close()
    assert (tmp_path / "a.md").read_text() == "old"
    assert [each for each in tmp_path.iterdir() if each.name.startswith(".")] == []


@pytest.mark.parametrize("way", ["begin", "peek", "given"])
def test_closing_does_not_wait_for_the_whole_index(kept, desk, tmp_path, monkeypatch, way):
    """An index that is never done, which would take a disk of texts."""
    kept.chat("Fruit", "Red?")
    looked = threading.Event()
    ends = time.monotonic() + _WAIT

    def index_for(_connection: object, _writer: object, _seconds: float) -> bool:
        looked.set()
        time.sleep(0.02)
        return time.monotonic() < ends

    monkeypatch.setattr("app.export.scope_search.index_for", index_for)
    scope, exports = SearchResult("red"), desk.exports
    heard: list[object] = []
    if way == "begin":
        desk.begin(scope, "json", Target(tmp_path / "a.json"))
    elif way == "peek":
        exports.peek(scope, "md", OPTIONS, None, heard.append, heard.append)
    else:
        exports.given(scope, "md", OPTIONS, heard.append, heard.append)
    assert looked.wait(_WAIT)
    exports.close()
    assert time.monotonic() < ends
    assert not (tmp_path / "a.json").exists()


def test_what_is_erased_meanwhile_is_counted_as_gone(kept, tmp_path):
    chats = sorted((kept.chat(f"{n}", "Why?") for n in range(3)), key=lambda chat: chat.id)
    slow = Waiting()
    desk = Desk(kept, One(slow))
    desk.begin(Everything(), "md", Target(tmp_path / "out", "folder"))
    assert slow.reached.wait(_WAIT)
    kept.database.writer.run(
        lambda c: c.execute("DELETE FROM conversations WHERE id = ?", (chats[2].id,))
    )
    slow.go_on.set()
    exported = desk.end()
    assert (exported.conversations, exported.gone, exported.files) == (2, 1, 2)


def test_progress_tells_how_far_it_is(kept, tmp_path):
    for number in range(3):
        kept.chat(f"{number}", "Why?", "And?")
    slow = Waiting()
    desk = Desk(kept, One(slow))
    job = desk.begin(Everything(), "md", Target(tmp_path / "out", "folder"))
    assert slow.reached.wait(_WAIT)
    job._run._begun -= 10.0  # as if it had taken longer
    job._run._told -= 10.0
    slow.go_on.set()
    desk.end()
    told = desk.progress[0]
    assert (told.conversations, told.of, told.messages) == (0, 3, 2)
    assert told.size_bytes > 0
    # Half of the first of three took more than ten seconds.
    assert told.seconds_left is not None
    assert 45 < told.seconds_left < 120


def test_a_target_that_cannot_be_is_told_at_once(kept, desk, tmp_path):
    chat = kept.chat("A", "Why?")
    (tmp_path / "file").write_text("old")
    scope = one_conversation(chat.id)
    assert desk.code(scope, "md", Target(tmp_path / "file")) == "export.exists"
    assert desk.code(scope, "md", Target(tmp_path / "no" / "a.md")) == "export.no_folder"
    assert desk.code(scope, "md", Target(tmp_path / "no" / "a", "folder")) == "export.no_folder"
    assert desk.code(scope, "md", Target(tmp_path / "file" / "a", "folder")) == "export.no_folder"
    assert desk.code(scope, "md", Target(tmp_path / "file", "folder")) == "export.exists"
    assert desk.code(scope, "md", Target(tmp_path / "data", overwrite=True)) == "export.not_allowed"
    assert (tmp_path / "file").read_text() == "old"


def test_a_file_that_appears_meanwhile_is_not_replaced(kept, tmp_path):
    chat = kept.chat("Fruit", "Red?", "Green?")
    slow = Waiting()
    desk = Desk(kept, One(slow))
    desk.begin(one_conversation(chat.id), "md", Target(tmp_path / "a.md"))
    assert slow.reached.wait(_WAIT)
    (tmp_path / "a.md").write_text("mine")
    slow.go_on.set()
    with pytest.raises(ExportError) as error:
        desk.end()
    assert error.value.code == "export.exists"
    assert (tmp_path / "a.md").read_text() == "mine"
    assert [each for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_the_beginning_is_there_without_the_rest(kept, desk):
    chat = kept.chat("Fruit", *(f"Question {number}?" for number in range(30)))
    whole = desk.exports.text(chat.id, "md").encode()
    heard: list[Any] = []
    desk.exports.peek(one_conversation(chat.id), "md", OPTIONS, 500, heard.append, heard.append)
    desk.exports.peek(one_conversation(chat.id), "md", OPTIONS, None, heard.append, heard.append)
    assert kept.posted.run_until(lambda: len(heard) == 2, _WAIT)
    first, second = sorted(heard, key=lambda each: each.is_whole)
    assert (first.data, first.is_whole, first.conversations) == (whole[:500], False, 1)
    assert (second.data, second.is_whole) == (whole, True)


def test_a_preview_that_is_not_wanted_any_more_is_not_told(kept, desk):
    chat = kept.chat("Fruit", "Red?")
    heard: list[Any] = []
    for _ in range(3):
        scope = one_conversation(chat.id)
        desk.exports.peek(scope, "md", OPTIONS, 100, heard.append, heard.append).cancel()
    desk.exports.given(Everything(), "md", OPTIONS, heard.append, heard.append)
    assert kept.posted.run_until(lambda: bool(heard), _WAIT)
    (given,) = heard
    assert given.conversation.title == "Fruit"
    assert given.file is None
    desk.exports.peek(SearchResult("x"), "md", OPTIONS, 9, heard.append, heard.append)
    assert kept.posted.run_until(lambda: len(heard) == 2, _WAIT)
    assert heard[1].code == "export.nothing"


def test_names_that_are_suggested(kept, desk):
    organiser = Organiser(kept.database, kept.posted.post)
    chat = kept.chat("A/B", "Why?")
    folder = kept.wait(organiser.create_folder, "Work")
    exports = desk.exports
    assert exports.suggested_name(one_conversation(chat.id), "md") == "A-B.md"
    message = kept.history.branch(chat.id)[0].id
    assert exports.suggested_name(SomeMessages(chat.id, (message,)), "txt") == "A-B.txt"
    assert exports.suggested_name(InFolder(folder.id), "md", "folder") == "Work"
    assert exports.suggested_name(InFolder(folder.id), "md", "zip") == "Work.zip"
    assert exports.suggested_name(SearchResult("red apple"), "json") == "red apple.json"
    assert exports.suggested_name(Everything(), "json") == "Chats.json"
    assert exports.packing(Everything(), "json") == "file"
    assert exports.packing(Everything(), "md") == "folder"
    assert exports.packing(one_conversation(chat.id), "md") == "file"


def test_what_is_said_of_formats_without_importing_them_is_true():
    formats = Formats()
    for name in formats.names:
        chosen = formats.get(name)
        assert (chosen.name, chosen.ending) == (name, name)
        assert chosen.together == formats.is_together(name)


def test_a_fault_of_a_format_is_told_and_leaves_nothing(kept, tmp_path):
    class Broken(Waiting):
        def write(self, given: Iterable[Given], options: ExportOptions, sink: Sink) -> None:
            sink.write(b"x")
            raise ValueError

    kept.turn(Conversation(new_id(), "A"), "Why?", "So.")
    desk = Desk(kept, One(Broken()))
    assert desk.code(Everything(), "md", Target(tmp_path / "a.md")) == "general.unexpected"
    assert [each.name for each in tmp_path.iterdir() if each.name != "data"] == []


def test_a_start_imports_no_format_and_nothing_that_exports():
    late = ("html", "pdf", "docx", "markdown", "job", "peeking", "mirror_pass", "zip_place")
    names = [f"app.export.{each}" for each in late] + ["docx", "pygments", "markdown_it"]
    code = f"import sys, app.services; print(sorted(set({names!r}) & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert run.stdout.strip() == "[]", run.stderr
