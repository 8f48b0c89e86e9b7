"""One export: on a thread and a connection of its own, told of on the state thread."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TypeVar

from app.export.base import ExportOptions, Format, Given
from app.export.errors import ExportCancelled, ExportError
from app.export.files import export_error
from app.export.formats import Formats
from app.export.gathering import Gatherer
from app.export.names import Names, safe_file_name, safe_folder_name
from app.export.scope import Everything, InFolder, Scope, is_one
from app.export.scope_search import scope_ids
from app.export.sinks import StreamSink
from app.export.targets import Place, Target, open_target
from app.export.wishes import fitting, wants_tree
from app.history.errors import HistoryError
from app.posting import Post
from app.storage.connection import Connection
from app.storage.live_reading import with_reader
from app.storage.opening import Database
from app.storage.questions import reading
from models.errors import KnownError

log = logging.getLogger("moestro.export")

T = TypeVar("T")

_TELL_SECONDS = 0.1
"""Between two reports of how far it is."""

_FIRST_GUESS_SECONDS = 1.0
"""Before that nobody can tell how long it takes."""


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What, how and where to."""

    scope: Scope
    name: str
    """Of the format."""
    options: ExportOptions
    target: Target


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """How far it is. ``of`` conversations in all; None while they are still looked for."""

    conversations: int = 0
    of: int | None = None
    messages: int = 0
    size_bytes: int = 0
    seconds_left: float | None = None
    """None while nobody can tell."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What became of it."""

    path: Path
    """The file, or the folder of the files."""
    files: int
    conversations: int
    messages: int
    size_bytes: int
    """Before a zip makes them smaller."""
    gone: int = 0
    """Conversations that were erased while this went on."""


class ExportJob:
    """After ``start`` one of ``done`` and ``failed`` is called, on the state thread.

    ``failed`` hears ExportError, also export.cancelled after ``cancel``, HistoryError and
    StorageError; then nothing has changed where it was to be written.
    """

    def __init__(
        self,
        database: Database,
        formats: Formats,
        post: Post,
        order: ExportOrder,
        done: Callable[[Exported], None],
        failed: Callable[[KnownError], None],
        progress: Callable[[ExportProgress], None] = lambda _progress: None,
    ) -> None:
        self._post = post
        self._done = done
        self._failed = failed
        self._progress = progress
        self._ended = False
        self._cancelled = threading.Event()
        self._run = ExportRun(database, formats, order, self._cancelled, self._tell)
        self._thread = threading.Thread(target=self._work, name="export", daemon=True)

    @property
    def is_over(self) -> bool:
        """Whether its end was told."""
        return self._ended

    def start(self) -> None:
        """Begin; once."""
        self._thread.start()

    def cancel(self) -> None:
        """Give it up at the next message; ``failed`` hears export.cancelled unless it is done."""
        self._cancelled.set()

    def close(self) -> None:
        """Give it up and wait for it; before the database is closed."""
        self._cancelled.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _tell(self, progress: ExportProgress) -> None:
        self._post(lambda: None if self._ended else self._progress(progress))

    def _work(self) -> None:
        try:
            exported = self._run.run()
        except KnownError as error:
            self._end(self._failed, error)
        except Exception:  # the thread's boundary
            log.exception("an export ended")
            self._end(self._failed, ExportError("general.unexpected"))
        else:
            self._end(self._done, exported)

    def _end(self, heard: Callable[[T], None], value: T) -> None:
        def deliver() -> None:
            self._ended = True
            heard(value)

        self._post(deliver)


