"""The tables of history.sqlite3, version by version. Append only."""

from app.storage.connection import Connection
from app.storage.migrations import Migrations


def history_migrations() -> Migrations:
    """Every step from an empty file to the newest version, in order."""
    return (m001_conversations_and_messages, m002_model_notes)


def m001_conversations_and_messages(connection: Connection) -> None:
    """Conversations, and a tree of messages in each.

    ``row`` stays inside the file. ``sequence`` orders messages within a conversation, and
    conversations by their last activity. Text columns of one row may hold anything after a
    disk fault, so they are checked when read, not by the table.
    """
    connection.execute(
        """
        CREATE TABLE conversations (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL,
            system_prompt TEXT NOT NULL,
            sampling TEXT,
            model_key TEXT NOT NULL,
            leaf_id TEXT,
            created_ms INTEGER NOT NULL,
            updated_ms INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            trashed_ms INTEGER
        );
        CREATE INDEX conversations_by_activity ON conversations (sequence);
        CREATE TABLE messages (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            parent_id TEXT REFERENCES messages (id) ON DELETE CASCADE,
            sequence INTEGER NOT NULL,
            role TEXT NOT NULL,
            text TEXT NOT NULL,
            reasoning TEXT NOT NULL,
            state TEXT NOT NULL,
            created_ms INTEGER NOT NULL,
            details TEXT
        );
        CREATE INDEX messages_in_order ON messages (conversation_id, sequence);
        CREATE INDEX messages_by_parent ON messages (parent_id);
        CREATE INDEX messages_streaming ON messages (state) WHERE state = 'streaming';
        """
    )


def m002_model_notes(connection: Connection) -> None:
    """What a person wrote about a model. Here, since the library's own file is rebuildable.

    No row of the library is referred to: a note outlives its model and is there again when the
    same model comes back.
    """
    connection.execute(
        """
        CREATE TABLE model_notes (
            row INTEGER PRIMARY KEY,
            model_key TEXT NOT NULL UNIQUE,
            text TEXT NOT NULL,
            updated_ms INTEGER NOT NULL
        )
        """
    )
