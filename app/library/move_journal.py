"""What a move of the library's folder has done so far, so that the next start can end it.

A move is ``copying`` until one transaction makes the copies the library's files: what it made
until then is rubbish if it dies. Then it is ``switched``, and the old files are rubbish.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from app.storage.connection import Connection
from app.storage.opening import Database
from models.entities import ModelFile

MOVING = ".moving"
"""The folder where copies gather, in the new library."""
MoveState = Literal["copying", "switched", "tidying"]
"""``tidying`` comes after ``switched``: the settings name the new folder."""


def _m001_moves(connection: Connection) -> None:
    connection.execute(
        """
        CREATE TABLE library_moves (
            id INTEGER PRIMARY KEY,
            source TEXT NOT NULL,
            target TEXT NOT NULL,
            token TEXT NOT NULL,
            state TEXT NOT NULL
        ) STRICT
        """
    )
    connection.execute(
        """
        CREATE TABLE library_move_files (
            id INTEGER PRIMARY KEY,
            move INTEGER NOT NULL REFERENCES library_moves (id) ON DELETE CASCADE,
            path TEXT NOT NULL,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            inode TEXT NOT NULL
        ) STRICT
        """
    )


MOVE_MIGRATIONS = (_m001_moves,)


@dataclass(frozen=True, slots=True)
class JournaledMove:
    """A move that is not over."""

    id: int
    source: Path
    target: Path
    token: str
    """Names the folder where its copies gather."""
    state: MoveState
    rubbish: tuple[ModelFile, ...]
    """To be removed if they are still as they were."""

    @property
    def gathering(self) -> Path:
        """The folder of this move alone."""
        return self.target / MOVING / self.token


class MoveJournal:
    """The moves that were begun and are not over. Any thread may use it, but for ``all``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[JournaledMove]:
        """Every move that is not over. On the state thread. Raises StorageError."""
        return self._database.read(_read_all)

    def begin(self, source: Path, target: Path, token: str) -> int:
        """Note that a move begins; returns its number. Raises StorageError."""

        def write(connection: Connection) -> int:
            connection.execute(
                "INSERT INTO library_moves (source, target, token, state) VALUES (?, ?, ?, ?)",
                (_text(source), _text(target), token, "copying"),
            )
            return connection.last_insert_rowid()

        return self._database.writer.run(write)

    def note(self, move: int, file: ModelFile) -> None:
        """Note a copy before it gets its name. Raises StorageError."""
        self._database.writer.run(lambda connection: add_rubbish(connection, move, (file,)))

    def settled(self, move: int) -> None:
        """Note that the settings name the new folder. Raises StorageError."""
        self._database.writer.run(
            lambda connection: connection.execute(
                "UPDATE library_moves SET state = 'tidying' WHERE id = ?", (move,)
            )
        )

    def over(self, move: int) -> None:
        """Note that nothing is left to be done. Raises StorageError."""
        self._database.writer.run(
            lambda connection: connection.execute("DELETE FROM library_moves WHERE id = ?", (move,))
        )


def add_rubbish(connection: Connection, move: int, files: Iterable[ModelFile]) -> None:
    """Note files that are to be removed. Inodes may have 64 bits, which SQLite has not."""
    connection.executemany(
        "INSERT INTO library_move_files (move, path, size, mtime_ns, inode) VALUES (?, ?, ?, ?, ?)",
        [
            (move, _text(file.path), file.size, file.mtime_ns, str(file.inode))
            for file in files
        ],
    )  # fmt: skip


def mark_switched(connection: Connection, move: int, rubbish: Iterable[ModelFile]) -> None:
    """Note that the copies are the library's files now, and what is rubbish instead."""
    connection.execute("DELETE FROM library_move_files WHERE move = ?", (move,))
    add_rubbish(connection, move, rubbish)
    connection.execute("UPDATE library_moves SET state = 'switched' WHERE id = ?", (move,))


def _text(path: Path) -> str:
    # ASCII also carries names that are no UTF-8, which SQLite would refuse.
    return json.dumps(str(path))


def _read_all(connection: Connection) -> list[JournaledMove]:
    rows: list[Any] = connection.execute(
        "SELECT id, source, target, token, state FROM library_moves ORDER BY id"
    ).fetchall()
    return [
        JournaledMove(
            number, Path(json.loads(source)), Path(json.loads(target)), token, state,
            _rubbish_of(connection, number),
        )
        for number, source, target, token, state in rows
    ]  # fmt: skip


def _rubbish_of(connection: Connection, move: int) -> tuple[ModelFile, ...]:
    rows: list[Any] = connection.execute(
        "SELECT path, size, mtime_ns, inode FROM library_move_files WHERE move = ? ORDER BY id",
        (move,),
    ).fetchall()
    return tuple(
        ModelFile(Path(json.loads(path)), size, mtime_ns, int(inode))
        for path, size, mtime_ns, inode in rows
    )
