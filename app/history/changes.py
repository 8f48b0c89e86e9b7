"""Writing conversations and messages; each function is one transaction's work."""

from collections.abc import Sequence
from typing import TypeAlias

from app.history import branches, queries, queued
from app.history.entities import (
    AnswerDetails,
    Conversation,
    Message,
    MessageState,
    Summary,
)
from app.history.rows import json_of
from app.storage.connection import Connection
from app.text import clean

StoredTurn: TypeAlias = tuple[Conversation, Message | None, Message]


def create(connection: Connection, conversation: Conversation, now_ms: int) -> Conversation:
    """Insert a conversation as the last one used."""
    connection.execute(
        "INSERT INTO conversations (id, title, system_prompt, sampling, model_key, leaf_id,"
        " created_ms, updated_ms, sequence, trashed_ms, overflow)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            conversation.id,
            clean(conversation.title),
            clean(conversation.system_prompt),
            json_of(conversation.sampling),
            clean(conversation.model_key),
            conversation.leaf_id,
            conversation.created_ms or now_ms,
            now_ms,
            _next_activity(connection),
            conversation.trashed_ms,
            conversation.overflow.value,
        ),
    )
    return queries.conversation(connection, conversation.id)


def begin_turn(
    connection: Connection,
    conversation: Conversation,
    user: Message | None,
    answer: Message,
    now_ms: int,
    queued_id: str = "",
) -> StoredTurn:
    """Keep the question and the place of its answer; the conversation too when it is new.

    A conversation that is known already keeps what it has; only an empty title is filled.
    ``queued_id`` is what waited and is sent now: it waits no longer, and is never sent twice.
    Raises HistoryError when the message that is answered is gone, or what waited is.
    """
    if queued_id:
        queued.send(connection, queued_id)
    known = connection.execute(
        "SELECT 1 FROM conversations WHERE id = ?", (conversation.id,)
    ).fetchone()
    if known is None:
        create(connection, conversation, now_ms)
    for message in (user, answer):
        if message is not None:
            branches.insert(connection, message, now_ms)
    branches.show(connection, conversation.id, answer.id)
    connection.execute(
        "UPDATE conversations SET sequence = ?1, updated_ms = ?2,"
        " title = CASE WHEN title = '' THEN ?3 ELSE title END,"
        " model_key = CASE WHEN ?4 = '' THEN model_key ELSE ?4 END WHERE id = ?5",
        (
            _next_activity(connection),
            now_ms,
            clean(conversation.title),
            clean(answer.details.model_key if answer.details else conversation.model_key),
            conversation.id,
        ),
    )
    return (
        queries.conversation(connection, conversation.id),
        queries.message(connection, user.id) if user is not None else None,
        queries.message(connection, answer.id),
    )


def reopen(connection: Connection, answer_id: str, now_ms: int) -> StoredTurn:
    """An answer is being written on, and its branch is shown. Raises HistoryError."""
    conversation_id, _tree = branches.seen(connection, answer_id)
    connection.execute(
        "UPDATE messages SET state = ? WHERE id = ?", (MessageState.STREAMING.value, answer_id)
    )
    branches.show(connection, conversation_id, answer_id)
    connection.execute(
        "UPDATE conversations SET sequence = ?, updated_ms = ? WHERE id = ?",
        (_next_activity(connection), now_ms, conversation_id),
    )
    answer = queries.message(connection, answer_id)
    return queries.conversation(connection, conversation_id), None, answer


def checkpoint(connection: Connection, answer_id: str, text: str, reasoning: str) -> None:
    """Keep what has arrived of an answer that is not finished."""
    connection.execute(
        "UPDATE messages SET text = ?, reasoning = ? WHERE id = ? AND state IN (?, ?)",
        (
            clean(text),
            clean(reasoning),
            answer_id,
            MessageState.STREAMING.value,
            MessageState.INTERRUPTED.value,
        ),
    )


