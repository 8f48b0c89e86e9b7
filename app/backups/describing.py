"""What a backup holds, told before anybody chooses it."""

from dataclasses import dataclass
from pathlib import Path

from app.backups.errors import BackupError
from app.history.schema import history_migrations
from app.storage.backup_files import BackupFile, list_backups
from app.storage.connection import Connection
from app.storage.copies import copy_is_sound, read_copy
from app.storage.errors import StorageError
from app.storage.migrations import version_of
from models.naming import shorten

_TITLES = 3


@dataclass(frozen=True, slots=True)
class BackupContents:
    """Counts leave out the trash; ``newest_titles`` the last ones used first."""

    file: BackupFile
    version: int
    conversations: int
    trashed: int
    messages: int
    newest_titles: tuple[str, ...]
    last_written_ms: int
    """When something was last written in it, as the clock said then; 0 when nothing was."""


def describe(file: BackupFile) -> BackupContents:
    """Look into a backup. Raises BackupError backup.damaged."""

    def look(connection: Connection) -> BackupContents:
        def number(query: str) -> int:
            (row,) = connection.execute(query)
            return int(row[0] or 0)

        titles = connection.execute(
            "SELECT CAST(title AS BLOB) FROM conversations WHERE trashed_ms IS NULL"
            " ORDER BY sequence DESC, row DESC LIMIT ?",
            (_TITLES,),
        ).fetchall()
        return BackupContents(
            file=file,
            version=version_of(connection),
            conversations=number("SELECT count(*) FROM conversations WHERE trashed_ms IS NULL"),
            trashed=number("SELECT count(*) FROM conversations WHERE trashed_ms IS NOT NULL"),
            messages=number("SELECT count(*) FROM messages"),
            newest_titles=tuple(_text(row[0]) for row in titles),
            last_written_ms=number("SELECT max(updated_ms) FROM conversations"),
        )

    try:
        return read_copy(file.path, look)
    except StorageError as error:
        raise BackupError("backup.damaged", name=shorten(file.name)) from error


def verify(file: BackupFile) -> BackupContents:
    """Check every page and index, then describe. Raises BackupError backup.damaged."""
    if not copy_is_sound(file.path):
        raise BackupError("backup.damaged", name=shorten(file.name))
    return describe(file)


def refuse_newer(copy: Path, name: str) -> None:
    """With a history that this program cannot open it would not start. Raises BackupError."""
    if read_copy(copy, version_of) > len(history_migrations()):
        raise BackupError("backup.newer", name=shorten(name))


def backup_named(folder: Path, stem: str, name: str) -> BackupFile:
    """The backup with this name; "newest" is the newest one. Raises BackupError."""
    files = list_backups(folder, stem)
    if not files:
        raise BackupError("backup.none", folder=shorten(str(folder)))
    for each in files:
        if name in (each.name, str(each.number), str(each.path)) or name == "newest":
            return each
    raise BackupError("backup.unknown", name=shorten(name))


def newest_good(folder: Path, stem: str) -> BackupContents | None:
    """The newest backup that is sound; None when there is none."""
    for each in list_backups(folder, stem):
        try:
            return verify(each)
        except BackupError:
            continue
    return None


def _text(cell: object) -> str:
    return bytes(cell).decode("utf-8", "replace") if isinstance(cell, bytes) else ""
