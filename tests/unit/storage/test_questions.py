"""Questions on a thread of their own: the newest wins, the long one is interrupted, all end."""

import threading
import time

import apsw
import pytest

from app.posting import CallbackQueue
from app.storage.errors import StorageError
from app.storage.questions import QuestionThread, reading, rows_within

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "numbers.sqlite3"
    connection = apsw.Connection(str(made))
    connection.execute("CREATE TABLE numbers (i); INSERT INTO numbers VALUES (1), (2), (3)")
    connection.close()
    return made


class Room:
    def __init__(self, path, work=lambda _connection: False):
        self.posted = CallbackQueue()
        self.heard = []
        self.prepared = 0
        self.questions = QuestionThread(path, self.posted.post, self._prepare, work)

    def _prepare(self, _connection):
        self.prepared += 1

    def ask(self, sql):
        self.questions.ask(
            lambda connection: connection.execute(sql).fetchall(),
            self.heard.append,
            self.heard.append,
        )

    def wait(self, count=1):
        assert self.posted.run_until(lambda: len(self.heard) >= count, 30)

    def settle(self):
        self.posted.run_until(lambda: False, 0.3)


@pytest.fixture
def room(path):
    made = Room(path)
    yield made
    made.questions.close()


def test_the_newest_question_ends_an_endless_one(room):
    room.ask(ENDLESS)
    time.sleep(0.2)
    room.ask("SELECT i FROM numbers")
    room.wait()
    room.settle()
    assert room.heard == [[(1,), (2,), (3,)]]
    assert room.prepared == 1


def test_what_is_taken_back_is_never_told(room):
    room.ask("SELECT 1")
    time.sleep(0.2)
    # The answer is posted already, and not heard yet.
    room.questions.cancel()
    room.ask(ENDLESS)
    time.sleep(0.1)
    room.questions.cancel()
    room.settle()
    assert room.heard == []
    room.ask("SELECT 2")
    room.wait()
    assert room.heard == [[(2,)]]


def test_faults_are_told_and_the_next_question_is_answered(room):
    room.ask("SELECT * FROM nothing_like_this")
    room.wait()
    room.questions.ask(lambda _connection: 1 // 0, room.heard.append, room.heard.append)
    room.wait(2)
    assert [error.code for error in room.heard] == ["general.unexpected"] * 2
    assert room.questions.wait_for(lambda c: c.execute("SELECT 5").fetchall()) == [(5,)]
    with pytest.raises(StorageError):
        room.questions.wait_for(lambda c: c.execute("INSERT INTO numbers VALUES (4)"))


def test_a_file_that_is_not_there_is_told(tmp_path):
    room = Room(tmp_path / "nothing.sqlite3")
    room.ask("SELECT 1")
    room.wait()
    assert isinstance(room.heard[0], StorageError)
    room.questions.close()


def test_closing_ends_an_endless_question_and_refuses_the_next(room):
    failures = []

    def wait() -> None:
        try:
            room.questions.wait_for(lambda c: c.execute(ENDLESS).fetchall())
        except StorageError as error:
            failures.append(error.code)

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.2)
    room.questions.close()
    waiting.join(20)
    assert not waiting.is_alive()
    with pytest.raises(StorageError):
        room.questions.wait_for(lambda c: c.execute("SELECT 1").fetchall())
    room.questions.wake()
    assert failures == ["storage.closed"]


def test_a_question_that_waits_is_answered_when_a_newer_one_comes(room):
    """Else whoever waits for it would wait for ever."""
    failures = []

    def wait() -> None:
        try:
            room.questions.wait_for(lambda c: c.execute("SELECT 7").fetchall())
        except StorageError as error:
            failures.append(error.code)

    room.ask(ENDLESS)
    time.sleep(0.1)
    waiting = threading.Thread(target=wait)
    waiting.start()
    for number in range(20):
        room.ask(f"SELECT {number}")
    waiting.join(20)
    assert not waiting.is_alive()
    room.settle()
    assert room.heard[-1] == [(19,)]


def test_work_in_the_background_gives_way_and_goes_on(path):
    done = []
    room = Room(path, lambda _connection: (done.append(time.monotonic()), len(done) < 8)[1])
    room.questions.wake()
    for number in range(3):
        room.ask(f"SELECT {number}")
        room.wait(number + 1)
    deadline = time.monotonic() + 20
    while len(done) < 8 and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.2)
    assert len(done) == 8
    assert room.heard == [[(0,)], [(1,)], [(2,)]]
    room.questions.wake()
    time.sleep(0.2)
    assert len(done) == 9
    room.questions.close()


def test_work_that_fails_stops_and_questions_go_on(path):
    room = Room(path, lambda _connection: bool(1 // 0))
    room.questions.wake()
    time.sleep(0.1)
    room.ask("SELECT 1")
    room.wait()
    room.questions.close()


def test_rows_are_read_as_long_as_there_is_time(path):
    connection = apsw.Connection(str(path))
    rows, all_of_them = reading(
        connection, lambda c: rows_within(c, "SELECT i FROM numbers WHERE i > ?", (1,), 5)
    )
    assert (rows, all_of_them) == ([(2,), (3,)], True)
    endless = ENDLESS.replace("count(*)", "i")
    rows, all_of_them = rows_within(connection, endless + " WHERE i % 1000 = 0", (), 0.2)
    assert not all_of_them
    assert rows[:2] == [(1000,), (2000,)]
    # The clock is not looked at any more.
    assert connection.execute("SELECT count(*) FROM numbers").fetchone() == (3,)
    connection.close()
