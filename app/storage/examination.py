"""What state a database file is in, found without changing a byte of it."""

import logging
import re
import stat
from enum import StrEnum
from pathlib import Path

import apsw

from app.storage.connection import Connection, open_reader, os_error, storage_error
from app.storage.migrations import version_of

log = logging.getLogger("moestro.storage")

COMPANIONS = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database; content may lie in the first and the last."""

_CHECKED_BYTES = 64 * 1024 * 1024
"""Up to this size the pages are always checked (about 0.1 s), above it after a crash."""

_CONTENT_COMPLAINT = re.compile(r"^(non-)?\w+ value in |^CHECK constraint failed")
"""One odd value in one row: that row is repaired when it is read, the file is not damaged."""


class FileState(StrEnum):
    """What was found."""

    ABSENT = "absent"
    EMPTY = "empty"
    """No byte in it: nothing to keep, but something was there once."""
    FRESH = "fresh"
    """A database in which nothing was made yet."""
    FINE = "fine"
    OLDER = "older"
    NEWER = "newer"
    DAMAGED = "damaged"


def examine(path: Path, newest: int) -> FileState:
    """Look at the file; ``newest`` is the version that this program makes.

    Raises StorageError when it cannot be told: storage.read_only, storage.busy, storage.io.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        return FileState.DAMAGED if _has_companion(path) else FileState.ABSENT
    except OSError as error:
        raise os_error(error, path) from error
    if not stat.S_ISREG(status.st_mode):
        return FileState.DAMAGED
    if status.st_size == 0:
        return FileState.DAMAGED if _has_companion(path) else FileState.EMPTY
    always = status.st_size <= _CHECKED_BYTES or _has_companion(path)
    connection = None
    try:
        connection = _open(path)
        state = _examine(connection, newest, check=always)
        if state is not FileState.NEWER and _ends_within_a_page(connection, path):
            return FileState.DAMAGED
        return state
    except (apsw.CorruptError, apsw.NotADBError, apsw.SQLError) as error:
        log.warning("%s: %s", path.name, error)
        return FileState.DAMAGED
    except apsw.Error as error:
        raise storage_error(error, path, connection) from error
    except OSError as error:
        raise os_error(error, path) from error
    finally:
        if connection is not None:
            connection.close(force=True)


def _open(path: Path) -> Connection:
    connection = open_reader(path)
    try:
        version_of(connection)
    except apsw.ReadOnlyError:
        # A change that was cut off must first be taken back, which writes.
        connection.close(force=True)
        return apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    return connection


def _examine(connection: Connection, newest: int, *, check: bool) -> FileState:
    version = version_of(connection)
    if version > newest:
        return FileState.NEWER
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if version <= 0:
        # Tables without a version: not a file of ours.
        return FileState.DAMAGED if tables is None or tables[0] or version else FileState.FRESH
    if check and not _pages_are_sound(connection):
        return FileState.DAMAGED
    return FileState.OLDER if version < newest else FileState.FINE


def _pages_are_sound(connection: Connection) -> bool:
    sound = True
    for (line,) in connection.execute("PRAGMA quick_check(100)"):
        if line == "ok":
            continue
        log.warning("check: %s", line)
        sound = sound and _CONTENT_COMPLAINT.match(str(line)) is not None
    return sound


def _ends_within_a_page(connection: Connection, path: Path) -> bool:
    """Whether the end was cut off; a log that is left may still bring it back."""
    return not _has_companion(path) and path.stat().st_size % connection.pragma("page_size") != 0


def _has_companion(path: Path) -> bool:
    for ending in ("-wal", "-journal"):
        try:
            if path.with_name(path.name + ending).stat().st_size > 0:
                return True
        except OSError:
            continue
    return False
