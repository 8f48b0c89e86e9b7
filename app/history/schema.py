"""The tables of history.sqlite3, version by version. Append only."""

from app.storage.connection import Connection
from app.storage.migrations import Migrations


def history_migrations() -> Migrations:
    """Every step from an empty file to the newest version, in order."""
    return (
        m001_conversations_and_messages,
        m002_model_notes,
        m003_attachments,
        m004_branches,
        m005_presets,
        m006_drafts,
        m007_queued_attachments,
        m008_organise_and_search,
    )


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


def m003_attachments(connection: Connection) -> None:
    """Text out of files, and which message carries which of it.

    The text is kept once, however many messages carry it, and may wait in a draft without any.
    ``given`` is what the model was given of it; NULL is all of it. With the last message that
    carried it the text goes too: what is erased is erased at once.
    """
    connection.execute(
        """
        CREATE TABLE attachments (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            kind TEXT NOT NULL,
            size INTEGER NOT NULL,
            sha256 TEXT NOT NULL,
            text TEXT NOT NULL,
            sections TEXT NOT NULL,
            created_ms INTEGER NOT NULL
        );
        CREATE TABLE message_attachments (
            row INTEGER PRIMARY KEY,
            message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
            attachment_id TEXT NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            way TEXT NOT NULL,
            part TEXT NOT NULL,
            given TEXT,
            UNIQUE (message_id, position)
        );
        CREATE INDEX message_attachments_by_attachment ON message_attachments (attachment_id);
        CREATE TRIGGER attachments_without_message AFTER DELETE ON message_attachments
        WHEN NOT EXISTS (
            SELECT 1 FROM message_attachments WHERE attachment_id = OLD.attachment_id
        )
        BEGIN
            DELETE FROM attachments WHERE id = OLD.attachment_id;
        END;
        """
    )


def m004_branches(connection: Connection) -> None:
    """Moving in the tree, deleting parts of it, and what the prompt is made of.

    ``shown`` counts the moves of the leaf, so that going back finds the path last used.
    ``trashed_by`` is the message whose deletion took this one along; a deletion is undone by it.
    A summary stands for a branch's beginning up to its message. What is queued waits on disk
    for the answer before it.
    """
    connection.execute(
        """
        ALTER TABLE messages ADD COLUMN shown INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE messages ADD COLUMN trashed_by TEXT;
        ALTER TABLE messages ADD COLUMN trashed_ms INTEGER;
        ALTER TABLE messages ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX messages_in_trash ON messages (trashed_by);
        ALTER TABLE conversations ADD COLUMN moves INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conversations ADD COLUMN overflow TEXT NOT NULL DEFAULT 'stop';
        CREATE TABLE summaries (
            row INTEGER PRIMARY KEY,
            until_id TEXT NOT NULL UNIQUE REFERENCES messages (id) ON DELETE CASCADE,
            conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            text TEXT NOT NULL,
            edited INTEGER NOT NULL,
            created_ms INTEGER NOT NULL
        );
        CREATE INDEX summaries_by_conversation ON summaries (conversation_id);
        CREATE TABLE queued (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            text TEXT NOT NULL
        );
        CREATE INDEX queued_by_conversation ON queued (conversation_id);
        """
    )


def m005_presets(connection: Connection) -> None:
    """Presets and the prompt library, each as JSON beside its name."""
    connection.execute(
        """
        CREATE TABLE presets (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            content TEXT NOT NULL
        );
        CREATE TABLE library_prompts (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            content TEXT NOT NULL
        );
        """
    )


def m006_drafts(connection: Connection) -> None:
    """What was typed and not sent yet. A chat without any message has an empty id.

    So no row is referred to; what is erased for good takes its draft along all the same.
    """
    connection.execute(
        """
        CREATE TABLE drafts (
            row INTEGER PRIMARY KEY,
            conversation_id TEXT NOT NULL UNIQUE,
            content TEXT NOT NULL
        );
        CREATE TRIGGER drafts_of_erased AFTER DELETE ON conversations
        BEGIN
            DELETE FROM drafts WHERE conversation_id = OLD.id;
        END;
        """
    )


def m007_queued_attachments(connection: Connection) -> None:
    """What waits to be sent may carry files, as JSON; their texts are kept as attachments are."""
    connection.execute("ALTER TABLE queued ADD COLUMN attachments TEXT NOT NULL DEFAULT '[]'")


