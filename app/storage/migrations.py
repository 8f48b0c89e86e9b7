"""From an older database to this program's: append-only steps, each whole or not at all."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import apsw

from app.storage.connection import Connection, facts_of, storage_error, transaction
from app.storage.errors import StorageError

log = logging.getLogger("moestro.storage")

Migration: TypeAlias = Callable[[Connection], object]
Migrations: TypeAlias = Sequence[Migration]
"""Step n makes version n + 1. Never change or remove one that was released: append.

Each changes a table or a column: a number that does not fit its tables counts as damaged."""


def version_of(connection: Connection) -> int:
    """The version of the schema; 0 for a file in which nothing was made yet."""
    return int(connection.pragma("user_version"))


def migrate(connection: Connection, path: Path, migrations: Migrations) -> None:
    """Bring the database to ``len(migrations)``, one transaction per step.

    The caller sees to it that no other program does the same at this time.
    Raises StorageError: storage.not_migrated when a step cannot be done; everything before
    that step is kept, nothing of it.
    """
    while (version := version_of(connection)) < len(migrations):
        try:
            # Rebuilding a table drops it, which must not delete what refers to it.
            connection.pragma("foreign_keys", False)
            with transaction(connection):
                migrations[version](connection)
                _check_references(connection)
                connection.pragma("user_version", version + 1)
        except (apsw.SQLError, apsw.ConstraintError) as error:
            log.exception("%s: the step from version %d cannot be done", path.name, version)
            raise StorageError("storage.not_migrated", **facts_of(path)) from error
        except apsw.Error as error:
            raise storage_error(error, path, connection) from error
        finally:
            connection.pragma("foreign_keys", True)
        log.info("%s: version %d", path.name, version + 1)


def _check_references(connection: Connection) -> None:
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if broken is not None:
        raise apsw.ConstraintError(f"a row of {broken[0]} would refer to nothing")
