"""Exports of one history: what the window and the terminal ask for. Used on the state thread.

What does the work is imported when somebody exports: every start would pay for it else.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

from app.export.base import ExportOptions, Given
from app.export.files import write_whole
from app.export.formats import Formats
from app.export.names import safe_file_name, safe_folder_name
from app.export.scope import (
    InFolder,
    OneBranch,
    Scope,
    SearchResult,
    SomeConversations,
    SomeMessages,
    is_one,
    one_conversation,
)
from app.export.targets import Packing, Target
from app.history import folders, queries
from app.posting import Post
from app.storage.connection import Connection
from app.storage.opening import Database
from app.wording import sentence
from models.errors import KnownError

if TYPE_CHECKING:
    from app.export.job import Exported, ExportJob, ExportProgress
    from app.export.peeking import Peek, Peeking

Failed = Callable[[KnownError], None]


class Exports:
    """The formats there are, over one history."""

    def __init__(self, database: Database, post: Post, formats: Formats | None = None) -> None:
        self._database = database
        self._post = post
        self.formats = formats or Formats()
        self._jobs: list[ExportJob | Peeking[Peek] | Peeking[Given]] = []

    def begin(
        self,
        scope: Scope,
        name: str,
        options: ExportOptions,
        target: Target,
        done: "Callable[[Exported], None]",
        failed: Failed,
        progress: "Callable[[ExportProgress], None]" = lambda _progress: None,
    ) -> "ExportJob":
        """Export in the background; see ExportJob."""
        from app.export.job import ExportJob, ExportOrder

        order = ExportOrder(scope, name, options, target)
        job = ExportJob(self._database, self.formats, self._post, order, done, failed, progress)
        # First known, then begun: Ctrl+C may come between, and ``close`` must find it.
        self._remember(job)
        job.start()
        return job

    def peek(
        self,
        scope: Scope,
        name: str,
        options: ExportOptions,
        most_bytes: int | None,
        done: "Callable[[Peek], None]",
        failed: Failed,
    ) -> "Peeking[Peek]":
        """The beginning of what would be written, in the background; all of it with None."""
        from app.export.peeking import Peeking, peek

        task = Peeking(
            self._post,
            lambda cancelled: peek(
                self._database, scope, self.formats.get(name), options, most_bytes, cancelled
            ),
            done,
            failed,
        )
        self._remember(task)
        return task

    def given(
        self,
        scope: Scope,
        name: str,
        options: ExportOptions,
        done: Callable[[Given], None],
        failed: Failed,
    ) -> "Peeking[Given]":
        """The first conversation as the format is given it, in the background."""
        from app.export.peeking import Peeking, first_given

        task = Peeking(
            self._post,
            lambda cancelled: first_given(
                self._database, scope, self.formats.get(name), options, cancelled
            ),
            done,
            failed,
        )
        self._remember(task)
        return task

    def stream(
        self, scope: Scope, name: str, options: ExportOptions, stream: IO[bytes]
    ) -> "Exported":
        """Export one file into an open stream, at once; for a terminal.

        Raises ExportError, HistoryError, StorageError, BrokenPipeError.
        """
        from app.export.job import ExportOrder, ExportRun

        order = ExportOrder(scope, name, options, Target(Path("-")))
        never = threading.Event()
        run = ExportRun(self._database, self.formats, order, never, lambda _progress: None)
        return run.stream(stream)

    def packing(self, scope: Scope, name: str) -> Packing:
        """One file where that is possible, else a folder of files."""
        return "file" if is_one(scope) or self.formats.is_together(name) else "folder"

    def suggested_name(self, scope: Scope, name: str, packing: Packing = "file") -> str:
        """What the file or folder could be called. Raises HistoryError, StorageError."""
        title = self._database.read(lambda connection: _title(connection, scope))
        if packing == "folder":
            return safe_folder_name(title)
        return safe_file_name(title, "zip" if packing == "zip" else name)

    def text(self, conversation_id: str, name: str, options: ExportOptions | None = None) -> str:
        """One conversation as text, at once. Raises HistoryError, StorageError; KeyError."""
        from app.export.gathering import Gatherer
        from app.export.sinks import MemorySink
        from app.export.wishes import wants_tree

        chosen, wanted = self.formats.get(name), options or ExportOptions()
        scope, sink = one_conversation(conversation_id), MemorySink()

        def write(connection: Connection) -> None:
            gatherer = Gatherer(connection, whole_tree=wants_tree(scope, chosen, wanted))
            chosen.write([gatherer.gather(conversation_id, scope)], wanted, sink)

        self._database.read(write)
        return sink.data.decode("utf-8", "replace")

    def write(self, path: Path, text: str, *, overwrite: bool = False) -> None:
        """Write a text, whole or not at all. Raises ExportError."""
        write_whole(path, text, overwrite=overwrite)

    def close(self) -> None:
        """Give up what is under way; before the database is closed."""
        for job in self._jobs:
            job.cancel()
        for job in self._jobs:
            job.close()
        self._jobs.clear()

    def _remember(self, job: "ExportJob | Peeking[Peek] | Peeking[Given]") -> None:
        self._jobs = [each for each in self._jobs if not each.is_over]
        self._jobs.append(job)


def _title(connection: Connection, scope: Scope) -> str:
    match scope:
        case SomeMessages(conversation_id=one) | OneBranch(conversation_id=one):
            return queries.conversation(connection, one).title
        case SomeConversations(ids=ids) if is_one(scope):
            return queries.conversation(connection, ids[0]).title
        case InFolder(folder_id=folder_id) if folder_id:
            return folders.folder(connection, folder_id).name
        case SearchResult(text=text):
            return text
    return sentence("export.all_chats")
