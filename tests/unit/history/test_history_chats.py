"""The list of conversations: changes, trash, search, damaged rows, a stored old file."""

import shutil
from pathlib import Path

import apsw
import pytest

from app.history.entities import Conversation, MessageState, Role
from app.history.errors import HistoryError
from app.history.repository import TRASH_MS, History
from app.history.schema import history_migrations
from app.ids import new_id
from app.storage.opening import open_database
from app.wording import SENTENCES

FIXTURES = Path(__file__).parents[2] / "fixtures" / "history"


def titles(conversations: list[Conversation]) -> list[str]:
    return [conversation.title for conversation in conversations]


def test_changes_are_kept_and_leave_the_order_alone(kept):
    one = kept.chat("One", "1?")
    kept.chat("Two", "2?")
    kept.wait(kept.history.rename, one.id, "Uno \0 \ud800")
    kept.wait(kept.history.set_system_prompt, one.id, "Be brief.")
    stored = kept.wait(kept.history.set_model, one.id, "other-key")
    assert stored == kept.history.conversation(one.id)
    assert stored.title.startswith("Uno \0 \ufffd")
    assert (stored.system_prompt, stored.model_key) == ("Be brief.", "other-key")
    assert [c.id for c in kept.history.conversations()][1] == one.id


def test_what_is_not_there_has_a_sentence(kept):
    for call in (
        lambda: kept.history.conversation("nothing"),
        lambda: kept.history.conversation("\udcff"),
        lambda: kept.history.messages("nothing"),
        lambda: kept.history.branch("nothing"),
        lambda: kept.wait(kept.history.rename, "nothing", "x"),
        lambda: kept.wait(kept.history.set_sampling, "nothing", None),
    ):
        with pytest.raises(HistoryError) as error:
            call()
        assert error.value.code == "history.no_conversation"
    with pytest.raises(HistoryError) as error:
        kept.history.siblings("nothing")
    assert error.value.code == "history.no_message"


def test_the_trash_keeps_everything_and_gives_it_back(kept):
    one = kept.chat("One", "1?")
    two = kept.chat("Two", "2?")
    before = kept.history.messages(one.id), kept.history.conversation(one.id)
    assert kept.wait(kept.history.trash, [one.id, "nothing"]) == 1
    assert titles(kept.history.conversations()) == ["Two"]
    (trashed,) = kept.history.conversations(trashed=True)
    assert (trashed.id, trashed.trashed_ms) == (one.id, kept.now)
    kept.now += 1000
    assert kept.wait(kept.history.trash, [one.id]) == 0
    assert kept.history.conversation(one.id).trashed_ms == kept.now - 1000
    kept.reopen()
    assert kept.wait(kept.history.restore, [one.id, two.id]) == 1
    assert (kept.history.messages(one.id), kept.history.conversation(one.id)) == before
    assert titles(kept.history.conversations()) == ["Two", "One"]


def test_the_trash_is_erased_after_thirty_days_only(kept):
    old = kept.chat("Old", "an old secret")
    kept.wait(kept.history.trash, [old.id])
    kept.now += TRASH_MS - 1
    new = kept.chat("New", "1?")
    kept.wait(kept.history.trash, [new.id])
    assert kept.wait(kept.history.purge) == 0
    kept.now += 2
    kept.chat("Here", "2?")
    assert kept.wait(kept.history.purge) == 1
    assert titles(kept.history.conversations(trashed=True)) == ["New"]
    assert titles(kept.history.conversations()) == ["Here"]
    kept.database.close()
    assert b"an old secret" not in kept.path.read_bytes()
    raw = apsw.Connection(str(kept.path))
    assert raw.execute("SELECT count(*) FROM messages").fetchone()[0] == 4
    raw.close()
    kept.open()


def test_a_clock_that_jumps_ahead_does_not_empty_the_trash(kept):
    gone = kept.chat("Gone", "1?")
    kept.wait(kept.history.trash, [gone.id])
    kept.now += 50 * 365 * 24 * 60 * 60 * 1000
    assert kept.wait(kept.history.purge) == 0
    assert titles(kept.history.conversations(trashed=True)) == ["Gone"]


