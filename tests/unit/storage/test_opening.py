"""Every state a database file can be in when it is opened."""

import hashlib
import os
import random
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import apsw
import pytest

from app.storage import examination
from app.storage.connection import open_reader
from app.storage.errors import StorageError
from app.storage.examination import FileState, examine
from app.storage.opening import open_database
from app.wording import sentence
from tests.unit.storage.conftest import ONE, ROOT, TWO, Opener, add, m001_notes, texts


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def kept_files(opener: Opener) -> list[str]:
    return sorted(path.name for path in opener.folder.glob("*.damaged-*"))


def check_begun_anew(opener: Opener, original: bytes | None) -> None:
    """The file was set aside byte for byte, it is told, and a new one works."""
    database = opener()
    assert [notice.code for notice in database.notices] == ["storage.set_aside"]
    assert len(sentence("storage.set_aside", database.notices[0].facts)) <= 140
    kept = opener.folder / str(database.notices[0].facts["kept"])
    if original is not None:
        assert kept.read_bytes() == original
    assert texts(database) == []
    database.writer.run(add("new"))
    assert texts(database) == ["new"]


def test_an_absent_file_is_begun_without_a_word(opener):
    database = opener()
    assert database.notices == ()
    database.writer.run(add("a"))
    assert texts(database) == ["a"]
    assert not opener.backups.exists()


def test_a_fine_file_is_opened_again(opener):
    opener.filled("a", "b")
    database = opener()
    assert database.notices == ()
    assert texts(database) == ["a", "b"]


def test_reading_after_the_end_is_told(opener):
    database = opener()
    database.close()
    with pytest.raises(StorageError) as caught:
        texts(database)
    assert caught.value.code == "storage.closed"


def test_an_empty_file_is_begun_and_told(opener):
    opener.folder.mkdir()
    opener.path.touch()
    database = opener()
    assert [notice.code for notice in database.notices] == ["storage.was_empty"]
    database.writer.run(add("a"))
    assert kept_files(opener) == []


def test_a_directory_in_its_place_is_set_aside(opener):
    (opener.path / "inside").mkdir(parents=True)
    check_begun_anew(opener, None)
    assert (opener.folder / kept_files(opener)[0] / "inside").is_dir()


def test_a_pipe_in_its_place_does_not_block(opener):
    opener.folder.mkdir()
    os.mkfifo(opener.path)
    check_begun_anew(opener, None)


@pytest.mark.parametrize("content", [b"Dear diary", b"\0" * 20_000, b"SQLite format 3\0", b"x"])
def test_a_file_that_is_no_database_is_set_aside(opener, content):
    opener.folder.mkdir()
    opener.path.write_bytes(content)
    check_begun_anew(opener, content)


@pytest.mark.parametrize("part", [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999])
def test_a_truncated_file_is_set_aside(opener, part):
    opener.filled(*(f"{n} " * 400 for n in range(60)))
    content = opener.path.read_bytes()
    cut = content[: int(len(content) * part)]
    opener.path.write_bytes(cut)
    check_begun_anew(opener, cut)


def test_any_zeroed_page_is_noticed_or_harmless(opener):
    opener.filled(*(f"{n} " * 400 for n in range(60)))
    content = opener.path.read_bytes()
    pages = len(content) // 4096
    assert pages > 10
    for page in range(pages):
        broken = content[: page * 4096] + bytes(4096) + content[(page + 1) * 4096 :]
        opener.path.write_bytes(broken)
        state = examine(opener.path, ONE)
        # The content of a long text has no structure to check: it can only be read as it is.
        assert state is FileState.DAMAGED or _reads_all(opener.path, 60)
    opener.path.write_bytes(bytes(4096) + content[4096:])
    check_begun_anew(opener, bytes(4096) + content[4096:])


def _reads_all(path: Path, count: int) -> bool:
    connection = open_reader(path)
    try:
        return len(connection.execute("SELECT CAST(text AS BLOB) FROM notes").fetchall()) == count
    finally:
        connection.close()


