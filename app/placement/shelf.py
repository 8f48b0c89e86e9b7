"""One table of remembered values: read at once, written in the background."""

import logging
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from app.placement.schema import TABLES
from app.storage.connection import Connection
from app.storage.errors import StorageError
from app.storage.opening import Database
from models.errors import KnownError

log = logging.getLogger("moestro.placement")

T = TypeVar("T")
Key = tuple[str, ...]

MOST_ROWS = 2_000
"""Of a table; those written longest ago go."""


class Shelf(Generic[T]):
    """Values of one kind by their keys. Used on the state thread.

    Everything here can be found out again: what cannot be read counts as absent, and is logged.
    """

    def __init__(self, database: Database, table: str, kind: type[T]) -> None:
        self._database = database
        self._table = table
        self._columns = TABLES[table]
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._where = " AND ".join(f"{column} = ?" for column in self._columns)
        self._under_way: dict[Key, T] = {}
        """What the database does not have yet."""

    def get(self, *key: str) -> T | None:
        """The value kept last, or None."""
        if key in self._under_way:
            return self._under_way[key]
        query = f"SELECT value FROM {self._table} WHERE {self._where}"
        try:
            row: Any = self._database.read(
                lambda connection: connection.execute(query, key).fetchone()
            )
            return None if row is None else self._decoder.decode(row[0])
        except (StorageError, msgspec.DecodeError, TypeError) as error:
            log.warning("a row of %s is not readable: %s", self._table, error)
            return None

    def keep(self, value: T, *key: str) -> None:
        """Remember ``value`` instead of what was there; ``get`` has it at once."""
        self._under_way[key] = value
        self._database.writer.submit(
            self._writing(self._encoder.encode(value), key),
            lambda _none: self._written(key, value),
            lambda error: self._not_written(error),
        )

    def forget(self, column: str, value: str) -> None:
        """Remove every row with ``value`` in ``column``, at once. Raises StorageError."""
        place = self._columns.index(column)
        for key in [key for key in self._under_way if key[place] == value]:
            del self._under_way[key]
        statement = f"DELETE FROM {self._table} WHERE {column} = ?"
        self._database.writer.run(lambda connection: _execute(connection, statement, (value,)))

    def _writing(self, data: bytes, key: Key) -> Callable[[Connection], None]:
        table, columns = self._table, ", ".join(self._columns)
        marks = "?, " * len(key)

        def work(connection: Connection) -> None:
            # Replacing gives a new id, so that rows are in the order of their last writing.
            _execute(
                connection,
                f"INSERT OR REPLACE INTO {table} ({columns}, value) VALUES ({marks}?)",
                (*key, data),
            )
            _execute(
                connection,
                f"DELETE FROM {table} WHERE id <= "
                f"(SELECT id FROM {table} ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (MOST_ROWS,),
            )

        return work

    def _written(self, key: Key, value: T) -> None:
        if self._under_way.get(key) is value:
            del self._under_way[key]

    def _not_written(self, error: KnownError) -> None:
        # It stays known until the program ends.
        log.warning("a row of %s was not kept: %s", self._table, error)


def _execute(connection: Connection, statement: str, values: tuple[str | bytes | int, ...]) -> None:
    connection.execute(statement, values)
