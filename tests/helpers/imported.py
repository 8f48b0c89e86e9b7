"""An import without its helper process: our JSON, or what a reader found, into a history."""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from app.history.schema import history_migrations
from app.imports.comparing import compare
from app.imports.entities import FoundConversation
from app.imports.foreign import ForeignChats
from app.imports.merging import Merging
from app.imports.moestro import MoestroFiles
from app.imports.report import Preview, Taken
from app.imports.staging import Staging
from app.storage.scratch import make_scratch, scratch_for_reading
from tests.helpers.random_trees import Folder


def staged(folder: Folder, fill: Callable[[Staging], None]) -> tuple[Path, Preview]:
    """A staging file that ``fill`` filled, set against the history."""
    path = Path(tempfile.mkdtemp(dir=folder.root)) / "staging.sqlite3"
    connection = make_scratch(path, history_migrations())
    connection.execute("BEGIN")
    staging = Staging(connection)
    fill(staging)
    staging.finish()
    connection.execute("COMMIT")
    connection.close()
    return path, compare(path, folder.database.path, staging.unread_count)


def import_json(folder: Folder, *files: bytes) -> tuple[Preview, Taken]:
    """Take over everything in files of ours."""

    def fill(staging: Staging) -> None:
        for number, data in enumerate(files):
            path = folder.root / f"file-{number}.json"
            path.write_bytes(data)
            for _ in MoestroFiles(staging).stage(path):
                pass

    path, preview = staged(folder, fill)
    return preview, take(folder, path, [row.id for row in preview.rows])


def import_found(folder: Folder, found: Iterable[FoundConversation]) -> tuple[Preview, Taken]:
    """Take over everything that a reader found."""

    def fill(staging: Staging) -> None:
        chats = ForeignChats(staging, 1_700_000_000_000)
        for each in found:
            chats.add(each, "export.json")

    path, preview = staged(folder, fill)
    return preview, take(folder, path, [row.id for row in preview.rows])


def take(folder: Folder, staging: Path, ids: Iterable[str]) -> Taken:
    """Take over these conversations of a staging file."""
    with scratch_for_reading(staging) as connection:
        merging = Merging(connection, list(ids), lambda _done: None, lambda: None)
        return folder.database.writer.run(merging.work)
