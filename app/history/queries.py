"""Reading conversations and messages from an open history."""

from collections.abc import Iterable
from typing import Any

from app.history.entities import Conversation, Message
from app.history.errors import HistoryError
from app.history.rows import (
    CONVERSATION_COLUMNS,
    MESSAGE_COLUMNS,
    conversation_of,
    message_of,
)
from app.storage.connection import Connection
from app.text import clean

_HAS_TEXT = "moestro_has_text"


def conversations(connection: Connection, *, trashed: bool) -> list[Conversation]:
    """All conversations, or those in the trash; the last one used first."""
    rows = connection.execute(
        f"SELECT {CONVERSATION_COLUMNS} FROM conversations"
        " WHERE (trashed_ms IS NOT NULL) = ? ORDER BY sequence DESC, row DESC",
        (trashed,),
    )
    return [conversation_of(row) for row in rows]


def conversation(connection: Connection, conversation_id: str) -> Conversation:
    """One conversation. Raises HistoryError."""
    row = connection.execute(
        f"SELECT {CONVERSATION_COLUMNS} FROM conversations WHERE id = ?", (clean(conversation_id),)
    ).fetchone()
    if row is None:
        raise HistoryError("history.no_conversation", id=conversation_id)
    return conversation_of(row)


def messages(connection: Connection, conversation_id: str) -> list[Message]:
    """The whole tree of a conversation in the order it was written. Raises HistoryError."""
    conversation(connection, conversation_id)
    rows = connection.execute(
        f"SELECT {MESSAGE_COLUMNS} FROM messages WHERE conversation_id = ? ORDER BY sequence, row",
        (clean(conversation_id),),
    )
    return [message_of(row) for row in rows]


def message(connection: Connection, message_id: str) -> Message:
    """One message. Raises HistoryError."""
    row = connection.execute(
        f"SELECT {MESSAGE_COLUMNS} FROM messages WHERE id = ?", (clean(message_id),)
    ).fetchone()
    if row is None:
        raise HistoryError("history.no_message", id=message_id)
    return message_of(row)


def siblings(connection: Connection, message_id: str) -> list[str]:
    """Ids of all messages with the same parent, itself included, oldest first."""
    own = message(connection, message_id)
    rows = connection.execute(
        "SELECT id FROM messages WHERE conversation_id = ? AND parent_id IS ?"
        " ORDER BY sequence, row",
        (own.conversation_id, own.parent_id),
    )
    return [str(row[0]) for row in rows]


def add_search_function(connection: Connection) -> None:
    """Teach a connection to compare text without regard to case, in every script."""

    def has_text(*arguments: Any) -> bool:
        cell, folded = arguments
        return folded in bytes(cell or b"").decode("utf-8", "replace").casefold()

    connection.create_scalar_function(_HAS_TEXT, has_text, 2, deterministic=True)


def search(connection: Connection, text: str, limit: int) -> list[Conversation]:
    """Conversations outside the trash with ``text`` in the title or a message."""
    columns = CONVERSATION_COLUMNS
    rows = connection.execute(
        f"SELECT {columns} FROM conversations WHERE trashed_ms IS NULL AND ("
        f" {_HAS_TEXT}(CAST(title AS BLOB), ?1) OR EXISTS ("
        "  SELECT 1 FROM messages WHERE messages.conversation_id = conversations.id"
        f"  AND {_HAS_TEXT}(CAST(messages.text AS BLOB), ?1)))"
        " ORDER BY sequence DESC, row DESC LIMIT ?2",
        (clean(text).casefold(), limit),
    )
    return [conversation_of(row) for row in rows]


def branch_of(messages: Iterable[Message], leaf_id: str | None) -> list[Message]:
    """From the root to ``leaf_id``; without it, or when it is gone, to the newest message."""
    by_id = {message.id: message for message in messages}
    if not by_id:
        return []
    current: Message | None = by_id.get(leaf_id or "") or max(
        by_id.values(), key=lambda message: message.sequence
    )
    branch: list[Message] = []
    while current is not None:
        branch.append(current)
        # Taken out, so that damaged parents that form a circle come to an end.
        by_id.pop(current.id)
        current = by_id.get(current.parent_id or "")
    return branch[::-1]
