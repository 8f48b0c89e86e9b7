"""Reading a database that is in use, on any thread, with a connection of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import apsw

from app.storage.connection import Connection, open_reader, storage_error, transaction

T = TypeVar("T")


def read_live(path: Path, query: Callable[[Connection], T]) -> T:
    """Run ``query`` on one unchanging state of the file, whoever writes meanwhile.

    Raises StorageError, or what ``query`` raises.
    """

    def read(connection: Connection) -> T:
        with transaction(connection, "DEFERRED"):
            return query(connection)

    return with_reader(path, read)


def with_reader(path: Path, work: Callable[[Connection], T]) -> T:
    """Run ``work``, which may take minutes: no transaction of ours keeps the log from being
    emptied. Raises StorageError, or what ``work`` raises.
    """
    connection = None
    try:
        connection = open_reader(path)
        return work(connection)
    except apsw.Error as error:
        raise storage_error(error, path, connection) from error
    finally:
        if connection is not None:
            connection.close(force=True)
