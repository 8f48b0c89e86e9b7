"""Drafts: kept by conversation, whatever is in them, and erased with it."""

import shutil
from pathlib import Path

import pytest

from app.history.drafts import Draft, DraftFile, Drafts
from app.history.entities import Conversation
from app.history.repository import History
from app.history.schema import history_migrations
from app.storage.opening import Database, open_database
from app.text import clean

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "history"


@pytest.fixture
def database(tmp_path: Path):
    opened = open_database(
        tmp_path / "history.sqlite3", history_migrations(), None, lambda callback: callback()
    )
    yield opened
    opened.close()


def settle(database: Database) -> None:
    database.writer.run(lambda _connection: None)


def test_each_conversation_has_its_own_and_the_new_chat_too(database: Database) -> None:
    drafts = Drafts(database)
    here = Draft("half a thought", (DraftFile("a-1", "report.pdf", "part", "3-5"),))
    drafts.keep("c-1", here)
    drafts.keep("", Draft("new"))
    settle(database)
    assert drafts.get("c-1") == here
    assert drafts.get() == Draft("new")
    assert drafts.get("c-2") == Draft()
    drafts.keep("c-1", Draft("another"))
    settle(database)
    assert drafts.get("c-1") == Draft("another")


def test_an_empty_draft_is_forgotten(database: Database) -> None:
    drafts = Drafts(database)
    drafts.keep("c-1", Draft("words"))
    drafts.keep("c-1", Draft())
    settle(database)
    assert drafts.get("c-1") == Draft()
    count = database.read(lambda c: c.execute("SELECT count(*) FROM drafts").fetchone())
    assert count == (0,)


@pytest.mark.parametrize("text", ["a\ud800b", "a\x00b", "🙂\u202e<|im_end|>", "x" * 1_000_000])
def test_any_text_comes_back(database: Database, text: str) -> None:
    Drafts(database).keep("c-1", Draft(text, (DraftFile("a-1", "\ud800.txt"),)))
    settle(database)
    kept = Drafts(database).get("c-1")
    assert kept.text == clean(text)
    assert kept.files[0].name == clean("\ud800.txt")


def test_a_ruined_row_is_an_empty_draft(database: Database) -> None:
    Drafts(database).keep("c-1", Draft("words"))
    settle(database)
    database.writer.run(lambda c: c.execute("UPDATE drafts SET content = x'ff00'"))
    assert Drafts(database).get("c-1") == Draft()


def test_what_is_erased_takes_its_draft_along(database: Database) -> None:
    history, drafts = History(database), Drafts(database)
    for identity in ("c-1", "c-2"):
        history.create(Conversation(identity, "title"))
        drafts.keep(identity, Draft("secret"))
    history.trash(["c-1"])
    settle(database)
    assert drafts.get("c-1") == Draft("secret"), "it can still be brought back"
    history.purge(older_than_ms=-1)
    settle(database)
    assert drafts.get("c-1") == Draft()
    assert drafts.get("c-2") == Draft("secret")


def test_an_older_history_gets_room_for_drafts(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite3"
    shutil.copy(FIXTURES / "v5.sqlite3", path)
    database = open_database(path, history_migrations(), None, lambda callback: callback())
    try:
        Drafts(database).keep("", Draft("words"))
        settle(database)
        assert Drafts(database).get() == Draft("words")
    finally:
        database.close()
