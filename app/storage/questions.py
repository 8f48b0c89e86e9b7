"""Questions to a database on a thread and a connection of their own; the newest one wins."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import apsw

from app.posting import Post
from app.storage.connection import Connection, facts_of, open_reader, storage_error, transaction
from app.storage.errors import StorageError
from models.errors import KnownError

log = logging.getLogger("moestro.storage")

T = TypeVar("T")

_PAUSE_SECONDS = 0.02
"""Between two pieces of work in the background: other threads come first."""

_STEPS = 4_000
"""Of SQLite's machine between two looks at the clock: well below a millisecond."""


@dataclass(frozen=True, slots=True)
class _Question:
    number: int
    query: Callable[[Connection], Any]
    tell: Callable[[Any, KnownError | None], None]


class QuestionThread:
    """Answers what was asked last and drops what came before; works for itself when idle.

    ``prepare`` is called with each new connection. ``work`` is done in the background after
    ``wake``: it takes a moment, outside a transaction, and returns whether there is more. Both
    run on this thread. Used on the state thread.
    """

    def __init__(
        self,
        path: Path,
        post: Post,
        prepare: Callable[[Connection], None],
        work: Callable[[Connection], bool],
    ) -> None:
        self._path = path
        self._post = post
        self._prepare = prepare
        self._work = work
        self._changed = threading.Condition()
        self._question: _Question | None = None
        self._number = 0
        self._awake = False
        self._closed = False
        self._connection: Connection | None = None
        self._thread: threading.Thread | None = None

    def ask(
        self,
        query: Callable[[Connection], T],
        done: Callable[[T], None],
        failed: Callable[[KnownError], None] | None = None,
    ) -> None:
        """Post ``done`` with what ``query`` gives, unless something is asked or taken back after.

        ``query`` runs outside a transaction. ``failed`` hears StorageError, or what it raises.
        """

        def tell(result: Any, error: KnownError | None) -> None:
            def deliver() -> None:
                if self._number != number:
                    return
                if error is None:
                    done(result)
                elif failed is not None:
                    failed(error)

            self._post(deliver)

        with self._changed:
            number = self._put(query, tell)

    def wait_for(self, query: Callable[[Connection], T]) -> T:
        """Ask and wait. Raises StorageError, or what ``query`` raises."""
        told = threading.Event()
        answers: list[tuple[Any, KnownError | None]] = []

        def tell(result: Any, error: KnownError | None) -> None:
            answers.append((result, error))
            told.set()

        with self._changed:
            self._put(query, tell)
        told.wait()
        result, error = answers[0]
        if error is not None:
            raise error
        answer: T = result
        return answer

    def cancel(self) -> None:
        """Take back what was asked: nobody is told of it any more."""
        with self._changed:
            self._number += 1
            self._drop()

    def wake(self) -> None:
        """There is work for the background."""
        with self._changed:
            self._awake = True
            self._start()

    def close(self) -> None:
        """Give up what is under way, end the thread, close the connection."""
        with self._changed:
            self._closed = True
            self._number += 1
            self._drop()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _put(
        self, query: Callable[[Connection], Any], tell: Callable[[Any, KnownError | None], None]
    ) -> int:
        self._number += 1
        if self._closed:
            tell(None, StorageError("storage.closed", **facts_of(self._path)))
            return self._number
        self._drop()
        self._question = _Question(self._number, query, tell)
        self._start()
        return self._number

    def _start(self) -> None:
        if self._closed:
            return
        if self._thread is None:
            name = f"questions-{self._path.stem}"
            self._thread = threading.Thread(target=self._run, name=name, daemon=True)
            self._thread.start()
        self._changed.notify()

    def _drop(self) -> None:
        """What waits and what is under way is not wanted any more; whoever waits hears of it."""
        if self._question is not None:
            self._question.tell(None, StorageError("storage.closed", **facts_of(self._path)))
            self._question = None
        if self._connection is not None:
            with suppress(apsw.Error):
                self._connection.interrupt()

    def _run(self) -> None:
        pause: float | None = None
        while True:
            with self._changed:
                if not self._closed and self._question is None and (pause or not self._awake):
                    self._changed.wait(pause)
                if self._closed:
                    break
                question, self._question = self._question, None
                awake = self._awake
            if question is not None:
                self._answer(question)
            elif awake:
                with self._changed:
                    # Who wakes it from here on has something new.
                    self._awake = False
                if self._work_a_moment():
                    with self._changed:
                        self._awake = True
            pause = _PAUSE_SECONDS if self._awake else None
        if self._connection is not None:
            self._connection.close(force=True)

    def _answer(self, question: _Question) -> None:
        while True:
            try:
                result = question.query(self._open())
            except apsw.InterruptError:
                with self._changed:
                    if self._number == question.number and not self._closed:
                        # Meant for the question before.
                        continue
                question.tell(None, StorageError("storage.closed", **facts_of(self._path)))
            except apsw.Error as error:
                question.tell(None, storage_error(error, self._path, self._connection))
            except KnownError as error:
                question.tell(None, error)
            except Exception:  # the thread's boundary: the next question must still be answered
                log.exception("%s: a question could not be answered", self._path.name)
                question.tell(None, StorageError("general.unexpected", **facts_of(self._path)))
            else:
                question.tell(result, None)
            return

    def _work_a_moment(self) -> bool:
        try:
            return self._work(self._open())
        except apsw.InterruptError:
            return True
        except (apsw.Error, KnownError) as error:
            log.warning("%s: work in the background stopped: %s", self._path.name, error)
        except Exception:  # the thread's boundary
            log.exception("%s: work in the background stopped", self._path.name)
        return False

    def _open(self) -> Connection:
        if self._connection is None:
            connection = open_reader(self._path)
            self._prepare(connection)
            with self._changed:
                self._connection = connection
        return self._connection


def reading(connection: Connection, query: Callable[[Connection], T]) -> T:
    """Run ``query`` on one unchanging state of the file. Raises apsw.Error, or what it raises."""
    with transaction(connection, "DEFERRED"):
        return query(connection)


def rows_within(
    connection: Connection, query: str, bindings: Sequence[Any], seconds: float
) -> tuple[list[tuple[Any, ...]], bool]:
    """The rows that can be read in this time, and whether these are all. Raises apsw.Error."""
    deadline = time.monotonic() + seconds
    rows: list[tuple[Any, ...]] = []
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    try:
        for row in connection.execute(query, bindings):
            rows.append(tuple(row))
    except apsw.InterruptError:
        if time.monotonic() <= deadline:
            raise
        return rows, False
    finally:
        connection.set_progress_handler(None)
    return rows, True
