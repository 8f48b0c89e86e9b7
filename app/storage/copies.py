"""One checked copy of a database, whole or absent, made while others read and write."""

import logging
import os
import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import apsw
import filelock

from app.files import sync_folder
from app.storage.backup_files import BackupFile, Reason, list_backups, next_backup
from app.storage.connection import (
    Connection,
    facts_of,
    open_copy,
    open_reader,
    os_error,
    storage_error,
    transaction,
)
from app.storage.doubt import doubt
from app.storage.errors import StorageError
from app.storage.migrations import version_of
from app.storage.soundness import is_sound

T = TypeVar("T")

log = logging.getLogger("moestro.storage")

RESERVE_BYTES = 500_000_000
"""What an automatic copy leaves free on the disk."""

_LITTLE_RESERVE_BYTES = 16_000_000
_PAGES_AT_ONCE = 2_000
_STEPS_BETWEEN_LOOKS = 100_000
"""Of SQLite's own program, about a millisecond: how soon checking can be stopped."""

_LOCK_SECONDS = 60.0
_HEADER = 100


class CopyStopped(Exception):  # noqa: N818 - not an error: the program is ending
    """``stop`` said so; nothing was kept."""


def unix_now() -> datetime:
    """What the clock says."""
    return datetime.now(UTC)


def keep_copy(
    path: Path,
    folder: Path,
    reason: Reason,
    now: Callable[[], datetime] = unix_now,
    stop: Callable[[], bool] = lambda: False,
) -> BackupFile:
    """Copy the database at ``path`` into ``folder``, check the copy, then give it its name.

    Raises StorageError (also backup.no_room, .damaged_source, .io) and CopyStopped; an
    unfinished copy is removed.
    """
    lock = filelock.FileLock(folder / "copying.lock", mode=0o600)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire(timeout=_LOCK_SECONDS)
    except filelock.Timeout as error:
        raise StorageError("storage.busy", **facts_of(folder)) from error
    except OSError as error:
        raise os_error(error, folder) from error
    try:
        for leftover in folder.glob(f"{path.stem}-*.part*"):
            # Of a program that was killed: whoever makes one holds the lock.
            leftover.unlink(missing_ok=True)
        target = next_backup(folder, path.stem, reason, now())
        small = reason is not Reason.AUTOMATIC
        copy_database(path, target, _LITTLE_RESERVE_BYTES if small else RESERVE_BYTES, stop)
        return next(each for each in list_backups(folder, path.stem) if each.path == target)
    except StorageError as error:
        doubt(path, error)
        raise
    except OSError as error:
        raise os_error(error, folder) from error
    finally:
        lock.release()


def copy_database(
    source: Path,
    target: Path,
    reserve_bytes: int = 0,
    stop: Callable[[], bool] = lambda: False,
    *,
    source_is_copy: bool = False,
) -> None:
    """Copy one state of ``source`` to the new file ``target``; it is there whole, or not at all.

    Nothing is made beside a source that is a finished copy. Raises StorageError, CopyStopped.
    """
    part = target.with_name(target.name + ".part")
    reading: Connection | None = None
    try:
        part.unlink(missing_ok=True)
        reading = open_copy(source) if source_is_copy else open_reader(source)
        reading.set_progress_handler(stop, _STEPS_BETWEEN_LOOKS)
        # One state of the file, however long it takes and whoever writes meanwhile.
        with transaction(reading, "DEFERRED"):
            counts = row_counts(reading)
            _check_room(reading, target.parent, reserve_bytes, source)
            part.touch(mode=0o600)
            _copy_pages(reading, part, stop)
            _check(part, reading, counts, source, stop)
        finish_file(part, target)
    except apsw.InterruptError as error:
        raise CopyStopped from error
    except apsw.Error as error:
        raise storage_error(error, source, reading) from error
    except OSError as error:
        raise os_error(error, target) from error
    finally:
        if reading is not None:
            reading.close(force=True)
        part.unlink(missing_ok=True)


def copy_is_sound(path: Path) -> bool:
    """Whether a finished copy opens and every page and index of it is as it must be."""
    try:
        with closing(open_copy(path)) as connection:
            whole = path.stat().st_size == _stated_bytes(connection)
            return whole and version_of(connection) > 0 and is_sound(connection)
    except (apsw.Error, OSError) as error:
        log.warning("%s: %s", path.name, error)
        return False


def read_copy(path: Path, query: Callable[[Connection], T]) -> T:
    """Ask a finished copy something. Raises StorageError, or what ``query`` raises."""
    connection = None
    try:
        connection = open_copy(path)
        return query(connection)
    except apsw.Error as error:
        raise storage_error(error, path, connection) from error
    finally:
        if connection is not None:
            connection.close(force=True)


def same_content(one: Path, other: Path) -> bool:
    """Whether two finished copies hold the same pages. Raises OSError."""
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        if _without_counters(first.read(_HEADER)) != _without_counters(second.read(_HEADER)):
            return False
        while block := first.read(1 << 20):
            if block != second.read(1 << 20):
                return False
    return True


def _without_counters(header: bytes) -> bytes:
    """SQLite counts in it how often a file was written, a copy too."""
    return header[:24] + header[28:92]


def row_counts(connection: Connection) -> dict[str, int]:
    """How many rows each table has. Raises apsw.Error."""
    names = [
        str(row[0])
        for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    ]
    counts = {}
    for name in names:
        (row,) = connection.execute(f'SELECT count(*) FROM "{name}"')
        counts[name] = int(row[0])
    return counts


def finish_file(part: Path, target: Path) -> None:
    """Everything of ``part`` to the disk, then its name, then the folder. Raises OSError."""
    descriptor = os.open(part, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    part.replace(target)
    sync_folder(target.parent)


def _check_room(reading: Connection, folder: Path, reserve_bytes: int, source: Path) -> None:
    needed = _stated_bytes(reading) + reserve_bytes
    free = shutil.disk_usage(folder).free
    if free < needed:
        log.warning("%s: a copy needs %d bytes free, there are %d", source.name, needed, free)
        raise StorageError("backup.no_room", **facts_of(source), gib=round(needed / 2**30, 1))


def _copy_pages(reading: Connection, part: Path, stop: Callable[[], bool]) -> None:
    with closing(apsw.Connection(str(part))) as copy:
        try:
            with copy.backup("main", reading, "main") as work:
                while not work.done:
                    if stop():
                        raise CopyStopped
                    work.step(_PAGES_AT_ONCE)
        except (apsw.IOError, apsw.FullError) as error:
            # Only this connection knows what the system said about its file.
            raise storage_error(error, part, copy) from error


def _check(
    part: Path,
    reading: Connection,
    counts: dict[str, int],
    source: Path,
    stop: Callable[[], bool],
) -> None:
    """Whether the copy is what was read; if it is not, which of the two is to blame."""
    try:
        with closing(open_copy(part)) as copy:
            copy.set_progress_handler(stop, _STEPS_BETWEEN_LOOKS)
            same = version_of(copy) == version_of(reading) and row_counts(copy) == counts
            if same and is_sound(copy):
                return
    except (apsw.CorruptError, apsw.NotADBError, apsw.SQLError) as error:
        log.warning("%s: %s", part.name, error)
    log.error("%s: the copy of it is not sound", source.name)
    if is_sound(reading):
        # It came to the disk as something else.
        raise StorageError("backup.io", **facts_of(source), name=part.parent.name)
    raise StorageError("backup.damaged_source", **facts_of(source))


def _stated_bytes(connection: Connection) -> int:
    return int(connection.pragma("page_count")) * int(connection.pragma("page_size"))