def test_a_turn_in_a_chat_erased_by_another_program_is_kept(kept):
    conversation = Conversation(new_id(), "Erased")
    kept.wait(kept.history.create, conversation)
    kept.ruin("DELETE FROM conversations")
    kept.turn(conversation, "Still?", "Yes.")
    assert [m.text for m in kept.history.messages(conversation.id)] == ["Still?", "Yes."]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("paris", ["Paris in spring", "Capitals"]),
        ("PARIS", ["Paris in spring", "Capitals"]),
        ("straße", ["Straßen"]),
        ("STRASSE", ["Straßen"]),
        ("ÄPFEL", ["Straßen"]),
        ("北京", ["Capitals"]),
        ("100%", ["Capitals"]),
        ("_", []),
        ("after\0nul", ["Straßen"]),
        ("nowhere", []),
        ("\ud800", []),
        ("", ["Straßen", "Paris in spring", "Capitals"]),
    ],
)
def test_search_finds_words_in_titles_and_messages(kept, text, found):
    kept.chat("Capitals", "Is 北京 or Paris 100% bigger?")
    kept.chat("Paris in spring", "What to see?")
    kept.chat("Straßen", "äpfel after\0nul")
    trashed = kept.chat("Paris in the trash")
    kept.wait(kept.history.trash, [trashed.id])
    assert titles(kept.history.search(text)) == found
    assert titles(kept.history.search(text, limit=1)) == found[:1]


def test_another_programs_writes_are_noticed_and_ours_are_not(kept):
    kept.chat("One", "1?")
    kept.history.data_version()
    kept.database.writer.run(lambda _connection: None)
    before = kept.history.data_version()
    kept.chat("Two", "2?")
    assert kept.history.data_version() == before
    other = open_database(
        kept.path, history_migrations(), None, lambda callback: callback(), exclusive=False
    )
    History(other).create(Conversation(new_id(), "Theirs"))
    other.close()
    kept.history.data_version()
    kept.database.writer.run(lambda _connection: None)
    assert kept.history.data_version() != before
    assert "Theirs" in titles(kept.history.conversations())


RUINS = [
    ("UPDATE messages SET details = '{not json' WHERE row = 2", "details"),
    ("UPDATE messages SET details = '[]' WHERE row = 2", "details"),
    ("UPDATE messages SET details = x'ff' WHERE row = 2", "details"),
    ("UPDATE messages SET details = '{\"model_key\": 5}' WHERE row = 2", "details"),
    ("UPDATE messages SET role = 'oracle' WHERE row = 2", "role"),
    ("UPDATE messages SET state = 'molten' WHERE row = 2", "state"),
    ("UPDATE messages SET text = CAST(x'416cff6c' AS TEXT) WHERE row = 2", "text"),
    ("UPDATE messages SET reasoning = CAST(x'ff' AS TEXT) WHERE row = 2", "reasoning"),
    ("UPDATE messages SET state = CAST(x'ff' AS TEXT) WHERE row = 2", "state"),
]


@pytest.mark.parametrize(("ruin", "what"), RUINS)
def test_a_ruined_row_is_shown_and_harms_no_other(kept, ruin, what):
    conversation = kept.chat("Ruined", "One?", "Two?")
    other = kept.chat("Other", "Three?")
    before = kept.history.messages(conversation.id)
    kept.ruin(ruin)
    kept.reopen()
    assert kept.database.notices == ()
    after = kept.history.messages(conversation.id)
    assert [m.id for m in after] == [m.id for m in before]
    assert after[1].repair_note == "history.repaired"
    assert after[1].repair_note in SENTENCES
    assert after[1].role is Role.ASSISTANT
    assert after[1].state is MessageState.COMPLETE
    if what == "text":
        assert after[1].text == "Al\ufffdl"
    else:
        assert after[1].text == before[1].text
    assert (after[1].details is None) == (what == "details")
    assert [after[0], *after[2:]] == [before[0], *before[2:]]
    assert all(m.repair_note == "" for m in kept.history.messages(other.id))
    assert len(kept.history.search("Answer to")) == 2


