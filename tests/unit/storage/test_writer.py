"""The one writer: order, errors, a full disk, kills, other programs."""

import resource
import select
import subprocess
import sys
import threading
import time

import apsw
import pytest

from app.storage.connection import open_reader, open_writer, transaction
from app.storage.errors import StorageError
from app.storage.opening import open_database
from models.errors import KnownError
from tests.unit.storage.conftest import ONE, ROOT, add, texts


def test_work_is_done_in_order_and_told_on_the_state_thread(opener):
    database = opener()
    heard: list[tuple[int, str]] = []

    def done_for(number):
        return lambda _result: heard.append((number, threading.current_thread().name))

    for number in range(50):
        database.writer.submit(add(str(number)), done_for(number))
    assert opener.posted.run_until(lambda: len(heard) == 50, timeout=30)
    here = threading.current_thread().name
    assert heard == [(number, here) for number in range(50)]
    assert texts(database) == [str(number) for number in range(50)]


def test_an_error_of_the_work_takes_everything_back(opener):
    database = opener()
    heard: list[KnownError] = []

    def work(connection) -> None:
        add("half")(connection)
        raise KnownError("history.no_message", id="x")

    database.writer.submit(work, failed=heard.append)
    database.writer.run(add("whole"))
    assert opener.posted.run_until(lambda: bool(heard), timeout=30)
    assert heard[0].code == "history.no_message"
    assert texts(database) == ["whole"]


def test_a_fault_of_ours_is_told_and_the_thread_lives(opener):
    database = opener()
    heard: list[KnownError] = []

    def work(connection) -> None:
        add("half")(connection)
        raise ZeroDivisionError

    database.writer.submit(work, failed=heard.append)
    database.writer.submit(work)
    with pytest.raises(ZeroDivisionError):
        database.writer.run(work)
    database.writer.run(add("whole"))
    assert opener.posted.run_until(lambda: bool(heard), timeout=30)
    assert heard[0].code == "general.unexpected"
    assert texts(database) == ["whole"]


def test_sql_that_makes_no_sense_is_a_fault_of_ours(opener):
    with pytest.raises(StorageError) as error:
        opener().writer.run(lambda connection: connection.execute("SELEKT"))
    assert error.value.code == "general.unexpected"


def test_closing_finishes_what_was_submitted_and_empties_the_log(opener):
    database = opener()
    for number in range(100):
        database.writer.submit(add(str(number)))
    database.close()
    assert not opener.path.with_name(opener.path.name + "-wal").exists()
    assert len(texts(opener())) == 100


def test_closing_empties_the_log_also_while_another_program_has_the_file_open(opener):
    database = opener()
    other = open_writer(opener.path)
    database.writer.run(add("a"))
    wal = opener.path.with_name(opener.path.name + "-wal")
    assert wal.stat().st_size > 0
    database.close()
    assert wal.stat().st_size == 0
    other.close()


def test_closing_does_not_wait_long_for_another_programs_reading(opener):
    database = opener()
    database.writer.run(add("a"))
    other = open_reader(opener.path)
    with transaction(other, "DEFERRED"):
        other.execute("SELECT count(*) FROM notes").fetchall()
        database.writer.run(add("b"))
        database.close()
    other.close()
    assert texts(opener()) == ["a", "b"]


def test_after_closing_work_is_refused_and_told(opener):
    database = opener()
    database.close()
    heard: list[KnownError] = []
    database.writer.submit(add("late"), failed=heard.append)
    assert opener.posted.run_until(lambda: bool(heard), timeout=30)
    assert heard[0].code == "storage.closed"
    with pytest.raises(StorageError):
        database.writer.run(add("late"))
    database.close()


def test_a_full_database_is_told_and_works_again_with_room(opener):
    database = opener()
    database.writer.run(add("before"))
    pages = database.writer.run(lambda connection: connection.pragma("page_count"))
    database.writer.run(lambda connection: connection.pragma("max_page_count", pages))
    heard: list[KnownError] = []
    database.writer.submit(add("too much " * 2000), failed=heard.append)
    assert opener.posted.run_until(lambda: bool(heard), timeout=30)
    assert heard[0].code == "storage.disk_full"
    assert texts(database) == ["before"]
    database.writer.run(lambda connection: connection.pragma("max_page_count", 1_000_000))
    database.writer.run(add("too much " * 2000))
    assert len(texts(database)) == 2


