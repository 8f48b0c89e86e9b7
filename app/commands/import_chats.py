"""``import``: chats out of other programs' files, and out of our own, into the history."""

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from app.backups.keeper import BackupKeeper
from app.backups.mending import mend_history
from app.commands.output import Output
from app.errors import ExitCode
from app.history.schema import history_migrations
from app.imports.entities import AUTO, SOURCES
from app.imports.errors import ImportingError
from app.imports.imports import Importing, Imports
from app.imports.report import FoundRow, Preview, Standing, Taken, told
from app.instance import InstanceLock
from app.logs import configure
from app.paths import DataPaths
from app.posting import CallbackQueue, Scheduler
from app.storage.backup_files import Reason
from app.storage.opening import open_database
from app.wording import sentence
from models.errors import KnownError
from models.naming import shorten

T = TypeVar("T")

_STANDINGS = {
    Standing.NEW: "terminal.import_new",
    Standing.GROWN: "terminal.import_grown",
    Standing.HERE: "terminal.import_here",
    Standing.TRASHED: "terminal.import_trashed",
}


def add_to(commands: Any) -> None:
    """Register the command and its arguments."""
    parser = commands.add_parser("import", help=sentence("terminal.help_import"))
    parser.add_argument(
        "files", nargs="+", metavar="FILE", type=Path, help=sentence("terminal.help_import_files")
    )
    parser.add_argument(
        "--from", dest="source", choices=(AUTO, *SOURCES), default=AUTO,
        help=sentence("terminal.help_import_from"),
    )  # fmt: skip
    parser.add_argument(
        "--dry-run", action="store_true", help=sentence("terminal.help_import_dry_run")
    )
    parser.add_argument("--json", action="store_true", help=sentence("terminal.help_json"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Read the files and take over what is not here yet. Needs to be alone. Raises KnownError."""
    lock = InstanceLock(paths.lock)
    if not lock.acquire():
        raise ImportingError("import.window_open")
    logs = configure(paths.logs)
    try:
        with _opened(paths) as (imports, queue):
            work = _Work(imports, queue, output)
            preview, importing = work.read(options.files, options.source)
            _demand_something(preview, len(options.files))
            taken = None
            if not options.dry_run:
                taken = work.take(importing, [row.id for row in preview.rows if row.adds])
            _tell(output, preview, taken)
    finally:
        logs.close()
        lock.release()
    return ExitCode.OK


@contextlib.contextmanager
def _opened(paths: DataPaths) -> Iterator[tuple[Imports, CallbackQueue]]:
    queue = CallbackQueue()
    scheduler = Scheduler(queue.post)
    try:
        database = open_database(
            paths.history, history_migrations(), paths.backups, queue.post, mend=mend_history
        )
        keeper = BackupKeeper(
            paths.history, paths.backups, queue.post, scheduler, lambda _notice: None
        )
        imports = Imports(
            database, paths.importing, queue.post, scheduler,
            lambda done, failed: keeper.keep(Reason.IMPORT, done, failed),
        )  # fmt: skip
        imports.clear()
        try:
            yield imports, queue
        finally:
            # Also after Ctrl+C: what is under way is given up, and nothing of it stays.
            imports.close()
            keeper.close()
            database.close()
    finally:
        scheduler.close()


class _Work:
    """The two steps of an import, each waited for."""

    def __init__(self, imports: Imports, queue: CallbackQueue, output: Output) -> None:
        self._imports = imports
        self._queue = queue
        self._output = output

    def read(self, files: list[Path], source: str) -> tuple[Preview, Importing]:
        """Read the files aside. Raises KnownError."""
        heard: list[Preview | KnownError] = []
        importing = self._imports.begin(
            [path.absolute() for path in files],
            heard.append,
            heard.append,
            lambda so_far: self._output.progress(
                sentence("import.reading", {"count": so_far.messages})
            ),
            source,
        )
        return self._wait(heard), importing

    def take(self, importing: Importing, ids: list[str]) -> Taken:
        """Take them over. Raises KnownError."""
        heard: list[Taken | KnownError] = []
        importing.take(
            ids,
            heard.append,
            heard.append,
            lambda so_far: self._output.progress(
                sentence("import.taking", {"done": so_far.done, "total": so_far.total})
            ),
        )
        return self._wait(heard)

    def _wait(self, heard: list[T | KnownError]) -> T:
        self._queue.run_until(lambda: bool(heard))
        self._output.progress("")
        result = heard[0]
        if isinstance(result, KnownError):
            raise result
        return result


def _demand_something(preview: Preview, files: int) -> None:
    """Raises ImportingError when no file gave anything at all."""
    if preview.rows or not preview.unread:
        return
    first = preview.unread[0]
    if files > 1:
        raise ImportingError("import.nothing_read", count=files)
    raise ImportingError(first.code, **{"where": shorten(first.where), **first.facts})


def _tell(output: Output, preview: Preview, taken: Taken | None) -> None:
    if output.as_json:
        output.json(
            {
                "conversations": [_object(row) for row in preview.rows],
                "files": preview.files,
                "unread": [{"where": row.where, "message": told(row)} for row in preview.unread],
                "unread_count": preview.unread_count,
                "taken": None if taken is None else _taken(taken),
            }
        )
        return
    for row in preview.rows:
        only_files = row.standing is Standing.GROWN and not row.new_messages
        facts = {"count": row.new_files if only_files else row.new_messages, "total": row.messages}
        code = "terminal.import_filled" if only_files else _STANDINGS[row.standing]
        state = sentence(code, facts)
        title = shorten(row.title, 80) or sentence("export.untitled")
        output.line("\t".join((row.id, state, title)))
    for unread in preview.unread:
        output.line(told(unread))
    facts = {
        "count": preview.count(Standing.NEW) + preview.count(Standing.GROWN),
        "messages": preview.new_messages,
    }
    if taken is None:
        output.line(sentence("import.would_come", facts))
    else:
        facts = {"count": taken.added + taken.grown, "messages": taken.messages}
        output.line(sentence("import.came", facts))
    if taken is not None and taken.backup:
        output.line(sentence("import.backup_kept", {"name": shorten(taken.backup)}))


def _object(row: FoundRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "source": row.source,
        "file": row.file,
        "folder": row.folder,
        "messages": row.messages,
        "new_messages": row.new_messages,
        "created_ms": row.created_ms,
        "updated_ms": row.updated_ms,
        "standing": row.standing.value,
    }


def _taken(taken: Taken) -> dict[str, Any]:
    return {
        "added": taken.added,
        "grown": taken.grown,
        "messages": taken.messages,
        "files": taken.files,
        "backup": taken.backup,
    }
