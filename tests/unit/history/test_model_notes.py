"""Notes about models: kept like everything that a person wrote, whatever the library does."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.history.model_notes import MOST_CHARACTERS, ModelNotes
from app.history.repository import History
from app.history.schema import history_migrations
from app.posting import CallbackQueue
from app.storage.opening import Database, open_database

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "history"


class Kept:
    """Notes in a file of their own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.posted = CallbackQueue()
        self.open()

    def open(self) -> None:
        self.database: Database = open_database(
            self.path, history_migrations(), self.path.parent / "backups", self.posted.post
        )
        self.notes = ModelNotes(self.database, lambda: 1_800_000_000_000)

    def set(self, key: str, text: str) -> Any:
        heard: list[Any] = []
        self.notes.set(key, text, lambda _none: heard.append(None), heard.append)
        assert self.posted.run_until(lambda: bool(heard), 20)
        return heard[0]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path / "history.sqlite3")
    yield made
    made.database.close()


def test_a_note_is_there_after_a_restart(kept: Kept) -> None:
    assert kept.notes.get("a-1") == ""
    assert kept.set("a-1", "Good at German.\n\n  Slow.  ") is None
    kept.set("b-2", "巴黎 \ud800")
    kept.database.close()
    kept.open()
    assert kept.notes.get("a-1") == "Good at German.\n\n  Slow."
    assert set(kept.notes.all()) == {"a-1", "b-2"}
    # Half a character, which no file can carry, is replaced.
    assert kept.notes.get("b-2").rstrip("\ufffd") == "巴黎 "


def test_a_note_is_changed_and_white_space_removes_it(kept: Kept) -> None:
    kept.set("a-1", "one")
    kept.set("a-1", "two")
    assert kept.notes.all() == {"a-1": "two"}
    kept.set("a-1", " \n\t ")
    assert kept.notes.all() == {}


def test_a_note_has_an_end(kept: Kept) -> None:
    kept.set("a-1", "x" * (MOST_CHARACTERS + 1))
    assert len(kept.notes.get("a-1")) == MOST_CHARACTERS


def test_what_cannot_be_kept_is_told(kept: Kept) -> None:
    kept.set("a-1", "before")
    kept.database.writer.close()
    assert kept.set("a-1", "after").code == "storage.closed"
    assert kept.notes.get("a-1") == "before"


def test_a_note_that_a_disk_ruined_is_no_note(kept: Kept) -> None:
    kept.set("a-1", "text")
    kept.database.writer.run(
        lambda connection: connection.execute("UPDATE model_notes SET text = x'ff'")
    )
    assert kept.notes.get("a-1") == ""


@pytest.mark.parametrize("version", [1, 2])
def test_stored_files_open_with_their_notes(version: int, tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite3"
    shutil.copy(FIXTURES / f"v{version}.sqlite3", path)
    kept = Kept(path)
    try:
        assert kept.database.notices == ()
        assert len(History(kept.database).conversations()) == 2
        told = {"abc-123": "Good at German.\nSlow on the laptop.", "def-456": "巴黎"}
        assert kept.notes.all() == (told if version > 1 else {})
        assert len(list((tmp_path / "backups").glob("*-migration.sqlite3"))) == 1
    finally:
        kept.database.close()
