"""What state a database file is in, found without changing a byte of it."""

import contextlib
import logging
import stat
from enum import StrEnum
from pathlib import Path

import apsw

from app.storage.connection import Connection, open_reader, os_error, storage_error
from app.storage.doubt import is_doubted
from app.storage.migrations import Migrations, version_of
from app.storage.soundness import columns_made_by, columns_of, is_sound, version_by_columns

log = logging.getLogger("moestro.storage")

COMPANIONS = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database; content may lie in the first and the last."""

_CHECKED_BYTES = 64 * 1024 * 1024
"""Up to this size the pages are always checked (about 0.3 s); above it after a crash, before a
migration, and when something in it could not be read."""

_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
_KNOWN_FORMS = (1, 2)
"""How a file is read and written: with a journal or with a write-ahead log."""


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


def examine(path: Path, migrations: Migrations) -> FileState:
    """Look at the file; this program makes version ``len(migrations)``.

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
        return _without_a_byte(path)
    always = status.st_size <= _CHECKED_BYTES or _has_companion(path) or is_doubted(path)
    connection = None
    try:
        if not _has_journal(path) and not _form_is_known(path):
            return FileState.DAMAGED
        connection = _open(path)
        state = _examine(connection, migrations, check=always)
        if state is not FileState.NEWER and _ends_within_a_page(connection, path):
            return FileState.DAMAGED
        return state
    except (apsw.CorruptError, apsw.NotADBError, apsw.SQLError, apsw.FormatError) as error:
        log.warning("%s: %s", path.name, error)
        return FileState.DAMAGED
    except apsw.Error as error:
        raise storage_error(error, path, connection) from error
    except OSError as error:
        raise os_error(error, path) from error
    finally:
        if connection is not None:
            connection.close(force=True)


def _without_a_byte(path: Path) -> FileState:
    """A file of no bytes: was it once full, or was its making cut off?"""
    if not _has_companion(path):
        return FileState.EMPTY
    with contextlib.suppress(OSError):
        if path.with_name(path.name + "-wal").stat().st_size > 0:
            return FileState.DAMAGED
    try:
        with path.with_name(path.name + "-journal").open("rb") as stream:
            header = stream.read(28)
    except OSError as error:
        raise os_error(error, path) from error
    # The journal holds pages as they were before; of a file that was begun there are none.
    began_with_nothing = header.startswith(_JOURNAL_MAGIC) and header[16:20] == bytes(4)
    never_written = not any(header)
    return FileState.FRESH if began_with_nothing or never_written else FileState.DAMAGED


def _has_journal(path: Path) -> bool:
    """Whether a cut off change will be taken back, of the first page too."""
    return path.with_name(path.name + "-journal").exists()


def _form_is_known(path: Path) -> bool:
    """SQLite would open a file of a later form for reading alone, or not at all."""
    with path.open("rb") as stream:
        header = stream.read(20)
    return len(header) == 20 and header[18] in _KNOWN_FORMS and header[19] in _KNOWN_FORMS


def _open(path: Path) -> Connection:
    connection = open_reader(path)
    try:
        version_of(connection)
    except apsw.ReadOnlyError:
        # A change that was cut off must first be taken back, which writes.
        connection.close(force=True)
        return apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    except BaseException:
        # Whoever holds the error would hold the file, and its lock, with it.
        connection.close(force=True)
        raise
    return connection


def _examine(connection: Connection, migrations: Migrations, *, check: bool) -> FileState:
    version, newest = version_of(connection), len(migrations)
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if version == 0 and (tables is None or tables[0] == 0):
        return FileState.FRESH
    if version > newest:
        # Tables of ours under a number that is not: then the number is what is damaged.
        known = version_by_columns(connection, migrations)
        return FileState.DAMAGED if known else FileState.NEWER
    if version <= 0 or not columns_made_by(migrations[:version]) <= columns_of(connection):
        # Tables without a version, or not those of the version: not a file of ours.
        return FileState.DAMAGED
    if (check or version < newest) and not is_sound(connection):
        return FileState.DAMAGED
    if version == newest:
        return FileState.FINE
    # A table too many would stop the step that makes it.
    exact = columns_made_by(migrations[:version]) == columns_of(connection)
    return FileState.OLDER if exact else FileState.DAMAGED


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
