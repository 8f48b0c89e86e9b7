"""Writing the tree: new messages, moving in it, deleting and bringing back, new conversations."""

import json
from dataclasses import replace

from app.history import attached, queries
from app.history.entities import Conversation, Message, MessageState
from app.history.errors import HistoryError
from app.history.rows import json_of
from app.history.tree import Tree
from app.ids import new_id
from app.storage.connection import Connection
from app.text import clean


def insert(connection: Connection, message: Message, now_ms: int) -> None:
    """Keep a new message below its parent. Raises HistoryError when that is gone."""
    if message.parent_id is not None:
        parent = queries.message(connection, message.parent_id)
        if parent.conversation_id != message.conversation_id:
            raise HistoryError("history.no_message", id=message.parent_id)
    connection.execute(
        "INSERT INTO messages (id, conversation_id, parent_id, role, text, reasoning, state,"
        " created_ms, details, pinned, sequence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
        " (SELECT coalesce(max(sequence), 0) + 1 FROM messages WHERE conversation_id = ?2))",
        (
            message.id,
            message.conversation_id,
            message.parent_id,
            message.role.value,
            clean(message.text),
            clean(message.reasoning),
            message.state.value,
            message.created_ms or now_ms,
            json_of(message.details),
            message.pinned,
        ),
    )
    attached.insert(connection, message)


def add(connection: Connection, message: Message, now_ms: int) -> Conversation:
    """Keep a message that a person wrote in somebody's name, and show it. Raises HistoryError."""
    insert(connection, message, now_ms)
    return show(connection, message.conversation_id, message.id)


def show(connection: Connection, conversation_id: str, leaf_id: str | None) -> Conversation:
    """Show the branch that ends in ``leaf_id``, and remember that it was. Raises HistoryError."""
    if leaf_id is not None:
        if queries.message(connection, leaf_id).conversation_id != conversation_id:
            raise HistoryError("history.no_message", id=leaf_id)
        connection.execute(
            "UPDATE messages SET shown ="
            " (SELECT moves + 1 FROM conversations WHERE id = ?1) WHERE id = ?2",
            (conversation_id, leaf_id),
        )
    connection.execute(
        "UPDATE conversations SET leaf_id = ?, moves = moves + 1 WHERE id = ?",
        (leaf_id, conversation_id),
    )
    return queries.conversation(connection, conversation_id)


def switch(connection: Connection, message_id: str) -> tuple[Conversation, Tree]:
    """Show the branch through ``message_id`` that was used last; with the conversation's shape,
    which costs too much to read it twice. Raises HistoryError."""
    conversation_id, tree = seen(connection, message_id)
    return show(connection, conversation_id, tree.last_used(message_id)), tree


def trash(connection: Connection, message_id: str, now_ms: int, *, alone: bool) -> Conversation:
    """Move a message into the trash, and all below it unless ``alone``. Raises HistoryError.

    The leaf moves to the path last used beside it.
    """
    conversation_id, tree = seen(connection, message_id)
    parent = tree.parent(message_id)
    taken = [message_id] if alone else tree.branch(message_id)
    shown = queries.conversation(connection, conversation_id).leaf_id
    connection.execute(
        "UPDATE messages SET trashed_by = ?1, trashed_ms = ?2"
        " WHERE id IN (SELECT value FROM json_each(?3))",
        (message_id, now_ms, json.dumps(taken)),
    )
    if shown is not None and shown not in taken:
        return queries.conversation(connection, conversation_id)
    left = queries.tree(connection, conversation_id)
    return show(connection, conversation_id, left.last_used(parent))


def restore(connection: Connection, message_id: str) -> Conversation:
    """Undo one deletion, whole, and show what came back. Raises HistoryError."""
    found = queries.message(connection, message_id)
    connection.execute(
        "UPDATE messages SET trashed_by = NULL, trashed_ms = NULL WHERE trashed_by = ?",
        (message_id,),
    )
    if not connection.changes():
        raise HistoryError("history.no_message", id=message_id)
    return switch(connection, found.id)[0]


def erase(connection: Connection, before_ms: int) -> int:
    """Erase what was deleted before ``before_ms`` Unix milliseconds; returns how many messages.

    What is left below it is hung on the parent that is seen first.
    """
    rows = connection.execute(
        "SELECT id, conversation_id FROM messages WHERE trashed_ms < ?", (before_ms,)
    ).fetchall()
    gone = {str(row[0]) for row in rows}
    for conversation_id in {str(row[1]) for row in rows}:
        _hang_on(connection, queries.tree(connection, conversation_id), gone)
    connection.execute(
        "DELETE FROM messages WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(gone)),),
    )
    return len(gone)


def _hang_on(connection: Connection, tree: Tree, gone: set[str]) -> None:
    """Give what stays below the messages that go a parent that stays."""
    rows = connection.execute(
        "SELECT id, parent_id FROM messages WHERE parent_id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(gone)),),
    ).fetchall()
    for child, parent in ((str(row[0]), row[1]) for row in rows):
        if child in gone:
            continue
        seen = set()
        while parent in gone and parent not in seen:
            seen.add(parent)
            node = tree.node(str(parent))
            parent = node.parent_id if node is not None else None
        connection.execute(
            "UPDATE messages SET parent_id = ? WHERE id = ?",
            (None if parent in gone else parent, child),
        )


def fork(
    connection: Connection, conversation_id: str, leaf_id: str, title: str, now_ms: int
) -> str:
    """Copy the branch that ends in ``leaf_id`` into a new conversation; returns its id.

    Messages get new ids; attachments, summaries and settings come along. Raises HistoryError.
    """
    source = queries.conversation(connection, conversation_id)
    branch = queries.branch(connection, conversation_id, leaf_id)
    if not branch or branch[-1].id != leaf_id:
        raise HistoryError("history.no_message", id=leaf_id)
    ids = {message.id: new_id() for message in branch}
    new = new_id()
    connection.execute(
        "INSERT INTO conversations (id, title, system_prompt, sampling, model_key, leaf_id,"
        " created_ms, updated_ms, sequence, overflow) SELECT ?, ?, ?, ?, ?, NULL, ?, ?,"
        " coalesce(max(sequence), 0) + 1, ? FROM conversations",
        (
            new,
            clean(title),
            clean(source.system_prompt),
            json_of(source.sampling),
            clean(source.model_key),
            now_ms,
            now_ms,
            source.overflow.value,
        ),
    )
    parent: str | None = None
    for message in branch:
        state = message.state
        if state is MessageState.STREAMING:
            state = MessageState.INTERRUPTED
        copy = replace(
            message, id=ids[message.id], conversation_id=new, parent_id=parent, state=state
        )
        insert(connection, copy, now_ms)
        parent = copy.id
    _copy_summaries(connection, ids, new)
    show(connection, new, parent)
    return new


def _copy_summaries(connection: Connection, ids: dict[str, str], conversation_id: str) -> None:
    for old, new in ids.items():
        connection.execute(
            "INSERT INTO summaries (until_id, conversation_id, text, edited, created_ms)"
            " SELECT ?, ?, text, edited, created_ms FROM summaries WHERE until_id = ?",
            (new, conversation_id, old),
        )


def seen(connection: Connection, message_id: str) -> tuple[str, Tree]:
    """The conversation of a message outside the trash. Raises HistoryError."""
    conversation_id = queries.message(connection, message_id).conversation_id
    tree = queries.tree(connection, conversation_id)
    if message_id not in tree:
        raise HistoryError("history.no_message", id=message_id)
    return conversation_id, tree
