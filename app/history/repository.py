"""The history as the other rooms see it: reads at once, writes on the database thread."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from app.engine.entities import SamplingParameters
from app.history import branches, changes, queries, queued
from app.history.changes import StoredTurn
from app.history.entities import (
    AnswerDetails,
    Conversation,
    Message,
    MessageState,
    Overflow,
    QueuedMessage,
    Siblings,
    Summary,
    TrashedBranch,
)
from app.history.errors import HistoryError
from app.history.rows import json_of
from app.history.tree import Tree
from app.storage.connection import Connection
from app.storage.opening import Database
from models.errors import KnownError

T = TypeVar("T")

TRASH_MS = 30 * 24 * 60 * 60 * 1000
"""How long the trash keeps a conversation."""

Done = Callable[[T], None] | None
Refused = Callable[[KnownError], None] | None


def _unix_ms() -> int:
    return time.time_ns() // 1_000_000


class History:
    """All conversations of one data folder.

    Reads run on the state thread and raise StorageError or HistoryError. Writes return at
    once; ``done`` is posted after the commit, ``failed`` when nothing was changed.
    """

    def __init__(self, database: Database, now_ms: Callable[[], int] = _unix_ms) -> None:
        self._database = database
        self._now_ms = now_ms
        queries.add_search_function(database.reader)

    # --- reads -----------------------------------------------------------------------------

    def conversations(self, *, trashed: bool = False) -> list[Conversation]:
        """All conversations, or those in the trash; the last one used first."""
        return self._read(lambda connection: queries.conversations(connection, trashed=trashed))

    def conversation(self, conversation_id: str) -> Conversation:
        """One conversation. Raises HistoryError history.no_conversation."""
        return self._read(lambda connection: queries.conversation(connection, conversation_id))

    def messages(self, conversation_id: str) -> list[Message]:
        """The whole tree by sequence. Raises HistoryError history.no_conversation."""
        return self._read(lambda connection: queries.messages(connection, conversation_id))

    def branch(self, conversation_id: str, leaf_id: str | None = None) -> list[Message]:
        """From the first message to a leaf, by default to the one that is shown."""
        return self._read(lambda c: queries.branch(c, conversation_id, leaf_id))

    def some(self, conversation_id: str, ids: Sequence[str], shape: Tree) -> list[Message]:
        """These messages, in this order; what is not there is left out."""
        return self._read(lambda c: queries.some(c, conversation_id, ids, shape))

    def tree(self, conversation_id: str) -> Tree:
        """The shape of a conversation, without its words. Raises HistoryError."""
        return self._read(lambda connection: queries.tree(connection, conversation_id))

    def message(self, message_id: str) -> Message:
        """One message, also out of the trash. Raises HistoryError history.no_message."""
        return self._read(lambda connection: queries.message(connection, message_id))

    def place(self, message_id: str) -> Siblings:
        """Where a message stands among its siblings. Raises HistoryError."""
        ids = self.siblings(message_id)
        if message_id not in ids:
            raise HistoryError("history.no_message", id=message_id)
        return Siblings(tuple(ids), ids.index(message_id))

    def summaries(self, conversation_id: str) -> list[Summary]:
        """Every summary of a conversation, the oldest first."""
        return self._read(lambda connection: queries.summaries(connection, conversation_id))

    def trashed_branches(self, conversation_id: str) -> list[TrashedBranch]:
        """Every deletion in a conversation that can be undone, the latest first."""
        return self._read(lambda connection: queries.trashed_branches(connection, conversation_id))

    def queued(self, conversation_id: str) -> list[QueuedMessage]:
        """What waits to be sent, the first one first."""
        return self._read(lambda connection: queued.read(connection, conversation_id))

    def siblings(self, message_id: str) -> list[str]:
        """Ids of the messages with the same parent, itself included, oldest first."""
        return self._read(lambda connection: queries.siblings(connection, message_id))

    def search(self, text: str, limit: int = 50) -> list[Conversation]:
        """Conversations with ``text`` in title or messages, without regard to case."""
        return self._read(lambda connection: queries.search(connection, text, limit))

    def data_version(self) -> int:
        """A number that changes when another program wrote, at most one call late.

        Our own writes do not count. Asking looks again in the background.
        """
        version = self._database.writer.outside_version
        self._database.writer.submit(lambda _connection: None, failed=lambda _error: None)
        return version

    # --- a turn ----------------------------------------------------------------------------

    def begin_turn(
        self,
        conversation: Conversation,
        user: Message | None,
        answer: Message,
        done: Done[StoredTurn] = None,
        failed: Refused = None,
        queued_id: str = "",
    ) -> None:
        """Keep the question (None when it is answered anew) and the place of its answer.

        The conversation is inserted when it is new and becomes the last one used; its leaf
        moves to the answer. ``done`` receives (conversation, user, answer) as stored.
        ``queued_id`` is what waited until now: it waits no longer, in the same transaction.
        """
        now = self._now_ms()
        self._write(
            lambda connection: changes.begin_turn(
                connection, conversation, user, answer, now, queued_id
            ),
            done,
            failed,
        )

    def checkpoint(
        self,
        answer_id: str,
        text: str,
        reasoning: str,
        done: Done[None] = None,
        failed: Refused = None,
    ) -> None:
        """Keep what has arrived so far; a finished answer is not touched any more."""
        self._write(
            lambda connection: changes.checkpoint(connection, answer_id, text, reasoning),
            done,
            failed,
        )

    def finish_answer(
        self,
        answer_id: str,
        text: str,
        reasoning: str,
        state: MessageState,
        details: AnswerDetails | None,
        done: Done[Message] = None,
        failed: Refused = None,
    ) -> None:
        """Keep the whole answer, what became of it and how it came about."""
        now = self._now_ms()
        self._write(
            lambda connection: changes.finish_answer(
                connection, answer_id, text, reasoning, state, details, now
            ),
            done,
            failed,
        )

    def mark_interrupted(self) -> int:
        """At a start: answers still being written become interrupted; waits, returns how many."""
        return self._database.writer.run(changes.mark_interrupted)

    # --- a conversation --------------------------------------------------------------------

    def create(
        self, conversation: Conversation, done: Done[Conversation] = None, failed: Refused = None
    ) -> None:
        """Keep a conversation that has no messages yet."""
        now = self._now_ms()
        self._write(lambda connection: changes.create(connection, conversation, now), done, failed)

    def rename(
        self,
        conversation_id: str,
        title: str,
        done: Done[Conversation] = None,
        failed: Refused = None,
    ) -> None:
        """Give it another title; its place in the list stays."""
        self._change(conversation_id, "title", title, done, failed)

    def set_system_prompt(
        self,
        conversation_id: str,
        system_prompt: str,
        done: Done[Conversation] = None,
        failed: Refused = None,
    ) -> None:
        """Keep the system prompt of one conversation."""
        self._change(conversation_id, "system_prompt", system_prompt, done, failed)

    def set_sampling(
        self,
        conversation_id: str,
        sampling: SamplingParameters | None,
        done: Done[Conversation] = None,
        failed: Refused = None,
    ) -> None:
        """Keep the sampling of one conversation; None follows the settings again."""
        self._change(conversation_id, "sampling", json_of(sampling), done, failed)

    def set_model(
        self,
        conversation_id: str,
        model_key: str,
        done: Done[Conversation] = None,
        failed: Refused = None,
    ) -> None:
        """Keep which model the conversation goes on with."""
        self._change(conversation_id, "model_key", model_key, done, failed)

    def set_overflow(
        self,
        conversation_id: str,
        overflow: Overflow,
        done: Done[Conversation] = None,
        failed: Refused = None,
    ) -> None:
        """Keep what happens when a prompt outgrows the context window."""
        self._change(conversation_id, "overflow", overflow.value, done, failed)

    # --- the tree --------------------------------------------------------------------------

    def set_leaf(
        self,
        conversation_id: str,
        leaf_id: str,
        done: Done[Conversation] = None,
        failed: Refused = None,
    ) -> None:
        """Show the branch that ends in ``leaf_id``."""
        self._write(
            lambda connection: branches.show(connection, conversation_id, leaf_id), done, failed
        )

    def switch(
        self, message_id: str, done: Done[tuple[Conversation, Tree]] = None, failed: Refused = None
    ) -> None:
        """Show the branch through ``message_id`` that was used last."""
        self._write(lambda connection: branches.switch(connection, message_id), done, failed)

    def add(
        self, message: Message, done: Done[Conversation] = None, failed: Refused = None
    ) -> None:
        """Keep a message that a person wrote in somebody's name, and show it."""
        now = self._now_ms()
        self._write(lambda connection: branches.add(connection, message, now), done, failed)

    def reopen(self, answer_id: str, done: Done[StoredTurn] = None, failed: Refused = None) -> None:
        """An answer is being written on: what is in it stays, and its branch is shown."""
        now = self._now_ms()
        self._write(lambda connection: changes.reopen(connection, answer_id, now), done, failed)

    def fork(
        self,
        conversation_id: str,
        leaf_id: str,
        title: str,
        done: Done[str] = None,
        failed: Refused = None,
    ) -> None:
        """Copy a branch into a new conversation; ``done`` receives its id."""
        now = self._now_ms()
        self._write(
            lambda connection: branches.fork(connection, conversation_id, leaf_id, title, now),
            done,
            failed,
        )

    def trash_message(
        self,
        message_id: str,
        done: Done[Conversation] = None,
        failed: Refused = None,
        *,
        alone: bool = False,
    ) -> None:
        """Move a message and all below it into the trash; ``alone`` leaves what is below."""
        now = self._now_ms()
        self._write(
            lambda connection: branches.trash(connection, message_id, now, alone=alone),
            done,
            failed,
        )

    def restore_message(
        self, message_id: str, done: Done[Conversation] = None, failed: Refused = None
    ) -> None:
        """Undo the deletion of ``message_id``, whole, and show what came back."""
        self._write(lambda connection: branches.restore(connection, message_id), done, failed)

    # --- what the prompt is made of --------------------------------------------------------

    def set_pinned(
        self,
        message_id: str,
        pinned: bool,
        done: Done[Message] = None,
        failed: Refused = None,
    ) -> None:
        """Keep a message in every prompt, or no longer."""
        self._write(
            lambda connection: changes.set_pinned(connection, message_id, pinned), done, failed
        )

    def set_summary(
        self, summary: Summary, done: Done[Summary] = None, failed: Refused = None
    ) -> None:
        """Keep a summary; it takes the place of one that ends at the same message."""
        now = self._now_ms()
        self._write(lambda connection: changes.set_summary(connection, summary, now), done, failed)

    def remove_summary(
        self, until_id: str, done: Done[None] = None, failed: Refused = None
    ) -> None:
        """Give the model the messages themselves again."""
        self._write(lambda connection: changes.remove_summary(connection, until_id), done, failed)

    def queue(
        self, message: QueuedMessage, done: Done[QueuedMessage] = None, failed: Refused = None
    ) -> None:
        """Let a message wait, on disk, behind those that wait already."""
        self._write(lambda connection: queued.add(connection, message), done, failed)

    def unqueue(self, queued_id: str, done: Done[bool] = None, failed: Refused = None) -> None:
        """Take back what waits; ``done`` receives False when it was sent before."""
        self._write(lambda connection: queued.remove(connection, queued_id), done, failed)

    # --- the trash -------------------------------------------------------------------------

    def trash(self, ids: Sequence[str], done: Done[int] = None, failed: Refused = None) -> None:
        """Move conversations into the trash; ``done`` receives how many moved."""
        chosen, now = tuple(ids), self._now_ms()
        self._write(lambda connection: changes.set_trashed(connection, chosen, now), done, failed)

    def restore(self, ids: Sequence[str], done: Done[int] = None, failed: Refused = None) -> None:
        """Take conversations out of the trash, whole; ``done`` receives how many moved."""
        chosen = tuple(ids)
        self._write(lambda connection: changes.set_trashed(connection, chosen, None), done, failed)

    def purge(
        self,
        older_than_ms: int = TRASH_MS,
        done: Done[int] = None,
        failed: Refused = None,
    ) -> None:
        """Erase what has lain in the trash longer than ``older_than_ms`` milliseconds."""
        now = self._now_ms()
        self._write(lambda connection: changes.purge(connection, older_than_ms, now), done, failed)

    # --- how -------------------------------------------------------------------------------

    def _read(self, query: Callable[[Connection], T]) -> T:
        return self._database.read(query)

    def _write(self, work: Callable[[Connection], T], done: Done[T], failed: Refused) -> None:
        self._database.writer.submit(work, done, failed)

    def _change(
        self,
        conversation_id: str,
        column: str,
        value: str | None,
        done: Done[Conversation],
        failed: Refused,
    ) -> None:
        self._write(
            lambda connection: changes.change(connection, conversation_id, column, value),
            done,
            failed,
        )
