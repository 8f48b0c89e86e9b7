"""Another file in a database's place: the old one copied, its log never applied to the new one."""

import os
import signal
import subprocess
import sys

import pytest

from app.storage import examination, replacing
from app.storage.backup_files import Reason, list_backups
from app.storage.connection import open_copy
from app.storage.copies import copy_database, keep_copy
from app.storage.errors import StorageError
from app.storage.examination import FileState, examine
from app.storage.replacing import has_waiting, preparing
from tests.unit.storage.conftest import ONE, ROOT, Opener, add, texts


def make_wait(opener: Opener, backup) -> None:
    with preparing(opener.path) as part:
        copy_database(backup.path, part, source_is_copy=True)


def backup_with(opener: Opener, *notes: str):
    opener.filled(*notes)
    return keep_copy(opener.path, opener.backups, Reason.MANUAL)


def test_what_waits_takes_the_place_and_the_old_one_is_copied(opener):
    backup = backup_with(opener, "a")
    opener.filled("b")
    make_wait(opener, backup)
    database = opener()
    assert texts(database) == ["a"]
    assert [notice.code for notice in database.notices] == ["storage.replaced"]
    newest = list_backups(opener.backups, "notes")[0]
    assert newest.reason is Reason.RESTORE
    connection = open_copy(newest.path)
    assert connection.execute("SELECT text FROM notes ORDER BY row").fetchall() == [("a",), ("b",)]
    connection.close()
    database.close()
    assert opener().notices == ()


def test_a_log_of_the_old_file_is_not_applied_to_the_new_one(opener):
    """A program that was killed leaves its last changes in the log."""
    backup = backup_with(opener, "a")
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from app.storage.connection import open_writer, transaction\n"
        "c = open_writer(Path(sys.argv[1]))\n"
        "for n in range(40):\n"
        "    with transaction(c):\n"
        "        c.execute('INSERT INTO notes (text) VALUES (?)', ('z' * 3000,))\n"
        "os._exit(9)\n"
    )
    subprocess.run(
        [sys.executable, "-c", script, str(opener.path)], cwd=ROOT, timeout=60, check=False
    )
    make_wait(opener, backup)
    assert texts(opener()) == ["a"]
    connection = open_copy(list_backups(opener.backups, "notes")[0].path)
    assert connection.execute("SELECT count(*) FROM notes").fetchall() == [(41,)]
    connection.close()


def test_while_another_has_the_file_open_it_goes_on_waiting(opener):
    backup = backup_with(opener, "a")
    other = opener()
    make_wait(opener, backup)
    other.writer.run(add("b"))
    second = opener()
    assert [notice.code for notice in second.notices] == ["storage.busy"]
    assert texts(second) == ["a", "b"]
    assert has_waiting(opener.path)


def test_without_being_alone_nothing_is_replaced(opener):
    backup = backup_with(opener, "a")
    opener.filled("b")
    make_wait(opener, backup)
    assert texts(opener(exclusive=False)) == ["a", "b"]
    assert has_waiting(opener.path)


def test_in_the_place_of_a_damaged_file_which_is_set_aside(opener):
    backup = backup_with(opener, "a")
    opener.path.write_bytes(b"Dear diary")
    make_wait(opener, backup)
    assert texts(opener()) == ["a"]
    contents = [path.read_bytes() for path in opener.folder.glob("*.damaged-*")]
    assert b"Dear diary" in contents


def test_a_file_whose_damage_shows_only_when_it_is_copied_is_set_aside(opener, monkeypatch):
    monkeypatch.setattr(examination, "_CHECKED_BYTES", 0)
    backup = backup_with(opener, *(f"{n} " * 400 for n in range(60)))
    content = bytearray(opener.path.read_bytes())
    content[-4096 * 3 : -4096 * 2] = bytes(4096)
    opener.path.write_bytes(content)
    make_wait(opener, backup)
    database = opener()
    assert [notice.code for notice in database.notices] == ["storage.replaced"]
    assert len(texts(database)) == 60
    assert content in [path.read_bytes() for path in opener.folder.glob("*.damaged-*")]


