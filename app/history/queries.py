"""Reading conversations and messages from an open history."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.history.attached import with_attachments
from app.history.entities import Conversation, Message, Summary, TrashedBranch
from app.history.errors import HistoryError
from app.history.rows import (
    CONVERSATION_COLUMNS,
    MESSAGE_COLUMNS,
    conversation_of,
    message_of,
)
from app.history.tree import Node, Tree
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


def tree(connection: Connection, conversation_id: str) -> Tree:
    """The shape of a conversation. Raises HistoryError."""
    conversation(connection, conversation_id)
    rows = connection.execute(
        "SELECT CAST(id AS BLOB), CAST(parent_id AS BLOB), CAST(sequence AS INTEGER),"
        " CAST(shown AS INTEGER), CAST(trashed_by AS BLOB) FROM messages"
        " WHERE conversation_id = ? ORDER BY sequence, row",
        (clean(conversation_id),),
    )
    return Tree(map(_node_of, rows))


def _node_of(row: Sequence[Any]) -> Node:
    # Called for every message at every switch of a branch: so few calls as can be.
    message_id, parent, sequence, shown, trashed_by = row
    return Node(
        str(message_id or b"", "utf-8", "replace"),
        None if parent is None else str(parent, "utf-8", "replace"),
        sequence or 0,
        shown or 0,
        "" if trashed_by is None else str(trashed_by, "utf-8", "replace"),
    )


def messages(connection: Connection, conversation_id: str) -> list[Message]:
    """All of a conversation outside the trash in the order it was written. Raises HistoryError."""
    shape = tree(connection, conversation_id)
    rows = connection.execute(
        f"SELECT {MESSAGE_COLUMNS} FROM messages WHERE conversation_id = ?"
        " AND trashed_by IS NULL ORDER BY sequence, row",
        (clean(conversation_id),),
    )
    found = with_attachments(connection, [message_of(row) for row in rows])
    return [_hung(each, shape) for each in found] if shape.has_trash else found


def branch(connection: Connection, conversation_id: str, leaf_id: str | None) -> list[Message]:
    """From the first message to a leaf; by default to the leaf that is shown.

    Reads the shape of the tree, and of messages only what it returns. Raises HistoryError.
    """
    shape = tree(connection, conversation_id)
    path = shape.path(leaf_id or conversation(connection, conversation_id).leaf_id)
    return some(connection, conversation_id, path, shape)


def some(
    connection: Connection, conversation_id: str, ids: Sequence[str], shape: Tree
) -> list[Message]:
    """These messages of a conversation, in this order; what is not there is left out."""
    rows = connection.execute(
        f"SELECT {MESSAGE_COLUMNS} FROM messages"
        " WHERE id IN (SELECT value FROM json_each(?)) AND conversation_id = ?",
        (json.dumps(ids), clean(conversation_id)),
    )
    read = with_attachments(connection, [message_of(row) for row in rows])
    by_id = {each.id: each for each in read}
    found = [by_id[each] for each in ids if each in by_id]
    return [_hung(each, shape) for each in found] if shape.has_trash else found


def _hung(message: Message, shape: Tree) -> Message:
    """``message`` below the parent that is seen."""
    parent = shape.parent(message.id)
    return message if parent == message.parent_id else replace(message, parent_id=parent)


def message(connection: Connection, message_id: str) -> Message:
    """One message. Raises HistoryError."""
    row = connection.execute(
        f"SELECT {MESSAGE_COLUMNS} FROM messages WHERE id = ?", (clean(message_id),)
    ).fetchone()
    if row is None:
        raise HistoryError("history.no_message", id=message_id)
    return with_attachments(connection, [message_of(row)])[0]


def siblings(connection: Connection, message_id: str) -> list[str]:
    """Ids of all messages with the same parent, itself included, oldest first."""
    own = message(connection, message_id)
    return tree(connection, own.conversation_id).siblings(message_id)


def summaries(connection: Connection, conversation_id: str) -> list[Summary]:
    """Every summary of a conversation, the oldest first."""
    rows = connection.execute(
        "SELECT until_id, CAST(text AS BLOB), edited, created_ms FROM summaries"
        " WHERE conversation_id = ? ORDER BY row",
        (clean(conversation_id),),
    )
    return [
        Summary(
            str(row[0]),
            conversation_id,
            bytes(row[1]).decode("utf-8", "replace"),
            bool(row[2]),
            int(row[3]),
        )
        for row in rows
    ]


def trashed_branches(connection: Connection, conversation_id: str) -> list[TrashedBranch]:
    """Every deletion in a conversation, the latest first."""
    rows = connection.execute(
        f"SELECT {MESSAGE_COLUMNS}, trashed_ms, (SELECT count(*) FROM messages AS gone"
        "  WHERE gone.trashed_by = messages.id) FROM messages"
        " WHERE conversation_id = ? AND trashed_by = id ORDER BY trashed_ms DESC, row DESC",
        (clean(conversation_id),),
    ).fetchall()
    return [
        TrashedBranch(message_of(row), int(str(row[-1])), int(str(row[-2] or 0))) for row in rows
    ]


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
        "  AND messages.trashed_by IS NULL"
        f"  AND {_HAS_TEXT}(CAST(messages.text AS BLOB), ?1)))"
        " ORDER BY sequence DESC, row DESC LIMIT ?2",
        (clean(text).casefold(), limit),
    )
    return [conversation_of(row) for row in rows]
