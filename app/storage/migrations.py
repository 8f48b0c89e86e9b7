"""From an older database to this program's: append-only steps, each whole or not at all."""

import logging
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import apsw

from app.storage.connection import Connection, facts_of, os_error, storage_error, transaction
from app.storage.errors import StorageError

log = logging.getLogger("moestro.storage")

Migration: TypeAlias = Callable[[Connection], object]
Migrations: TypeAlias = Sequence[Migration]
"""Step n makes version n + 1. Never change or remove one that was released: append."""

_PAGES_AT_ONCE = 2_000


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


def keep_copy(connection: Connection, path: Path, folder: Path) -> Path:
    """Copy the database into ``folder`` through SQLite, check the copy and return its path.

    Raises StorageError; an unfinished copy is removed.
    """
    stem = f"{path.stem}-v{version_of(connection)}-{datetime.now(UTC):%Y-%m-%d}"
    part = folder / f"{stem}.part"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        _copy(connection, part)
        descriptor = os.open(part, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        target = _unused(folder, stem)
        part.rename(target)
    except apsw.Error as error:
        part.unlink(missing_ok=True)
        raise storage_error(error, part, connection) from error
    except OSError as error:
        part.unlink(missing_ok=True)
        raise os_error(error, part) from error
    return target


def _copy(source: Connection, part: Path) -> None:
    copy = apsw.Connection(str(part))
    try:
        with copy.backup("main", source, "main") as backup:
            while not backup.done:
                backup.step(_PAGES_AT_ONCE)
    finally:
        copy.close()
    # ``immutable`` reads the bytes of this one file, and makes none beside it.
    check = apsw.Connection(
        part.absolute().as_uri() + "?immutable=1",
        flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI,
    )
    try:
        same = check.pragma("quick_check") == "ok" and version_of(check) == version_of(source)
    finally:
        check.close()
    if not same:
        raise apsw.CorruptError(f"the copy {part.name} differs from its source")


def _unused(folder: Path, stem: str) -> Path:
    target = folder / f"{stem}.sqlite3"
    number = 2
    while target.exists():
        target = folder / f"{stem}-{number}.sqlite3"
        number += 1
    return target


def _check_references(connection: Connection) -> None:
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if broken is not None:
        raise apsw.ConstraintError(f"a row of {broken[0]} would refer to nothing")
