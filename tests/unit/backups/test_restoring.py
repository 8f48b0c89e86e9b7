"""What a backup holds, and an earlier state back in use with the present one kept."""

import apsw
import pytest

from app.backups.describing import backup_named, describe, newest_good, verify
from app.backups.errors import BackupError
from app.backups.mending import mend_history
from app.backups.rescuing import salvage_file
from app.backups.restoring import is_waiting, restore
from app.history.repository import History
from app.history.schema import history_migrations
from app.storage.backup_files import BackupFile, Reason, list_backups
from app.storage.copies import keep_copy
from app.storage.opening import open_database
from app.wording import sentence, sentence_for
from tests.unit.backups.conftest import Folder


def keep(folder: Folder) -> BackupFile:
    return keep_copy(folder.paths.history, folder.paths.backups, Reason.MANUAL)


def test_what_is_in_a_backup_is_told_before_it_is_chosen(folder: Folder) -> None:
    for title in ("One", "Two", "Three", "Four"):
        folder.chat(title, turns=3)
    found = describe(keep(folder))
    assert (found.conversations, found.messages, found.trashed) == (4, 24, 0)
    assert found.newest_titles == ("Four", "Three", "Two")
    assert found.last_written_ms == 1_700_000_000_002
    assert found.file.size_bytes == found.file.path.stat().st_size


def test_an_earlier_state_comes_back_and_the_present_one_is_kept(folder: Folder) -> None:
    folder.chat("Old")
    backup = keep(folder)
    folder.chat("New")
    restore(folder.paths, backup)
    assert is_waiting(folder.paths)
    assert folder.titles() == ["Old"]
    assert not is_waiting(folder.paths)
    newest = list_backups(folder.paths.backups, "history")[0]
    assert newest.reason is Reason.RESTORE
    # And back again.
    restore(folder.paths, newest)
    assert folder.titles() == ["Old", "New"]
    assert backup.path.exists()


def test_a_backup_of_an_older_version_is_brought_up_to_date(folder: Folder) -> None:
    older = Folder(folder.paths.root)
    open_database(older.paths.history, history_migrations()[:1], None, older.posted.post).close()
    backup = keep(folder)
    folder.chat("New")
    restore(folder.paths, backup)
    assert folder.titles() == []


def test_a_damaged_backup_is_told_and_never_used(folder: Folder) -> None:
    folder.chat("Good")
    good = keep(folder)
    folder.chat("More")
    bad = keep(folder)
    bad.path.write_bytes(bad.path.read_bytes()[:-4096])
    for attempt in (lambda: verify(bad), lambda: restore(folder.paths, bad)):
        with pytest.raises(BackupError) as refusal:
            attempt()
        assert refusal.value.code == "backup.damaged"
        assert len(sentence_for(refusal.value)) <= 140
    assert not is_waiting(folder.paths)
    assert folder.titles() == ["Good", "More"]
    found = newest_good(folder.paths.backups, "history")
    assert found is not None
    assert found.file.path == good.path


def test_a_backup_is_named_in_several_ways(folder: Folder) -> None:
    with pytest.raises(BackupError) as refusal:
        backup_named(folder.paths.backups, "history", "newest")
    assert refusal.value.code == "backup.none"
    folder.chat("One")
    one, two = keep(folder), keep(folder)
    for name in ("newest", "2", two.name, str(two.path)):
        assert backup_named(folder.paths.backups, "history", name).path == two.path
    assert backup_named(folder.paths.backups, "history", "1").path == one.path
    with pytest.raises(BackupError) as refusal:
        backup_named(folder.paths.backups, "history", "../../etc/passwd")
    assert refusal.value.code == "backup.unknown"


def test_messages_whose_chat_was_lost_are_found_in_a_new_one(folder: Folder) -> None:
    lost, _other = folder.chat("Lost", turns=3), folder.chat("Other", turns=2)
    database = folder.open()

    def lose(connection) -> None:
        connection.execute("PRAGMA defer_foreign_keys=ON")
        connection.execute("CREATE TABLE saved AS SELECT * FROM messages")
        connection.execute("DELETE FROM conversations WHERE id = ?", (lost,))
        connection.execute("DELETE FROM messages")
        # The third of six messages is lost as well, and the second chat's leaf.
        connection.execute("DELETE FROM saved WHERE conversation_id = ? AND sequence = 3", (lost,))
        connection.execute("UPDATE conversations SET leaf_id = 'gone'")
        connection.execute(
            "INSERT INTO conversations (id, title, system_prompt, model_key, created_ms,"
            " updated_ms, sequence) VALUES (?, '', '', '', 0, 0, 0)", (lost,)
        )  # fmt: skip
        connection.execute("UPDATE saved SET parent_id = NULL WHERE sequence = 4")
        connection.execute("INSERT INTO messages SELECT * FROM saved")
        connection.execute("UPDATE messages SET parent_id = NULL WHERE sequence = 4")
        connection.execute("DROP TABLE saved")

    database.writer.run(lose)
    database.close()
    _ruin(folder, lost)
    database = folder.open()
    database.writer.run(mend_history)
    history = History(database)
    titles = {each.id: each.title for each in history.conversations()}
    assert titles[lost] == sentence("backup.recovered_title")
    # One line, though the third of six is gone.
    assert [message.sequence for message in history.branch(lost)] == [1, 2, 4, 5, 6]
    assert database.read(lambda c: c.execute("PRAGMA foreign_key_check").fetchall()) == []