def test_no_room_for_the_file_is_a_full_disk_until_there_is_room(opener):
    """The system itself refuses the write: a file size limit, which CPython lets pass."""
    database = opener()
    database.writer.run(add("before"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    wal = opener.path.with_name(opener.path.name + "-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size + 5000, hard))
    try:
        with pytest.raises(StorageError) as error:
            database.writer.run(add("too much " * 20_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert error.value.code == "storage.disk_full"
    assert texts(database) == ["before"]
    database.writer.run(add("after"))
    assert texts(database) == ["before", "after"]
    assert database.writer.run(lambda connection: connection.pragma("integrity_check")) == "ok"


def test_another_programs_write_is_waited_for(opener):
    database = opener()
    other = open_writer(opener.path)
    begun, released = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction(other):
            add("theirs")(other)
            begun.set()
            released.wait(timeout=30)

    thread = threading.Thread(target=hold)
    thread.start()
    assert begun.wait(timeout=30)
    heard: list[object] = []
    database.writer.submit(add("ours"), heard.append, heard.append)
    time.sleep(0.3)
    released.set()
    thread.join()
    other.close()
    assert opener.posted.run_until(lambda: bool(heard), timeout=30)
    assert heard == [None]
    assert texts(database) == ["theirs", "ours"]


def test_another_program_that_never_ends_is_told(opener):
    database = opener()
    database.writer.run(lambda connection: connection.pragma("busy_timeout", 100))
    other = open_writer(opener.path)
    try:
        with transaction(other), pytest.raises(StorageError) as error:
            database.writer.run(add("ours"))
    finally:
        other.close()
    assert error.value.code == "storage.busy"
    database.writer.run(add("later"))
    assert texts(database) == ["later"]


def test_two_programs_writing_lose_nothing(opener):
    opener.filled()
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from app.storage.opening import open_database\n"
        "from tests.unit.storage.conftest import ONE, add\n"
        "d = open_database(Path(sys.argv[1]), ONE, None, lambda c: None, exclusive=False)\n"
        "for n in range(60):\n"
        "    d.writer.run(add('theirs'))\n"
        "d.close()\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script, str(opener.path)], cwd=ROOT)
    database = opener()
    for _ in range(60):
        database.writer.run(add("ours"))
    assert child.wait(timeout=100) == 0
    assert sorted(texts(database)) == ["ours"] * 60 + ["theirs"] * 60


def test_writes_of_others_change_the_version_and_ours_do_not(opener):
    database = opener()
    database.writer.run(add("a"))
    first = database.writer.outside_version
    database.writer.run(add("b"))
    assert database.writer.outside_version == first
    other = open_writer(opener.path)
    add("theirs")(other)
    other.close()
    database.writer.run(lambda _connection: None)
    assert database.writer.outside_version != first


def test_a_killed_writer_loses_nothing_that_was_acknowledged(opener, tmp_path):
    """Killed at ten random moments while it commits as fast as it can."""
    opener.filled()
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from app.storage.opening import open_database\n"
        "from tests.unit.storage.conftest import ONE, add\n"
        "d = open_database(Path(sys.argv[1]), ONE, None, lambda callback: callback())\n"
        "for n in range(100000):\n"
        "    text = f'{sys.argv[2]}.{n}'\n"
        "    say = lambda _r, text=text: os.write(1, (text + '\\n').encode())\n"
        "    d.writer.submit(add(text + ' ' * 500), say)\n"
        "    d.writer.run(lambda c: None) if n % 20 == 0 else None\n"
    )
    acknowledged: list[str] = []
    for number in range(10):
        child = subprocess.Popen(
            [sys.executable, "-c", script, str(opener.path), str(number)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        assert child.stdout is not None
        assert select.select([child.stdout], [], [], 60)[0]
        time.sleep(0.01 + 0.017 * number)
        child.kill()
        said, _ = child.communicate(timeout=60)
        acknowledged += said.decode().split()
    database = opener()
    assert database.notices == ()
    kept = {text.strip() for text in texts(database)}
    assert len(acknowledged) >= 10
    assert set(acknowledged) <= kept
    assert database.writer.run(lambda connection: connection.pragma("integrity_check")) == "ok"


def test_reading_is_of_one_state_while_others_write(opener):
    database = opener()
    database.writer.run(add("a"))

    def twice(connection) -> tuple[int, int]:
        first = connection.execute("SELECT count(*) FROM notes").fetchone()[0]
        database.writer.run(add("b"))
        return first, connection.execute("SELECT count(*) FROM notes").fetchone()[0]

    assert database.read(twice) == (1, 1)
    assert texts(database) == ["a", "b"]


def test_damage_found_while_reading_has_a_sentence(opener):
    opener.filled(*(f"{n} " * 400 for n in range(60)))
    database = opener()
    # Another program ruins the file while it is open.
    with opener.path.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xff" * 4096 * 3)
    with pytest.raises(StorageError) as error:
        texts(database)
    assert error.value.code == "storage.damaged"


def test_erased_words_are_gone_from_the_file(opener):
    database = opener()
    database.writer.run(add("a secret word"))
    database.close()
    assert b"a secret word" in opener.path.read_bytes()
    database = open_database(opener.path, ONE, None, opener.posted.post)
    database.writer.run(lambda connection: connection.execute("DELETE FROM notes"))
    database.close()
    assert b"a secret word" not in opener.path.read_bytes()
    check = apsw.Connection(str(opener.path))
    assert check.pragma("secure_delete") == 0, "the setting is the connection's, not the file's"
    check.close()
