"""Opening a database whatever state its file is in; nothing is ever overwritten."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import apsw
import filelock

from app.notices import Notice
from app.posting import Post
from app.storage.connection import (
    Connection,
    facts_of,
    open_reader,
    open_writer,
    os_error,
    storage_error,
    transaction,
)
from app.storage.errors import StorageError
from app.storage.examination import COMPANIONS, FileState, examine
from app.storage.migrations import Migrations, keep_copy, migrate
from app.storage.writer import DatabaseWriter

log = logging.getLogger("moestro.storage")

T = TypeVar("T")

_OPENING_SECONDS = 10.0
"""How long to wait while another program opens the same file."""


class Database:
    """One open file: its writer, a connection for reading, and what opening had to do."""

    def __init__(
        self, path: Path, writer: DatabaseWriter, reader: Connection, notices: tuple[Notice, ...]
    ) -> None:
        self.path = path
        self.writer = writer
        self.reader = reader
        self.notices = notices

    def read(self, query: Callable[[Connection], T]) -> T:
        """Run ``query`` on one unchanging state of the file, on the state thread.

        Raises StorageError, or what ``query`` raises.
        """
        try:
            with transaction(self.reader, "DEFERRED"):
                return query(self.reader)
        except apsw.Error as error:
            raise storage_error(error, self.path, self.reader) from error

    def close(self) -> None:
        """Finish what was submitted and close both connections."""
        self.reader.close(force=True)
        self.writer.close()


def open_database(
    path: Path,
    migrations: Migrations,
    backups: Path | None,
    post: Post,
    *,
    exclusive: bool = True,
) -> Database:
    """Open ``path``, or begin it; the newest version is ``len(migrations)``.

    A damaged file is set aside under another name and a new one begun; ``notices`` tells it.
    Before an older one is migrated, a checked copy goes to ``backups`` (None: no copy).
    Both need ``exclusive``: the caller knows that no other program has the file open.
    Raises StorageError and leaves the file as it is: storage.newer, .read_only, .busy, .io,
    .disk_full, .folder, .not_migrated; without ``exclusive`` also .damaged and .older.
    """
    path = path.absolute()
    lock = _opening_lock(path)
    try:
        state = examine(path, len(migrations))
        log.info("%s: %s", path.name, state.value)
        if state is FileState.NEWER:
            raise StorageError("storage.newer", **facts_of(path))
        if state in (FileState.DAMAGED, FileState.OLDER) and not exclusive:
            damaged = state is FileState.DAMAGED
            raise StorageError("storage.damaged" if damaged else "storage.older", **facts_of(path))
        notices: tuple[Notice, ...] = ()
        if state is FileState.DAMAGED:
            notices = (_set_aside(path),)
        elif state is FileState.EMPTY:
            notices = (Notice("storage.was_empty", facts_of(path)),)
        copies = backups if state is FileState.OLDER else None
        writing = _begin(path, migrations, copies)
        return _with_reader(path, writing, post, notices)
    finally:
        lock.release()


def _begin(path: Path, migrations: Migrations, copies: Path | None) -> Connection:
    """Open for writing, bring to the newest version, and find out whether writing works."""
    connection = None
    try:
        connection = open_writer(path)
        if copies is not None:
            keep_copy(connection, path, copies)
        migrate(connection, path, migrations)
        with transaction(connection):
            # Takes the write lock: a folder that allows no writing shows here.
            pass
    except apsw.Error as error:
        known = storage_error(error, path, connection)
        if connection is not None:
            connection.close(force=True)
        raise known from error
    except OSError as error:
        raise os_error(error, path) from error
    except BaseException:
        if connection is not None:
            connection.close(force=True)
        raise
    return connection


def _with_reader(
    path: Path, writing: Connection, post: Post, notices: tuple[Notice, ...]
) -> Database:
    try:
        reader = open_reader(path)
    except apsw.Error as error:
        writing.close(force=True)
        raise storage_error(error, path) from error
    return Database(path, DatabaseWriter(writing, path, post), reader, notices)


def _opening_lock(path: Path) -> filelock.BaseFileLock:
    """Make the folder; then one program at a time looks, sets aside, begins."""
    lock = filelock.FileLock(path.with_name(path.name + ".opening"), mode=0o600)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire(timeout=_OPENING_SECONDS)
    except filelock.Timeout as error:
        raise StorageError("storage.busy", **facts_of(path)) from error
    except (FileExistsError, NotADirectoryError) as error:
        raise StorageError("storage.folder", **facts_of(path)) from error
    except OSError as error:
        raise os_error(error, path) from error
    return lock


def _set_aside(path: Path) -> Notice:
    """Rename the file and what SQLite keeps beside it to a name that was never used."""
    stem = f"{path.name}.damaged-{datetime.now(UTC):%Y-%m-%d}"
    kept = path.with_name(stem)
    number = 2
    while any(kept.with_name(kept.name + end).exists() for end in ("", *COMPANIONS)):
        kept = path.with_name(f"{stem}-{number}")
        number += 1
    try:
        # The file first: a kill in between leaves its log, which the next start sets aside.
        for ending in ("", *COMPANIONS):
            source = path.with_name(path.name + ending)
            if source.is_symlink() or source.exists():
                source.rename(kept.with_name(kept.name + ending))
    except OSError as error:
        raise os_error(error, path) from error
    log.error("%s is damaged and was set aside as %s", path.name, kept.name)
    return Notice("storage.set_aside", {**facts_of(path), "kept": kept.name})
