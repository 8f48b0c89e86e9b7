"""How a database is opened, one transaction, and SQLite's complaints as StorageError."""

import contextlib
import errno
import logging
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import apsw

from app.storage.errors import StorageError

log = logging.getLogger("moestro.storage")

Connection: TypeAlias = apsw.Connection

BUSY_MS = 5_000
"""How long a write waits for another program's write."""

_JOURNAL_BYTES = 16 * 1024 * 1024
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def open_writer(path: Path) -> Connection:
    """Open or create the database for its one writer; the file is the owner's alone.

    Write-ahead log with ``synchronous=FULL``: a commit that returned survives a power cut.
    Raises apsw.Error or OSError.
    """
    _make_private(path)
    connection = apsw.Connection(
        str(path), flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    )
    try:
        _harden(connection)
        if connection.readonly("main"):
            # SQLite falls back to reading when it may not write.
            raise apsw.ReadOnlyError(str(path))
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        connection.pragma("journal_size_limit", _JOURNAL_BYTES)
        connection.pragma("foreign_keys", True)
        connection.pragma("secure_delete", True)
    except BaseException:
        connection.close(force=True)
        raise
    return connection


def open_reader(path: Path) -> Connection:
    """Open an existing database for reading alone. Raises apsw.Error."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        _harden(connection)
        connection.pragma("query_only", True)
    except BaseException:
        connection.close(force=True)
        raise
    return connection


def open_copy(path: Path) -> Connection:
    """Open a file that nobody writes; makes none beside it and sees none. Raises apsw.Error."""
    # ``immutable`` reads the bytes of this one file.
    connection = apsw.Connection(
        path.absolute().as_uri() + "?immutable=1",
        flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI,
    )
    try:
        _harden(connection)
    except BaseException:
        connection.close(force=True)
        raise
    return connection


@contextlib.contextmanager
def transaction(connection: Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """Everything inside is kept together or not at all; any exception takes it back."""
    connection.execute("BEGIN " + kind)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk makes SQLite roll back by itself.
        if connection.in_transaction:
            with contextlib.suppress(apsw.Error):
                connection.execute("ROLLBACK")
        raise


def checkpoint(connection: Connection) -> None:
    """Move the write-ahead log into the file and empty it, unless another program reads."""
    with contextlib.suppress(apsw.BusyError, apsw.LockedError):
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)


def storage_error(
    error: apsw.Error, path: Path, connection: Connection | None = None
) -> StorageError:
    """Say what SQLite complained about; ``connection`` knows the system's own error number."""
    if isinstance(error, apsw.ConnectionClosedError):
        return StorageError("storage.closed", **facts_of(path))
    number = connection.system_errno if connection is not None else 0
    log.warning("%s: %s (%s), system error %s", path.name, type(error).__name__, error, number)
    return StorageError(_code(error, number), **facts_of(path))


def facts_of(path: Path) -> dict[str, str | int | float]:
    """The facts that every storage sentence may name."""
    return {"file": path.name, "folder": str(path.parent)}


def os_error(error: OSError, path: Path) -> StorageError:
    """The same for what the system itself complained about."""
    log.warning("%s: %s", path.name, error)
    if error.errno in _NO_ROOM:
        code = "storage.disk_full"
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        code = "storage.read_only"
    else:
        code = "storage.io"
    return StorageError(code, **facts_of(path))


def _code(error: apsw.Error, number: int) -> str:
    match error:
        case apsw.FullError():
            return "storage.disk_full"
        case apsw.IOError() if number in _NO_ROOM:
            # A quota or a file size limit reaches SQLite as a plain write error.
            return "storage.disk_full"
        case apsw.ReadOnlyError() | apsw.PermissionsError() | apsw.CantOpenError():
            return "storage.read_only"
        case apsw.BusyError() | apsw.LockedError():
            return "storage.busy"
        case apsw.CorruptError() | apsw.NotADBError() | apsw.FormatError():
            return "storage.damaged"
        case apsw.IOError() | apsw.NoMemError() | apsw.ProtocolError():
            return "storage.io"
    return "general.unexpected"


def _harden(connection: Connection) -> None:
    connection.set_busy_timeout(BUSY_MS)
    # A file that someone else made must not run anything or rewrite its own schema.
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.pragma("trusted_schema", False)
    connection.pragma("cell_size_check", True)


def _make_private(path: Path) -> None:
    """Create the file as 0600, or take away what others may do; SQLite gives -wal the same."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        path.touch(mode=0o600)
        return
    if mode & 0o077:
        with contextlib.suppress(OSError):
            path.chmod(mode & 0o700)
