"""Databases with one small table, opened as the application opens its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.posting import CallbackQueue
from app.storage.connection import Connection
from app.storage.opening import Database, open_database

ROOT = Path(__file__).parents[3]
"""Where child processes find the application."""


def m001_notes(connection: Connection) -> None:
    connection.execute("CREATE TABLE notes (row INTEGER PRIMARY KEY, text TEXT NOT NULL)")


def m002_stars(connection: Connection) -> None:
    connection.execute("ALTER TABLE notes ADD COLUMN star INTEGER NOT NULL DEFAULT 0")


ONE = (m001_notes,)
TWO = (m001_notes, m002_stars)


def add(text: str) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        connection.execute("INSERT INTO notes (text) VALUES (?)", (text,))

    return work


def texts(database: Database) -> list[str]:
    return database.read(
        lambda connection: [
            row[0] for row in connection.execute("SELECT text FROM notes ORDER BY row")
        ]
    )


class Opener:
    """Opens databases under one folder and closes them all at the end of the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "notes.sqlite3"
        self.backups = folder / "backups"
        self.posted = CallbackQueue()
        self._open: list[Database] = []

    def __call__(self, migrations=ONE, *, exclusive: bool = True) -> Database:
        database = open_database(
            self.path, migrations, self.backups, self.posted.post, exclusive=exclusive
        )
        self._open.append(database)
        return database

    def filled(self, *notes: str, migrations=ONE) -> None:
        """Make the file with these notes and close it."""
        database = self(migrations)
        for text in notes:
            database.writer.run(add(text))
        database.close()

    def close(self) -> None:
        for database in self._open:
            database.close()


@pytest.fixture
def opener(tmp_path: Path) -> Iterator[Opener]:
    opened = Opener(tmp_path / "data")
    yield opened
    opened.close()
