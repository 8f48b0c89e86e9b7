"""A data folder with a real history, and a clock that the test turns."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.history import changes
from app.history.entities import Conversation, Message, MessageState, Role
from app.ids import new_id
from app.paths import DataPaths
from app.posting import Callback, CallbackQueue
from app.storage.connection import Connection
from app.storage.opening import Database
from tests.helpers.damaged_histories import opened


class TurnedClock:
    """Calls back when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[tuple[float, Callback]] = []

    def call_later(self, seconds: float, callback: Callback) -> "TurnedClock":
        self.waiting.append((seconds, callback))
        return self

    def cancel(self) -> None:
        self.waiting.clear()

    def turn(self) -> float:
        """Let the next call happen; returns after how many seconds it would have."""
        seconds, callback = self.waiting.pop(0)
        callback()
        return seconds


class Folder:
    """One data folder."""

    def __init__(self, root: Path) -> None:
        self.paths = DataPaths(root)
        self.posted = CallbackQueue()
        self.clock = TurnedClock()
        self._open: list[Database] = []

    def open(self) -> Database:
        database = opened(self.paths.history, self.paths.backups)
        self._open.append(database)
        return database

    def chat(self, title: str, turns: int = 2) -> str:
        """One more chat, in a session of its own."""
        database = self.open()
        conversation = Conversation(new_id(), title)
        database.writer.run(writing(conversation, turns))
        database.close()
        return conversation.id

    def titles(self) -> list[str]:
        database = self.open()
        rows = database.read(
            lambda connection: connection.execute(
                "SELECT title FROM conversations ORDER BY sequence"
            ).fetchall()
        )
        database.close()
        return [str(row[0]) for row in rows]

    def close(self) -> None:
        for database in self._open:
            database.close()


def writing(conversation: Conversation, turns: int = 1) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        parent = None
        for number in range(turns):
            user = Message(new_id(), conversation.id, parent, Role.USER, f"Question {number}")
            answer = Message(
                new_id(), conversation.id, user.id, Role.ASSISTANT, f"Answer {number} " * 50,
                state=MessageState.COMPLETE,
            )  # fmt: skip
            changes.begin_turn(connection, conversation, user, answer, 1_700_000_000_000 + number)
            parent = answer.id

    return work


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    made = Folder(tmp_path / "data")
    yield made
    made.close()