def finish_answer(
    connection: Connection,
    answer_id: str,
    text: str,
    reasoning: str,
    state: MessageState,
    details: AnswerDetails | None,
    now_ms: int,
) -> Message:
    """Keep a whole answer and how it came about. Raises HistoryError."""
    connection.execute(
        "UPDATE messages SET text = ?, reasoning = ?, state = ?, details = ? WHERE id = ?",
        (clean(text), clean(reasoning), state.value, json_of(details), answer_id),
    )
    stored = queries.message(connection, answer_id)
    connection.execute(
        "UPDATE conversations SET updated_ms = ? WHERE id = ?", (now_ms, stored.conversation_id)
    )
    return stored


def change(
    connection: Connection, conversation_id: str, column: str, value: str | int | None
) -> Conversation:
    """Set one column of a conversation. Raises HistoryError."""
    if isinstance(value, str):
        value = clean(value)
    connection.execute(
        f"UPDATE conversations SET {column} = ? WHERE id = ?", (value, conversation_id)
    )
    return queries.conversation(connection, conversation_id)


def set_pinned(connection: Connection, message_id: str, pinned: bool) -> Message:
    """Keep a message in every prompt, or no longer. Raises HistoryError."""
    connection.execute("UPDATE messages SET pinned = ? WHERE id = ?", (pinned, message_id))
    return queries.message(connection, message_id)


def set_summary(connection: Connection, summary: Summary, now_ms: int) -> Summary:
    """Keep a summary in the place of the one that ended at the same message."""
    queries.message(connection, summary.until_id)
    connection.execute(
        "INSERT INTO summaries (until_id, conversation_id, text, edited, created_ms)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (until_id) DO UPDATE"
        " SET text = excluded.text, edited = excluded.edited",
        (
            summary.until_id,
            summary.conversation_id,
            clean(summary.text),
            summary.edited,
            summary.created_ms or now_ms,
        ),
    )
    return summary


def remove_summary(connection: Connection, until_id: str) -> None:
    """Give the model the messages themselves again."""
    connection.execute("DELETE FROM summaries WHERE until_id = ?", (until_id,))


def set_trashed(connection: Connection, ids: Sequence[str], trashed_ms: int | None) -> int:
    """Move conversations into the trash, or out of it with None; returns how many moved."""
    moved = 0
    for conversation_id in ids:
        connection.execute(
            "UPDATE conversations SET trashed_ms = ?1"
            " WHERE id = ?2 AND (trashed_ms IS NULL) = (?1 IS NOT NULL)",
            (trashed_ms, conversation_id),
        )
        moved += connection.changes()
    return moved


def mark_interrupted(connection: Connection) -> int:
    """Answers that were being written when the program ended; returns how many."""
    connection.execute(
        "UPDATE messages SET state = ? WHERE state = 'streaming'",
        (MessageState.INTERRUPTED.value,),
    )
    return connection.changes()


def purge(connection: Connection, older_than_ms: int, now_ms: int) -> int:
    """Erase what has lain in the trash for ``older_than_ms``; returns how many.

    A clock that jumped ahead must not empty the trash: time counts only as far as something
    was written in this history.
    """
    row = connection.execute(
        "SELECT max(max(updated_ms, coalesce(trashed_ms, 0),"
        " (SELECT coalesce(max(trashed_ms), 0) FROM messages WHERE trashed_by IS NOT NULL)))"
        " FROM conversations"
    ).fetchone()
    newest = int(row[0] or 0) if row is not None else 0
    before = min(now_ms, newest) - older_than_ms
    connection.execute("DELETE FROM conversations WHERE trashed_ms < ?", (before,))
    count = connection.changes()
    return count + branches.erase(connection, before)


def _next_activity(connection: Connection) -> int:
    row = connection.execute("SELECT coalesce(max(sequence), 0) + 1 FROM conversations").fetchone()
    assert row is not None
    return int(row[0])