class ExportRun:
    """The export itself, on the thread that calls ``run`` or ``stream``."""

    def __init__(
        self,
        database: Database,
        formats: Formats,
        order: ExportOrder,
        cancelled: threading.Event,
        tell: Callable[[ExportProgress], None],
    ) -> None:
        self._database = database
        self._formats = formats
        self._order = replace(order, options=fitting(order.scope, order.options))
        self._cancelled = cancelled
        self._tell = tell
        self._of: int | None = None
        self._conversations = self._messages = self._bytes = self._files = self._gone = 0
        self._current = self._current_done = 0
        self._begun = self._told = time.monotonic()

    def run(self) -> Exported:
        """Export to the target. Raises ExportError, HistoryError, StorageError."""
        target = self._order.target
        try:
            return with_reader(self._database.path, self._to_target)
        except OSError as error:
            raise export_error(error, target.path) from error

    def stream(self, stream: IO[bytes]) -> Exported:
        """The same as one file, into ``stream``, which stays open. Raises also BrokenPipeError."""

        def write(connection: Connection) -> Exported:
            self._together(connection, self._ids(connection), stream)
            return self._result()

        return with_reader(self._database.path, write)

    def _to_target(self, connection: Connection) -> Exported:
        # First of all, so that what cannot be written is told before minutes have passed.
        with open_target(self._order.target) as place:
            ids = self._ids(connection)
            if self._order.target.packing == "file":
                with place.file("", self._order.target.path.name) as stream:
                    self._together(connection, ids, stream)
            else:
                self._each(connection, ids, place)
            if self._cancelled.is_set():
                raise ExportCancelled
            place.keep()
        return self._result()

    def _together(self, connection: Connection, ids: Sequence[str], stream: IO[bytes]) -> None:
        order = self._order
        if len(ids) != 1 and not self._format.together:
            raise ExportError("export.one_file", count=len(ids))
        self._files = 1
        self._format.write(self._given(connection, ids), order.options, self._sink(stream))

    def _each(self, connection: Connection, ids: Sequence[str], place: Place) -> None:
        """A file for each, in a folder of its own folder's name where there are several."""
        order = self._order
        gatherer = self._gatherer(connection)
        flat = isinstance(order.scope, InFolder) or is_one(order.scope)
        taken: dict[str, Names] = {}
        folders = folder_names(gatherer)
        for given in self._given(connection, ids, gatherer):
            folder = "" if flat or given.folder is None else folders[given.folder.id]
            names = taken.get(folder)
            if names is None:
                # A chat at the top is never called as a folder is.
                names = taken[folder] = Names(() if folder else tuple(folders.values()))
            name = names.take(safe_file_name(given.conversation.title, self._format.ending))
            with place.file(folder, name) as stream:
                self._format.write([given], order.options, self._sink(stream))
            self._files += 1

    def _given(
        self, connection: Connection, ids: Sequence[str], gatherer: Gatherer | None = None
    ) -> Iterator[Given]:
        """One after the other; nothing of what was given is kept."""
        gatherer = gatherer or self._gatherer(connection)
        self._of = len(ids)
        for number, conversation_id in enumerate(ids, 1):
            with contextlib.suppress(_Gone):
                yield self._gather(connection, gatherer, conversation_id)
            self._current = self._current_done = 0
            self._conversations = number
            self._report()

    def _gather(self, connection: Connection, gatherer: Gatherer, conversation_id: str) -> Given:
        scope = self._order.scope
        try:
            given = reading(connection, lambda _c: gatherer.gather(conversation_id, scope))
        except HistoryError:
            if is_one(scope):
                raise
            self._gone += 1
            raise _Gone from None
        self._current = len(given.messages)
        return given

    def _gatherer(self, connection: Connection) -> Gatherer:
        order = self._order
        return Gatherer(connection, whole_tree=wants_tree(order.scope, self._format, order.options))

    def _ids(self, connection: Connection) -> list[str]:
        ids = scope_ids(
            connection, self._database.writer, self._order.scope, self._cancelled.is_set
        )
        empty_is_fine = self._format.together and isinstance(self._order.scope, Everything)
        if not ids and not empty_is_fine:
            raise ExportError("export.nothing")
        return ids

    @property
    def _format(self) -> Format:
        # On the export's own thread: some are heavy to import.
        return self._formats.get(self._order.name)

    # --- how far it is ---------------------------------------------------------------------

    def _sink(self, stream: IO[bytes]) -> StreamSink:
        return StreamSink(stream, self._order.target.path, self._moved, self._cancelled)

    def _moved(self, messages: int, size_bytes: int) -> None:
        self._current_done += messages
        self._messages += messages
        self._bytes += size_bytes
        self._report()

    def _report(self) -> None:
        moment = time.monotonic()
        if moment - self._told >= _TELL_SECONDS:
            self._told = moment
            left = self._left(moment)
            self._tell(
                ExportProgress(self._conversations, self._of, self._messages, self._bytes, left)
            )

    def _left(self, moment: float) -> float | None:
        elapsed = moment - self._begun
        if not self._of or elapsed < _FIRST_GUESS_SECONDS:
            return None
        part = min(1.0, self._current_done / self._current) if self._current else 0.0
        share = (self._conversations + part) / self._of
        return elapsed / share - elapsed if share else None

    def _result(self) -> Exported:
        return Exported(
            path=self._order.target.path,
            files=self._files,
            conversations=self._conversations - self._gone,
            messages=self._messages,
            size_bytes=self._bytes,
            gone=self._gone,
        )


class _Gone(Exception):  # noqa: N818 - it is only left out
    """A conversation that was erased meanwhile."""


def folder_names(gatherer: Gatherer) -> dict[str, str]:
    """A safe name for every folder of chats, no two alike."""
    names = Names()
    ordered = sorted(gatherer.folders().values(), key=lambda folder: folder.id)
    return {folder.id: names.take(safe_folder_name(folder.name)) for folder in ordered}
