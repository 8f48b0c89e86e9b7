"""Opening a database whatever state its file is in; nothing is ever overwritten."""

import contextlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import apsw

from app.notices import Notice
from app.posting import Post
from app.storage.backup_files import Reason, list_backups
from app.storage.connection import (
    Connection,
    facts_of,
    open_reader,
    open_writer,
    os_error,
    storage_error,
    transaction,
)
from app.storage.copies import copy_is_sound, finish_file, keep_copy
from app.storage.doubt import doubt, forget_doubt
from app.storage.errors import StorageError
from app.storage.examination import COMPANIONS, FileState, examine
from app.storage.migrations import Migrations, migrate
from app.storage.replacing import has_waiting, opening_lock, preparing, set_aside, take_place
from app.storage.salvage import Mend, Salvaged, salvage
from app.storage.writer import DatabaseWriter

log = logging.getLogger("moestro.storage")

T = TypeVar("T")

_DONORS = 3
"""How many of the newest copies may help to read a damaged file."""


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
            raise doubt(self.path, storage_error(error, self.path, self.reader)) from error

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
    mend: Mend | None = None,
) -> Database:
    """Open ``path``, or begin it; the newest version is ``len(migrations)``.

    A damaged file is set aside under another name and a new one begun, with ``mend`` out of
    every row that can still be read; ``notices`` tells it. A file that waits to take the place
    (``app.storage.replacing``) takes it. Before an older one is migrated, and before one is
    replaced, a checked copy goes to ``backups`` (None: no copy).
    All this needs ``exclusive``: the caller knows that no other program has the file open.
    Raises StorageError and leaves the file as it is: storage.newer, .read_only, .busy, .io,
    .disk_full, .folder, .not_migrated; without ``exclusive`` also .damaged and .older.
    """
    path = path.absolute()
    with opening_lock(path):
        state = examine(path, migrations)
        log.info("%s: %s", path.name, state.value)
        notices: list[Notice] = []
        if exclusive and has_waiting(path):
            notices.append(_take_place_or_tell(path, state, backups))
            state = examine(path, migrations)
        if state is FileState.NEWER:
            raise StorageError("storage.newer", **facts_of(path))
        if state in (FileState.DAMAGED, FileState.OLDER) and not exclusive:
            damaged = state is FileState.DAMAGED
            raise StorageError("storage.damaged" if damaged else "storage.older", **facts_of(path))
        if state is FileState.DAMAGED:
            notices.append(_replace_damaged(path, migrations, backups, mend))
            state = examine(path, migrations)
        if state is FileState.EMPTY:
            notices.append(Notice("storage.was_empty", facts_of(path)))
        elif state is FileState.ABSENT:
            _make_new(path, migrations)
        copies = backups if state is FileState.OLDER else None
        writing = _begin(path, migrations, copies)
        # Whatever it was, it was checked now, or its place was taken.
        forget_doubt(path)
        return _with_reader(path, writing, post, tuple(notices))


def _take_place_or_tell(path: Path, state: FileState, backups: Path | None) -> Notice:
    """Without room for a copy of the old file, that one is opened and the other goes on waiting."""
    try:
        return take_place(path, state, backups)
    except StorageError as error:
        return Notice(error.code, error.facts)


def _replace_damaged(
    path: Path, migrations: Migrations, backups: Path | None, mend: Mend | None
) -> Notice:
    """Save what can be read, then set the file aside; what was saved takes its place."""
    saved = None
    if mend is not None:
        saved = _salvage(path, migrations, backups, mend)
    kept = set_aside(path)
    facts = {**facts_of(path), "kept": kept.name}
    if saved is None or not saved.saved_rows:
        return Notice("storage.set_aside", facts)
    take_place(path, FileState.ABSENT, None)
    facts |= {"count": saved.saved_rows, "missing": saved.lost_rows}
    return Notice("storage.salvaged" if saved.lost_rows else "storage.salvaged_all", facts)


def _salvage(
    path: Path, migrations: Migrations, backups: Path | None, mend: Mend
) -> Salvaged | None:
    """None when even this is not possible: the application must start all the same."""
    try:
        files = list_backups(backups, path.stem)[:_DONORS] if backups is not None else ()
        donors = [each.path for each in files if copy_is_sound(each.path)]
        with preparing(path) as part:
            saved = salvage(path, part, migrations, mend, donors)
            if not saved.saved_rows:
                part.unlink()
    except (StorageError, OSError):
        log.exception("%s: nothing could be saved from it", path.name)
        return None
    return saved


def _make_new(path: Path, migrations: Migrations) -> None:
    """A whole new file or none: one that was cut off while it was made would look damaged."""
    part = path.with_name(path.name + ".new")
    connection = None
    try:
        _remove(part)
        connection = open_writer(part)
        migrate(connection, part, migrations)
        # Everything into the one file that is renamed.
        connection.pragma("journal_mode", "delete")
        connection.close()
        finish_file(part, path)
    except apsw.Error as error:
        raise storage_error(error, path, connection) from error
    except OSError as error:
        raise os_error(error, path) from error
    finally:
        if connection is not None:
            connection.close(force=True)
        with contextlib.suppress(OSError):
            _remove(part)


def _remove(path: Path) -> None:
    for ending in ("", *COMPANIONS):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _begin(path: Path, migrations: Migrations, copies: Path | None) -> Connection:
    """Open for writing, bring to the newest version, and find out whether writing works."""
    connection = None
    try:
        connection = open_writer(path)
        if copies is not None:
            keep_copy(path, copies, Reason.MIGRATION)
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
