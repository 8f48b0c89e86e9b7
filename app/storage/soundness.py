"""Whether a database's pages and tables are as they must be; reads and changes nothing."""

import logging
import re
from collections.abc import Sequence
from contextlib import closing
from typing import TypeAlias

import apsw

from app.storage.connection import Connection, transaction
from app.storage.migrations import Migration

log = logging.getLogger("moestro.storage")

Columns: TypeAlias = frozenset[tuple[str, str]]
"""Every column as (table, name)."""

_CONTENT_COMPLAINT = re.compile(r"^(non-)?\w+ value in |^CHECK constraint failed")
"""One odd value in one row: that row is repaired when it is read, the file is not damaged."""


def is_sound(connection: Connection) -> bool:
    """Check every page, and that each index tells of the same rows as its table.

    Raises apsw.Error where not even this can be done.
    """
    sound = True
    for (line,) in connection.execute("PRAGMA integrity_check(100)"):
        if line == "ok":
            continue
        log.warning("check: %s", line)
        sound = sound and _CONTENT_COMPLAINT.match(str(line)) is not None
    return sound


def columns_of(connection: Connection) -> Columns:
    """What is there. Raises apsw.Error.

    A search index is told by the tables it keeps its words in: asked itself, it reads them, and
    where they are damaged nothing would be known of the others.
    """
    return frozenset(
        (str(table), str(column))
        for table, column in connection.execute(
            "SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c"
            " WHERE t.type = 'table' AND t.sql NOT LIKE 'CREATE VIRTUAL TABLE%'"
        )
    )


def columns_made_by(migrations: Sequence[Migration]) -> Columns:
    """What these steps make of an empty file."""
    with closing(apsw.Connection(":memory:")) as connection:
        for step in migrations:
            with transaction(connection):
                step(connection)
        return columns_of(connection)


def version_by_columns(connection: Connection, migrations: Sequence[Migration]) -> int:
    """The newest version that makes exactly these tables; 0 when none does. Raises apsw.Error.

    The stored number is four bytes without a check of their own; the tables tell it again.
    """
    found = columns_of(connection)
    for version in range(len(migrations), 0, -1):
        if columns_made_by(migrations[:version]) == found:
            return version
    return 0