def test_without_room_for_the_copy_the_old_file_is_opened(opener, monkeypatch):
    backup = backup_with(opener, "a")
    opener.filled("b")
    make_wait(opener, backup)

    def refuse(*_arguments) -> None:
        raise StorageError("backup.no_room", file="notes.sqlite3", gib=1.0)

    monkeypatch.setattr(replacing, "keep_copy", refuse)
    database = opener()
    assert texts(database) == ["a", "b"]
    assert [notice.code for notice in database.notices] == ["backup.no_room"]


def test_what_is_half_prepared_never_waits(opener):
    opener.filled("a")

    def write_half() -> None:
        with preparing(opener.path) as part:
            part.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert not has_waiting(opener.path)
    assert texts(opener()) == ["a"]


@pytest.mark.parametrize("step", range(6))
def test_killed_at_any_step_it_is_the_old_or_the_new(opener, step):
    backup = backup_with(opener, "a")
    opener.filled("b")
    make_wait(opener, backup)
    script = (
        "import os, sys, signal\n"
        "from pathlib import Path\n"
        "from app.storage import replacing\n"
        "from tests.unit.storage.conftest import ONE\n"
        "from app.storage.opening import open_database\n"
        "left = [int(sys.argv[2])]\n"
        "def dying(call):\n"
        "    def wrapped(*a, **k):\n"
        "        if left[0] == 0:\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
        "        left[0] -= 1\n"
        "        return call(*a, **k)\n"
        "    return wrapped\n"
        "for name in ('rename', 'replace', 'fsync', 'unlink'):\n"
        "    setattr(os, name, dying(getattr(os, name)))\n"
        "p = Path(sys.argv[1])\n"
        "open_database(p, ONE, p.parent / 'backups', lambda c: None)\n"
    )
    child = subprocess.run(
        [sys.executable, "-c", script, str(opener.path), str(step)], cwd=ROOT, timeout=60
    )
    assert child.returncode in (-signal.SIGKILL, 0)
    assert texts(opener()) == ["a"]
    # The last word before the restore is in a backup.
    found = [
        open_copy(each.path) for each in list_backups(opener.backups, "notes")
        if each.reason is Reason.RESTORE
    ]  # fmt: skip
    assert found
    for connection in found:
        assert connection.execute("SELECT count(*) FROM notes").fetchall() == [(2,)]
        connection.close()


def test_a_file_whose_making_was_cut_off_is_made_again_without_a_word(opener):
    """An empty file beside a journal that began with nothing."""
    opener.folder.mkdir()
    opener.path.touch()
    journal = opener.path.with_name(opener.path.name + "-journal")
    header = bytes.fromhex("d9d505f920a163d7") + bytes(4) + os.urandom(4) + bytes(4) + bytes(488)
    journal.write_bytes(header)
    assert examine(opener.path, ONE) is FileState.FRESH
    database = opener()
    assert database.notices == ()
    database.writer.run(add("a"))
    assert texts(database) == ["a"]


def test_a_journal_that_holds_pages_is_not_thrown_away(opener):
    opener.folder.mkdir()
    opener.path.touch()
    journal = opener.path.with_name(opener.path.name + "-journal")
    pages = (9).to_bytes(4, "big")
    content = bytes.fromhex("d9d505f920a163d7") + bytes(8) + pages + b"pages" * 200
    journal.write_bytes(content)
    assert [notice.code for notice in opener().notices] == ["storage.set_aside"]
    assert [path.read_bytes() for path in opener.folder.glob("*-journal")] == [content]


def test_killed_while_it_is_made_a_file_is_absent_or_whole(opener):
    script = (
        "import os, sys, signal\n"
        "from pathlib import Path\n"
        "from tests.unit.storage.conftest import m001_notes\n"
        "from app.storage.opening import open_database\n"
        "def dying(connection):\n"
        "    m001_notes(connection)\n"
        "    connection.cache_flush()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "open_database(Path(sys.argv[1]), (dying,), None, lambda c: None)\n"
    )
    opener.folder.mkdir()
    child = subprocess.run(
        [sys.executable, "-c", script, str(opener.path)], cwd=ROOT, timeout=60, check=False
    )
    assert child.returncode == -signal.SIGKILL
    assert examine(opener.path, ONE) is FileState.ABSENT
    assert opener().notices == ()