def _ruin(folder: Folder, lost: str) -> None:
    raw = apsw.Connection(str(folder.paths.history))
    raw.execute("PRAGMA foreign_keys=OFF")
    raw.execute("DELETE FROM conversations WHERE id = ?", (lost,))
    raw.execute(
        "UPDATE messages SET parent_id = 'gone' WHERE sequence = 4 AND conversation_id = ?", (lost,)
    )
    raw.close()


def test_a_damaged_file_becomes_a_backup_to_restore(folder: Folder, tmp_path) -> None:
    for number in range(30):
        folder.chat(f"Chat {number}", turns=3)
    content = bytearray(folder.paths.history.read_bytes())
    content[:4096] = bytes(4096)
    damaged = tmp_path / "history.sqlite3.damaged-2026-01-01"
    damaged.write_bytes(content)
    kept, saved = salvage_file(folder.paths, damaged, history_migrations())
    assert (saved.saved["conversations"], saved.saved["messages"]) == (30, 180)
    assert kept.reason is Reason.REPAIR
    assert verify(kept).messages == 180
    assert damaged.read_bytes() == content
    (tmp_path / "diary").write_bytes(b"Dear diary " * 900)
    with pytest.raises(BackupError) as refusal:
        salvage_file(folder.paths, tmp_path / "diary", history_migrations())
    assert refusal.value.code == "backup.nothing_saved"


@pytest.mark.parametrize(
    ("statement", "kept"),
    [
        ("UPDATE conversations SET id = CAST(x'ff' || substr(id, 2) AS TEXT) WHERE id = ?", 1),
        ("UPDATE messages SET conversation_id = 'x' WHERE sequence = 1 AND conversation_id = ?", 1),
        ("UPDATE messages SET conversation_id = 'x' WHERE sequence = 3 AND conversation_id = ?", 1),
    ],
)
def test_a_name_that_was_damaged_is_known_by_its_neighbours(
    folder: Folder, statement: str, kept: int
) -> None:
    chat = folder.chat("Chat", turns=2)
    folder.open().close()
    raw = apsw.Connection(str(folder.paths.history))
    raw.execute("PRAGMA foreign_keys=OFF")
    raw.execute(statement, (chat,))
    assert raw.changes() == 1
    raw.close()
    database = folder.open()
    database.writer.run(mend_history)
    history = History(database)
    assert [each.title for each in history.conversations()] == ["Chat"] * kept
    assert len(history.branch(chat)) == 4


def test_a_fault_that_shows_only_when_all_is_checked_is_enough(folder: Folder) -> None:
    chat = folder.chat("Chat")
    bad = keep(folder)
    content = bytearray(bad.path.read_bytes())
    # Its index tells of another chat than its row.
    place = content.rindex(chat.encode())
    content[place : place + 4] = b"ffff"
    bad.path.write_bytes(content)
    assert describe(bad).conversations == 1
    for attempt in (lambda: verify(bad), lambda: restore(folder.paths, bad)):
        with pytest.raises(BackupError):
            attempt()
    assert not is_waiting(folder.paths)


def test_a_backup_of_a_newer_moestro_is_not_put_into_use(folder: Folder) -> None:
    """The program could not open it, and would not start any more."""
    folder.chat("Now")
    newer = keep(folder)
    raw = apsw.Connection(str(newer.path))
    raw.execute("CREATE TABLE of_the_future (row INTEGER PRIMARY KEY)")
    raw.pragma("user_version", len(history_migrations()) + 1)
    raw.close()
    assert describe(newer).conversations == 1
    with pytest.raises(BackupError) as refusal:
        restore(folder.paths, newer)
    assert refusal.value.code == "backup.newer"
    assert not is_waiting(folder.paths)
    assert folder.titles() == ["Now"]
