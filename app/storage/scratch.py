"""A database for one purpose: filled by one process, read by another, then thrown away.

It has the tables of a real one. Nothing is made beside its file, so that a process that may
open nothing more can fill it; after a crash it is worth nothing.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import apsw

from app.storage.connection import (
    Connection,
    open_reader,
    open_writer,
    os_error,
    storage_error,
    transaction,
)
from app.storage.migrations import Migrations, migrate

_CACHE_KIB = 64 * 1024


def make_scratch(path: Path, migrations: Migrations) -> Connection:
    """Create the file and its tables; references between rows are not checked.

    Raises StorageError.
    """
    connection = None
    try:
        connection = open_writer(path)
        migrate(connection, path, migrations)
        _without_companions(connection)
        return connection
    except apsw.Error as error:
        if connection is not None:
            connection.close(force=True)
        raise storage_error(error, path, connection) from error
    except OSError as error:
        raise os_error(error, path) from error


@contextlib.contextmanager
def scratch_for_changes(path: Path, beside: Path) -> Iterator[Connection]:
    """A finished one again, in one transaction, with ``beside`` readable as ``beside.…``.

    Raises StorageError.
    """
    with _told(path):
        connection = apsw.Connection(
            str(path), flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_URI
        )
        with contextlib.closing(connection):
            connection.pragma("trusted_schema", False)
            # Not exclusive as when it was filled: that would hold for the other file too.
            connection.pragma("journal_mode", "memory", schema="main")
            connection.pragma("synchronous", "off", schema="main")
            connection.pragma("foreign_keys", False)
            connection.execute("ATTACH ? AS beside", (beside.absolute().as_uri() + "?mode=ro",))
            with transaction(connection, "DEFERRED"):
                yield connection


@contextlib.contextmanager
def scratch_for_reading(path: Path) -> Iterator[Connection]:
    """A finished one, for reading alone. Raises StorageError."""
    with _told(path), contextlib.closing(open_reader(path)) as connection:
        yield connection


@contextlib.contextmanager
def scratch_errors(path: Path) -> Iterator[None]:
    """Whoever fills one hears StorageError."""
    with _told(path):
        yield


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        raise storage_error(error, path) from error


def _without_companions(connection: Connection) -> None:
    connection.pragma("locking_mode", "exclusive")
    connection.pragma("journal_mode", "memory")
    connection.pragma("synchronous", "off")
    connection.pragma("temp_store", "memory")
    connection.pragma("cache_size", -_CACHE_KIB)
    connection.pragma("foreign_keys", False)
    connection.pragma("secure_delete", False)