def test_nulls_where_none_may_be_are_shown_too(kept):
    conversation = kept.chat("Ruined", "One?")
    kept.database.close()
    raw = apsw.Connection(str(kept.path))
    raw.execute("PRAGMA writable_schema=ON")
    raw.execute(
        "UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', ' /*kept*/') WHERE type = 'table'"
    )
    raw.close()
    raw = apsw.Connection(str(kept.path))
    raw.execute("UPDATE messages SET text = NULL, role = NULL, created_ms = NULL WHERE row = 2")
    raw.execute("UPDATE conversations SET title = NULL, sampling = 'x', sequence = NULL")
    raw.execute("PRAGMA writable_schema=ON")
    raw.execute("UPDATE sqlite_schema SET sql = replace(sql, ' /*kept*/', ' NOT NULL')")
    raw.close()
    kept.open()
    assert kept.database.notices == ()
    (listed,) = kept.history.conversations()
    assert (listed.id, listed.title, listed.sampling) == (conversation.id, "", None)
    messages = kept.history.messages(conversation.id)
    assert [m.repair_note for m in messages] == ["", "history.repaired"]
    assert messages[1].text == ""


def test_parents_in_a_circle_or_lost_come_to_an_end(kept):
    conversation = kept.chat("Circle", "One?", "Two?")
    messages = kept.history.messages(conversation.id)
    kept.ruin("UPDATE messages SET parent_id = ? WHERE row = 1", messages[3].id)
    kept.reopen()
    assert [m.id for m in kept.history.branch(conversation.id)] == [m.id for m in messages]
    kept.ruin("UPDATE messages SET parent_id = 'gone' WHERE row = 3")
    assert [m.id for m in kept.history.branch(conversation.id)] == [m.id for m in messages[2:]]
    kept.ruin("UPDATE conversations SET leaf_id = 'gone'")
    assert kept.history.branch(conversation.id)[-1].id == messages[3].id


def test_a_stored_file_of_version_1_opens_whole(tmp_path):
    """Made by the release that first had version 1; never made again."""
    path = tmp_path / "history.sqlite3"
    shutil.copy(FIXTURES / "v1.sqlite3", path)
    database = open_database(
        path, history_migrations(), tmp_path / "backups", lambda callback: callback()
    )
    try:
        history = History(database)
        assert database.notices == ()
        assert titles(history.conversations()) == ["Zwei Fragen", "Capitals"]
        assert titles(history.conversations(trashed=True)) == ["In the trash"]
        capitals = history.conversations()[1]
        assert capitals.system_prompt == "Answer in one sentence."
        assert capitals.sampling is not None
        assert capitals.sampling.temperature == 0.25
        branch = history.branch(capitals.id)
        assert [m.text for m in branch] == ["Capital of France?", "Paris.\0 Or 巴黎."]
        assert branch[1].reasoning == "France, so Paris."
        assert len(history.siblings(branch[1].id)) == 2
        assert branch[1].details is not None
        assert branch[1].details.timings is not None
        assert branch[1].details.timings.generated_tokens == 12
        assert all(m.repair_note == "" for m in history.messages(capitals.id))
        german = history.messages(history.conversations()[0].id)
        assert [m.state for m in german] == [
            MessageState.COMPLETE,
            MessageState.COMPLETE,
            MessageState.COMPLETE,
            MessageState.INTERRUPTED,
        ]
    finally:
        database.close()


@pytest.mark.parametrize("version", range(1, len(history_migrations()) + 1))
def test_a_stored_file_has_the_tables_of_a_new_one(version: int, tmp_path: Path) -> None:
    """A released step must not change: the file of then and a file of now are alike."""

    def tables(path: Path) -> list[tuple[str, str]]:
        connection = apsw.Connection(path.as_uri() + "?immutable=1", flags=0x41)
        try:
            rows = connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name")
            return [(row[0], " ".join((row[1] or "").split())) for row in rows]
        finally:
            connection.close()

    path = tmp_path / "history.sqlite3"
    open_database(path, history_migrations()[:version], None, lambda callback: callback()).close()
    assert tables(FIXTURES / f"v{version}.sqlite3") == tables(path)
