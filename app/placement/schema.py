"""The tables of what placement remembers; they share a file with the library's."""

from app.storage.connection import Connection

TABLES: dict[str, tuple[str, ...]] = {
    "speeds": ("machine", "engine"),
    "rehearsals": ("subject",),
    "overheads": ("machine", "device"),
    "plans": ("model", "machine", "context"),
    "wishes": ("model", "machine"),
}
"""Each table's key; beside it there is a value, as msgpack."""


def _m001_records(connection: Connection) -> None:
    for table, key in TABLES.items():
        columns = "".join(f"{column} TEXT NOT NULL, " for column in key)
        connection.execute(
            f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, {columns}"
            f"value BLOB NOT NULL, UNIQUE ({', '.join(key)})) STRICT"
        )


PLACEMENT_MIGRATIONS = (_m001_records,)
