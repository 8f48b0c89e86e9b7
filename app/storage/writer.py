"""The database thread: the only place that writes, one transaction per piece of work."""

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import apsw

from app.posting import Callback, Post
from app.storage.connection import Connection, checkpoint, facts_of, storage_error, transaction
from app.storage.doubt import doubt
from app.storage.errors import StorageError
from models.errors import KnownError

log = logging.getLogger("moestro.storage")

T = TypeVar("T")

_CLOSE_BUSY_MS = 500
"""How long closing waits for another program's reading before it leaves the log to it."""


@dataclass(frozen=True, slots=True)
class _Job:
    """``tell`` hears the result or the error, on the database thread."""

    work: Callable[[Connection], Any]
    tell: Callable[[Any, BaseException | None], None]


class DatabaseWriter:
    """Runs work in the order it was given, on one thread of its own.

    Nothing that ``done`` was told about is lost: it is called after the commit.
    """

    def __init__(self, connection: Connection, path: Path, post: Post) -> None:
        self._connection = connection
        self._path = path
        self._post = post
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._outside = int(connection.pragma("data_version"))
        self._thread = threading.Thread(target=self._run, name=f"db-{path.stem}", daemon=True)
        self._thread.start()

    @property
    def outside_version(self) -> int:
        """Changes when another program wrote, as of the last work that ran; any thread."""
        return self._outside

    def submit(
        self,
        work: Callable[[Connection], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[KnownError], None] | None = None,
    ) -> None:
        """Run ``work`` in one transaction; post ``done`` with its result, or ``failed``.

        An error of ``work`` itself takes the transaction back and reaches ``failed`` too.
        """

        def tell(result: Any, error: BaseException | None) -> None:
            if error is None:
                if done is not None:
                    self._post(_call(done, result))
                return
            known = self._known(error)
            if failed is None:
                log.error("%s: a change was not kept: %s", self._path.name, known)
            else:
                self._post(_call(failed, known))

        self._put(_Job(work, tell))

    def run(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` after everything submitted so far and wait for it.

        Raises StorageError, or what ``work`` raises.
        """
        future: Future[T] = Future()

        def tell(result: Any, error: BaseException | None) -> None:
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

        self._put(_Job(work, tell))
        return future.result()

    def close(self) -> None:
        """Finish everything submitted, empty the write-ahead log, close the file."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join()

    def _put(self, job: _Job) -> None:
        with self._lock:
            if not self._closed:
                self._jobs.put(job)
                return
        job.tell(None, StorageError("storage.closed", **facts_of(self._path)))

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                result = self._transact(job.work)
            except apsw.Error as error:
                known = storage_error(error, self._path, self._connection)
                job.tell(None, doubt(self._path, known))
            except Exception as error:  # the thread's boundary: the next work must still run
                job.tell(None, error)
            else:
                job.tell(result, None)
        with contextlib.suppress(apsw.Error):
            self._connection.set_busy_timeout(_CLOSE_BUSY_MS)
            checkpoint(self._connection)
        self._connection.close(force=True)

    def _transact(self, work: Callable[[Connection], T]) -> T:
        with transaction(self._connection):
            # Read inside: it then tells about this very state of the file.
            self._outside = int(self._connection.pragma("data_version"))
            return work(self._connection)

    def _known(self, error: BaseException) -> KnownError:
        if isinstance(error, KnownError):
            return error
        log.error("%s: unexpected while writing", self._path.name, exc_info=error)
        return StorageError("general.unexpected", **facts_of(self._path))


def _call(callback: Callable[[T], None], value: T) -> Callback:
    return lambda: callback(value)
