"""From an older version to this one: a checked copy first, each step whole or not at all."""

import signal
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from app.storage.connection import open_reader, open_writer
from app.storage.errors import StorageError
from app.storage.migrations import migrate, version_of
from tests.unit.storage.conftest import ONE, ROOT, TWO, m001_notes, m002_stars, texts


def columns(path: Path) -> tuple[int, list[str]]:
    connection = open_reader(path)
    try:
        names = [row[1] for row in connection.execute("PRAGMA table_info(notes)")]
        return version_of(connection), names
    finally:
        connection.close()


def test_an_older_file_is_migrated_after_a_copy(opener):
    opener.filled("a", "b")
    database = opener(TWO)
    assert texts(database) == ["a", "b"]
    assert columns(opener.path) == (2, ["row", "text", "star"])
    (copy,) = opener.backups.glob("*.sqlite3")
    assert copy.name.endswith("-migration.sqlite3")
    assert columns(copy) == (1, ["row", "text"])
    check = apsw.Connection(str(copy))
    assert check.pragma("integrity_check") == "ok"
    assert check.execute("SELECT text FROM notes ORDER BY row").fetchall() == [("a",), ("b",)]
    check.close()


def test_a_step_that_cannot_be_done_leaves_all_as_it_was(opener):
    def m002_broken(connection) -> None:
        m002_stars(connection)
        connection.execute("SELECT * FROM nothing_like_this")

    opener.filled("a")
    with pytest.raises(StorageError) as refusal:
        opener((m001_notes, m002_broken))
    assert refusal.value.code == "storage.not_migrated"
    assert columns(opener.path) == (1, ["row", "text"])
    assert texts(opener(TWO)) == ["a"]


def test_a_step_may_not_leave_a_reference_to_nothing(opener):
    def m002_reference(connection) -> None:
        connection.execute("CREATE TABLE pins (note INTEGER REFERENCES notes (row))")
        connection.execute("INSERT INTO pins VALUES (77)")

    opener.filled("a")
    with pytest.raises(StorageError):
        opener((m001_notes, m002_reference))
    assert columns(opener.path)[0] == 1


def test_without_room_for_the_copy_nothing_is_migrated(opener):
    opener.filled("a")
    opener.backups.write_bytes(b"a file in place of the folder")
    with pytest.raises(StorageError):
        opener(TWO)
    assert columns(opener.path)[0] == 1


@pytest.mark.parametrize("step", [0, 1])
@pytest.mark.parametrize("moment", ["before", "inside"])
def test_killed_at_a_step_it_is_old_or_new(opener, step, moment):
    script = (
        "import os, sys, signal\n"
        "from pathlib import Path\n"
        "from app.storage.connection import open_writer\n"
        "from app.storage.migrations import migrate\n"
        "from tests.unit.storage.conftest import TWO\n"
        "path, step, moment = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]\n"
        "def dying(connection):\n"
        "    if moment == 'inside':\n"
        "        TWO[step](connection)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "steps = list(TWO)\n"
        "steps[step] = dying\n"
        "migrate(open_writer(path), path, steps)\n"
    )
    opener.folder.mkdir()
    child = subprocess.run(
        [sys.executable, "-c", script, str(opener.path), str(step), moment], cwd=ROOT, timeout=60
    )
    assert child.returncode == -signal.SIGKILL
    if step:
        assert columns(opener.path) == (1, ["row", "text"])
    assert texts(opener(TWO)) == []
    assert columns(opener.path) == (2, ["row", "text", "star"])


def test_a_file_that_is_new_enough_is_not_touched(opener):
    opener.filled("a", migrations=TWO)
    before = opener.path.read_bytes()
    connection = open_writer(opener.path)
    migrate(connection, opener.path, TWO)
    migrate(connection, opener.path, ONE)
    connection.close()
    assert opener.path.read_bytes() == before
