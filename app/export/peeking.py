"""The beginning of an export in memory, for a preview or the clipboard, on a thread of its own."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from app.export.base import ExportOptions, Format, Given
from app.export.errors import ExportError
from app.export.gathering import Gatherer
from app.export.scope import Scope
from app.export.scope_search import scope_ids
from app.export.sinks import Enough, MemorySink
from app.export.wishes import fitting, wants_tree
from app.posting import Post
from app.storage.connection import Connection
from app.storage.live_reading import with_reader
from app.storage.opening import Database
from app.storage.questions import reading
from models.errors import KnownError

log = logging.getLogger("moestro.export")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Peek:
    """What an export begins with; of several files, the first one."""

    data: bytes
    is_whole: bool
    """Whether the file has nothing more."""
    conversations: int
    """In all, in this file or in others."""


class Peeking(Generic[T]):
    """Work under way; nobody is told of it any more after ``cancel``. Used on the state thread."""

    def __init__(
        self,
        post: Post,
        work: Callable[[Callable[[], bool]], T],
        done: Callable[[T], None],
        failed: Callable[[KnownError], None],
    ) -> None:
        self._post = post
        self._work = work
        self._done = done
        self._failed = failed
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="export-peek", daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether its thread has ended."""
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """It is not wanted any more."""
        self._cancelled.set()

    def close(self) -> None:
        """Give it up and wait for it; before the database is closed."""
        self._cancelled.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            result = self._work(self._cancelled.is_set)
        except KnownError as error:
            self._end(self._failed, error)
        except Exception:  # the thread's boundary
            log.exception("a preview ended")
            self._end(self._failed, ExportError("general.unexpected"))
        else:
            self._end(self._done, result)

    def _end(
        self, heard: Callable[[T], None] | Callable[[KnownError], None], value: object
    ) -> None:
        self._post(lambda: None if self._cancelled.is_set() else heard(value))  # type: ignore[arg-type]


def peek(
    database: Database,
    scope: Scope,
    chosen: Format,
    options: ExportOptions,
    most_bytes: int | None,
    cancelled: Callable[[], bool],
) -> Peek:
    """The first ``most_bytes`` of the (first) file, or all of it.

    Raises ExportError, also ExportCancelled, HistoryError, StorageError.
    """
    options = fitting(scope, options)

    def work(connection: Connection) -> Peek:
        ids = _ids(connection, database, scope, cancelled)
        sink = MemorySink(most_bytes, cancelled)
        wanted = ids if chosen.together else ids[:1]
        whole_tree = wants_tree(scope, chosen, options)
        try:
            chosen.write(_given(connection, scope, wanted, whole_tree), options, sink)
        except Enough:
            return Peek(sink.data, False, len(ids))
        return Peek(sink.data, True, len(ids))

    return with_reader(database.path, work)


def first_given(
    database: Database,
    scope: Scope,
    chosen: Format,
    options: ExportOptions,
    cancelled: Callable[[], bool],
) -> Given:
    """The first conversation as the format would be given it, without the files' whole texts.

    Raises ExportError, also ExportCancelled, HistoryError, StorageError.
    """

    def work(connection: Connection) -> Given:
        ids = _ids(connection, database, scope, cancelled)
        whole_tree = wants_tree(scope, chosen, options)
        given = next(_given(connection, scope, ids[:1], whole_tree))
        # They could only be read as long as this connection is open.
        return replace(given, file=None)

    return with_reader(database.path, work)


def _ids(
    connection: Connection, database: Database, scope: Scope, cancelled: Callable[[], bool]
) -> list[str]:
    ids = scope_ids(connection, database.writer, scope, cancelled)
    if not ids:
        raise ExportError("export.nothing")
    return ids


def _given(
    connection: Connection, scope: Scope, ids: Sequence[str], whole_tree: bool
) -> Iterator[Given]:
    gatherer = Gatherer(connection, whole_tree=whole_tree)
    for each in ids:
        yield reading(connection, lambda _c, each=each: gatherer.gather(each, scope))  # type: ignore[misc]