def test_flipped_bytes_never_stop_the_application(opener):
    opener.filled(*(f"{n} " * 40 for n in range(80)))
    content = opener.path.read_bytes()
    dice = random.Random(20261123)
    for _ in range(60):
        changed = bytearray(content)
        changed[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        opener.path.write_bytes(changed)
        for name in ("-wal", "-shm"):
            opener.path.with_name(opener.path.name + name).unlink(missing_ok=True)
        if examine(opener.path, ONE) is FileState.NEWER:
            with pytest.raises(StorageError):
                opener()
            assert opener.path.read_bytes() == changed
            continue
        database = opener()
        database.writer.run(add("after"))
        if database.notices:
            kept = opener.folder / str(database.notices[0].facts["kept"])
            assert kept.read_bytes() == changed
        database.close()


def test_nothing_set_aside_is_ever_overwritten(opener):
    for number in range(3):
        opener.folder.mkdir(exist_ok=True)
        opener.path.write_bytes(b"rubbish %d" % number)
        opener().close()
    kept = kept_files(opener)
    assert len(kept) == 3
    contents = sorted((opener.folder / name).read_bytes() for name in kept)
    assert contents == [b"rubbish 0", b"rubbish 1", b"rubbish 2"]


def test_the_log_goes_along_with_a_damaged_file(opener):
    opener.folder.mkdir()
    opener.path.write_bytes(b"rubbish")
    wal = opener.path.with_name(opener.path.name + "-wal")
    wal.write_bytes(b"the last words")
    check_begun_anew(opener, b"rubbish")
    assert [path.read_bytes() for path in opener.folder.glob("*.damaged-*-wal")] == [
        b"the last words"
    ]


def test_a_log_without_its_file_is_not_thrown_away(opener):
    opener.folder.mkdir()
    wal = opener.path.with_name(opener.path.name + "-wal")
    wal.write_bytes(b"the last words")
    assert opener().notices[0].code == "storage.set_aside"
    (kept,) = opener.folder.glob("*.damaged-*-wal")
    assert kept.read_bytes() == b"the last words"


def test_a_log_left_behind_by_a_kill_is_read(opener):
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from app.storage.connection import open_writer, transaction\n"
        "c = open_writer(Path(sys.argv[1]))\n"
        "with transaction(c):\n"
        "    c.execute(\"INSERT INTO notes (text) VALUES ('in the log')\")\n"
        "os._exit(9)\n"
    )
    opener.filled("a")
    child = subprocess.run([sys.executable, "-c", script, str(opener.path)], cwd=ROOT, timeout=60)
    assert child.returncode == 9
    assert opener.path.with_name(opener.path.name + "-wal").stat().st_size > 0
    opener.path.with_name(opener.path.name + "-shm").write_bytes(b"garbage" * 5000)
    database = opener()
    assert database.notices == ()
    assert texts(database) == ["a", "in the log"]


def test_a_cut_off_change_is_taken_back(opener):
    """A journal of the older kind is left where making the file was cut off."""
    script = (
        "import os, sys, apsw\n"
        "c = apsw.Connection(sys.argv[1])\n"
        "c.pragma('journal_mode', 'delete')\n"
        "c.execute('BEGIN IMMEDIATE')\n"
        "c.execute(\"UPDATE notes SET text = 'half' || text\")\n"
        "c.cache_flush()\n"
        "os._exit(9)\n"
    )
    opener.filled(*(f"{n} " * 400 for n in range(60)))
    subprocess.run(
        [sys.executable, "-c", script, str(opener.path)], cwd=ROOT, timeout=60, check=False
    )
    assert opener.path.with_name(opener.path.name + "-journal").stat().st_size > 0
    database = opener()
    assert database.notices == ()
    assert [text[:4] for text in texts(database) if text.startswith("half")] == []
    assert len(texts(database)) == 60


def test_a_newer_file_is_refused_and_not_changed(opener):
    opener.filled("a", migrations=TWO)
    before = sha256(opener.path)
    with pytest.raises(StorageError) as refusal:
        opener(ONE)
    assert refusal.value.code == "storage.newer"
    assert sha256(opener.path) == before
    assert kept_files(opener) == []
    assert texts(opener(TWO)) == ["a"]


def test_a_database_of_another_program_is_set_aside(opener):
    opener.folder.mkdir()
    other = apsw.Connection(str(opener.path))
    other.execute("CREATE TABLE other (a)")
    other.close()
    check_begun_anew(opener, opener.path.read_bytes())


def test_a_file_that_could_not_be_looked_at_is_let_go(opener, monkeypatch):
    """A disk that was full: space is freed, and the same program tries again."""
    opener.filled("a")
    monkeypatch.setattr(examination, "version_of", refuse)
    with pytest.raises(StorageError) as refusal:
        examine(opener.path, ONE)
    assert refusal.value.code == "storage.disk_full"
    assert str(opener.path) not in [each.filename for each in apsw.connections()]


def refuse(_connection) -> int:
    raise apsw.FullError("full")


