"""A real history in a folder of its own, and turns as the chat room makes them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from app.engine.entities import Plan, SamplingParameters, Timings
from app.history.entities import AnswerDetails, Conversation, Message, MessageState, Role
from app.history.repository import History
from app.history.schema import history_migrations
from app.ids import new_id
from app.posting import CallbackQueue
from app.storage.opening import Database, open_database
from models.errors import KnownError

DETAILS = AnswerDetails(
    model_key="abc-123",
    model_name="Tiny 1B",
    quantization="Q4_K_M",
    is_demo=True,
    plan=Plan(context_tokens=2048, threads=2),
    sampling=SamplingParameters(temperature=0.25, seed=7, stop=("END",)),
    stop_reason="stop",
    timings=Timings(prompt_tokens=30, generated_tokens=12, tokens_per_second=33.5),
)


class Kept:
    """A history, its file, and a clock that the test sets."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "history.sqlite3"
        self.backups = folder / "backups"
        self.posted = CallbackQueue()
        self.now = 1_800_000_000_000
        self.open()

    def open(self) -> None:
        self.database: Database = open_database(
            self.path, history_migrations(), self.backups, self.posted.post
        )
        self.history = History(self.database, lambda: self.now)

    def reopen(self) -> None:
        self.database.close()
        self.open()

    def wait(self, write: Callable[..., None], *arguments: Any) -> Any:
        """Call a write of the history, wait for ``done``; raises what ``failed`` hears."""
        heard: list[tuple[Any, KnownError | None]] = []
        write(
            *arguments,
            done=lambda result: heard.append((result, None)),
            failed=lambda error: heard.append((None, error)),
        )
        assert self.posted.run_until(lambda: bool(heard), timeout=30)
        result, error = heard[0]
        if error is not None:
            raise error
        return result

    def turn(
        self,
        conversation: Conversation,
        question: str | None,
        answer: str = "",
        parent: str | None = None,
    ) -> tuple[Conversation, Message | None, Message]:
        """Ask ``question`` after ``parent`` (None: answer ``parent`` anew) and answer it."""
        user = None
        if question is not None:
            user = Message(new_id(), conversation.id, parent, Role.USER, question)
        pending = Message(
            new_id(),
            conversation.id,
            user.id if user else parent,
            Role.ASSISTANT,
            "",
            state=MessageState.STREAMING,
            details=DETAILS,
        )
        stored = self.wait(self.history.begin_turn, conversation, user, pending)
        if answer:
            finished = self.wait(
                self.history.finish_answer,
                pending.id,
                answer,
                "",
                MessageState.COMPLETE,
                DETAILS,
            )
            return stored[0], stored[1], finished
        return stored

    def chat(self, title: str = "Chat", *questions: str) -> Conversation:
        """A conversation with these questions, each answered."""
        conversation = Conversation(new_id(), title)
        parent = None
        for question in questions:
            conversation, _user, answer = self.turn(
                conversation, question, f"Answer to {question}", parent
            )
            parent = answer.id
        if not questions:
            conversation = self.wait(self.history.create, conversation)
        return conversation

    def ruin(self, statement: str, *bindings: Any) -> None:
        """Change the file as a fault of the disk would, past every rule of the tables."""
        connection = apsw.Connection(str(self.path))
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute(statement, bindings)
        connection.close()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    opened = Kept(tmp_path / "data")
    yield opened
    opened.database.close()