def m008_organise_and_search(connection: Connection) -> None:
    """Folders, pins, the trash of presets, and an index of every word.

    A conversation keeps the folder it was in while that lies in the trash. ``trashed_with`` is
    the folder whose deletion took it along. A preset that is deleted, by whomever, is kept.
    """
    connection.execute(
        """
        CREATE TABLE folders (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            created_ms INTEGER NOT NULL,
            trashed_ms INTEGER
        );
        ALTER TABLE conversations ADD COLUMN folder_id TEXT
            REFERENCES folders (id) ON DELETE SET NULL;
        ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conversations ADD COLUMN trashed_with TEXT;
        CREATE INDEX conversations_by_folder ON conversations (folder_id);
        CREATE INDEX conversations_in_trash ON conversations (trashed_ms)
            WHERE trashed_ms IS NOT NULL;
        CREATE INDEX messages_by_deletion ON messages (trashed_ms) WHERE trashed_ms IS NOT NULL;
        CREATE TABLE trashed_presets (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            content TEXT NOT NULL,
            trashed_ms INTEGER NOT NULL
        );
        CREATE TRIGGER presets_to_trash AFTER DELETE ON presets
        BEGIN
            INSERT OR REPLACE INTO trashed_presets (id, kind, name, content, trashed_ms)
            VALUES (OLD.id, 'preset', OLD.name, OLD.content,
                CAST(unixepoch('subsec') * 1000 AS INTEGER));
        END;
        CREATE TRIGGER library_prompts_to_trash AFTER DELETE ON library_prompts
        BEGIN
            INSERT OR REPLACE INTO trashed_presets (id, kind, name, content, trashed_ms)
            VALUES (OLD.id, 'prompt', OLD.name, OLD.content,
                CAST(unixepoch('subsec') * 1000 AS INTEGER));
        END;
        CREATE TRIGGER presets_kept AFTER INSERT ON presets
        BEGIN
            DELETE FROM trashed_presets WHERE id = NEW.id;
        END;
        CREATE TRIGGER library_prompts_kept AFTER INSERT ON library_prompts
        BEGIN
            DELETE FROM trashed_presets WHERE id = NEW.id;
        END;
        """
    )
    _search_tables(connection)
    _search_triggers(connection)


def _search_tables(connection: Connection) -> None:
    """Of m008: the index itself, which holds no text, and what is to be put into it.

    ``search_pending`` has four times the row, plus 0 for a message, 1 for a title, 2 for a file;
    ``changes`` tells a later change from the one that is being indexed.
    """
    options = (
        "content='', contentless_delete=1, prefix='3',"
        " tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co M*'\""
    )
    connection.execute(
        f"""
        CREATE VIRTUAL TABLE message_words USING fts5(text, reasoning, marks, {options});
        CREATE VIRTUAL TABLE title_words USING fts5(title, {options});
        CREATE VIRTUAL TABLE attachment_words USING fts5(text, name, {options});
        CREATE TABLE search_pending (row INTEGER PRIMARY KEY, changes INTEGER NOT NULL);
        INSERT INTO search_pending (row, changes)
            SELECT 4 * row, 0 FROM messages WHERE state <> 'streaming' AND trashed_by IS NULL
            UNION ALL SELECT 4 * row + 1, 0 FROM conversations
            UNION ALL SELECT 4 * row + 2, 0 FROM attachments;
        """
    )


def _search_triggers(connection: Connection) -> None:
    """Of m008: whoever writes, it is noted what is to be indexed; what is erased leaves at once."""

    def note(row: str) -> str:
        return (
            f"BEGIN INSERT INTO search_pending (row, changes) VALUES ({row}, 0)"
            " ON CONFLICT (row) DO UPDATE SET changes = changes + 1; END"
        )

    connection.execute(
        f"""
        CREATE TRIGGER messages_to_index AFTER INSERT ON messages
        WHEN NEW.state <> 'streaming' {note("4 * NEW.row")};
        CREATE TRIGGER messages_to_index_again
        AFTER UPDATE OF text, reasoning, state, trashed_by, conversation_id ON messages
        WHEN NEW.state <> 'streaming' {note("4 * NEW.row")};
        CREATE TRIGGER messages_from_index AFTER DELETE ON messages
        BEGIN
            DELETE FROM search_pending WHERE row = 4 * OLD.row;
            DELETE FROM message_words WHERE rowid = OLD.row;
        END;
        CREATE TRIGGER titles_to_index AFTER INSERT ON conversations
        {note("4 * NEW.row + 1")};
        CREATE TRIGGER titles_to_index_again AFTER UPDATE OF title ON conversations
        {note("4 * NEW.row + 1")};
        CREATE TRIGGER titles_from_index AFTER DELETE ON conversations
        BEGIN
            DELETE FROM search_pending WHERE row = 4 * OLD.row + 1;
            DELETE FROM title_words WHERE rowid = OLD.row;
        END;
        CREATE TRIGGER attachments_to_index AFTER INSERT ON attachments
        {note("4 * NEW.row + 2")};
        CREATE TRIGGER attachments_from_index AFTER DELETE ON attachments
        BEGIN
            DELETE FROM search_pending WHERE row = 4 * OLD.row + 2;
            DELETE FROM attachment_words WHERE rowid = OLD.row;
        END;
        """
    )