def test_an_odd_value_in_a_row_is_not_damage(opener):
    opener.filled("a", "b")
    raw = apsw.Connection(str(opener.path))
    raw.execute("PRAGMA writable_schema=ON")
    raw.execute("UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '')")
    raw.close()
    raw = apsw.Connection(str(opener.path))
    raw.execute("UPDATE notes SET text = NULL WHERE row = 1")
    raw.execute("PRAGMA writable_schema=ON")
    raw.execute("UPDATE sqlite_schema SET sql = replace(sql, 'text TEXT', 'text TEXT NOT NULL')")
    raw.close()
    check = open_reader(opener.path)
    assert "NULL value in notes.text" in check.execute("PRAGMA quick_check").fetchall()[0][0]
    check.close()
    assert opener().notices == ()


def test_without_exclusive_nothing_is_set_aside(opener):
    opener.folder.mkdir()
    opener.path.write_bytes(b"rubbish")
    with pytest.raises(StorageError) as refusal:
        opener(exclusive=False)
    assert refusal.value.code == "storage.damaged"
    assert opener.path.read_bytes() == b"rubbish"


def test_without_exclusive_nothing_is_migrated(opener):
    opener.filled("a")
    before = sha256(opener.path)
    with pytest.raises(StorageError) as refusal:
        opener(TWO, exclusive=False)
    assert refusal.value.code == "storage.older"
    assert sha256(opener.path) == before


def test_a_file_in_place_of_the_folder_is_told(opener):
    opener.folder.write_bytes(b"")
    with pytest.raises(StorageError) as refusal:
        opener()
    assert refusal.value.code == "storage.folder"


def test_files_and_folders_are_the_owners_alone(opener):
    before = os.umask(0)
    try:
        opener.filled("a")
        opener(TWO).writer.run(add("b"))
    finally:
        os.umask(before)
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in opener.folder.rglob("*")}
    assert stat.S_IMODE(opener.folder.stat().st_mode) == 0o700
    assert found.pop("backups") == 0o700
    assert {"notes.sqlite3", "notes.sqlite3-wal"} <= set(found)
    assert set(found.values()) == {0o600}


def test_a_file_that_others_could_read_is_closed_to_them(opener):
    opener.filled("a")
    opener.path.chmod(0o666)
    opener()
    assert stat.S_IMODE(opener.path.stat().st_mode) == 0o600


def test_the_file_is_opened_as_promised(opener):
    database = opener()

    def settings(connection):
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        return [connection.pragma(name) for name in names]

    assert database.writer.run(lambda c: c.pragma("busy_timeout")) == 5000
    assert database.writer.run(settings) == ["wal", 2, 1, 1]
    with pytest.raises(StorageError) as refusal:
        database.read(add("the reader cannot write"))
    assert refusal.value.code == "storage.read_only"


def in_child(work) -> int:
    """Run ``work`` in a forked child that may not do what root may; its exit code."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_may_not_be_written_is_refused_and_not_changed(what):
    with tempfile.TemporaryDirectory() as name:
        opener = Opener(Path(name) / "data")
        opener.filled("a")
        before = sha256(opener.path)
        for path in (Path(name), opener.folder, *opener.folder.iterdir()):
            if os.geteuid() == 0:
                os.chown(path, 65534, 65534)
        (opener.path if what == "file" else opener.folder).chmod(0o400 if what == "file" else 0o500)

        def work() -> int:
            try:
                open_database(opener.path, ONE, None, lambda _callback: None)
            except StorageError as error:
                return 10 if error.code == "storage.read_only" else 11
            return 12

        try:
            assert in_child(work) == 10
        finally:
            opener.folder.chmod(0o700)
        assert sha256(opener.path) == before
        assert stat.S_IMODE(opener.path.stat().st_mode) == (0o400 if what == "file" else 0o600)


def test_ten_programs_at_once_begin_one_file(opener):
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from app.storage.opening import open_database\n"
        "from tests.unit.storage.conftest import ONE, add\n"
        "d = open_database(Path(sys.argv[1]), ONE, None, lambda c: None, exclusive=False)\n"
        "assert d.notices == ()\n"
        "d.writer.run(add(sys.argv[2]))\n"
        "d.close()\n"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", script, str(opener.path), str(number)], cwd=ROOT)
        for number in range(6)
    ]
    assert [child.wait(timeout=100) for child in children] == [0] * 6
    assert sorted(texts(opener())) == [str(number) for number in range(6)]


def test_a_step_in_another_program_is_not_done_twice(opener):
    """Two threads open an absent file; the step would stop the second if it were repeated."""
    both = threading.Barrier(2)
    errors: list[BaseException] = []

    def slow(connection) -> None:
        m001_notes(connection)

    def start() -> None:
        try:
            both.wait(timeout=30)
            open_database(opener.path, (slow,), None, lambda _callback: None).close()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
