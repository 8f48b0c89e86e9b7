"""Fills the staging file: a history database of what was found, checked row by row.

Nothing here trusts a source: parents may be missing or form circles, ids may come twice, a
conversation may come out of several files.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from app.attachments.entities import Attachment
from app.history.entities import AttachedText, AttachedWay, Conversation, Message
from app.history.organised import Folder
from app.history.rows import json_of
from app.imports.entities import Unread
from app.imports.identity import derived_id
from app.imports.report import MOST_UNREAD
from app.storage.connection import Connection
from app.text import clean

Columns: TypeAlias = dict[str, str | int]

UNREAD_TABLE, ORIGIN_TABLE = "import_unread", "import_origins"

_TABLES = f"""
    CREATE TABLE {UNREAD_TABLE} (
        row INTEGER PRIMARY KEY, place TEXT NOT NULL, code TEXT NOT NULL, facts TEXT NOT NULL
    );
    CREATE TABLE {ORIGIN_TABLE} (
        row INTEGER PRIMARY KEY, conversation_id TEXT NOT NULL UNIQUE,
        source TEXT NOT NULL, file TEXT NOT NULL
    );
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a conversation was found."""

    source: str
    file: str
    """Its name."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A file of a message. ``given`` None is all of it; the file itself may come later."""

    attachment_id: str
    way: AttachedWay
    part: str
    given: str | None


def attachment_of(carried: AttachedText, created_ms: int) -> Columns:
    """Columns of a file of which only what was given is known."""
    return {
        "id": carried.attachment_id,
        "name": carried.name,
        "kind": carried.kind,
        "size": carried.size,
        "sha256": carried.sha256,
        "text": carried.text,
        "sections": "[]",
        "created_ms": created_ms,
    }


class Staging:
    """One staging file; everything is one transaction, begun and ended by whoever opens it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.conversations = 0
        self.messages = 0
        self.unread_count = 0
        connection.execute(_TABLES)

    def unread(self, row: Unread) -> None:
        """Keep a row of the report."""
        self.unread_count += 1
        if self.unread_count <= MOST_UNREAD:
            self.connection.execute(
                f"INSERT INTO {UNREAD_TABLE} (place, code, facts) VALUES (?, ?, ?)",
                (clean(row.where), clean(row.code), clean(json.dumps(row.facts))),
            )

    def file(self, attachment: Attachment) -> None:
        """Keep the text of a file; one that is there already stays as it is."""
        self.file_row(
            {
                "id": attachment.id,
                "name": attachment.name,
                "kind": attachment.kind.value,
                "size": attachment.size,
                "sha256": attachment.sha256,
                "text": attachment.text,
                "sections": msgspec.json.encode(attachment.sections).decode(),
                "created_ms": attachment.created_ms,
            }
        )

    def file_row(self, row: Columns) -> bool:
        """The same from its columns; whether it was not there, or by its name alone."""
        row = {key: clean(each) if isinstance(each, str) else each for key, each in row.items()}
        self.connection.execute(
            "INSERT OR IGNORE INTO attachments"
            " (id, name, kind, size, sha256, text, sections, created_ms)"
            " VALUES (:id, :name, :kind, :size, :sha256, :text, :sections, :created_ms)",
            row,
        )
        if self.connection.changes() or not row["text"]:
            return self.connection.changes() > 0
        self.connection.execute(
            "UPDATE attachments SET text = :text, sections = :sections"
            " WHERE id = :id AND text = '' AND size = :size AND sha256 = :sha256 AND size > 0",
            row,
        )
        return self.connection.changes() > 0

    def count_empty(self, files: Iterable[str]) -> int:
        """How many of these files came by their names alone."""
        found = (
            self.connection.execute(
                "SELECT 1 FROM attachments WHERE id = ? AND text = ''", (each,)
            ).fetchone()
            for each in files
        )
        return sum(row is not None for row in found)

    def tree(self, conversation_id: str, origin: Origin) -> "StagedTree":
        """Begin a conversation, or go on with one that another file began."""
        return StagedTree(self, conversation_id, origin)

    def finish(self) -> None:
        """Give places to those that have none among the others: by their last use."""
        (first,) = self.connection.execute("SELECT coalesce(max(sequence), 0) FROM conversations")
        last = int(str(first[0]))
        rows = self.connection.execute(
            "SELECT row FROM conversations WHERE sequence = 0 ORDER BY updated_ms, row"
        ).fetchall()
        self.connection.executemany(
            "UPDATE conversations SET sequence = ? WHERE row = ?",
            ((last + place, row[0]) for place, row in enumerate(rows, 1)),
        )


class StagedTree:
    """One conversation under way; its messages may come in any order."""

    def __init__(self, staging: Staging, conversation_id: str, origin: Origin) -> None:
        self._staging = staging
        self._connection = staging.connection
        self._id = conversation_id
        self._origin = origin
        rows = self._connection.execute(
            "SELECT id, parent_id FROM messages WHERE conversation_id = ?", (conversation_id,)
        ).fetchall()
        self._before = {str(row[0]) for row in rows}
        self._parents: dict[str, str | None] = {
            str(row[0]): None if row[1] is None else str(row[1]) for row in rows
        }
        self._names: dict[str, str] = {}
        """Ids that had to be replaced, because another conversation has them."""
        self._seen: set[str] = set()
        self._wanted: set[str] = set()
        self._twice = 0

    @property
    def has_messages(self) -> bool:
        """Whether any was kept."""
        return bool(self._parents)

    def message(self, message: Message, files: Sequence[Carried] = (), shown: int = 0) -> None:
        """Keep a message; one that came before stays as it is."""
        if message.id in self._before:
            return
        if message.id in self._seen:
            self._twice += 1
            return
        self._seen.add(message.id)
        own = message.id
        if not self._insert(own, message, shown):
            own = derived_id(message.created_ms, "moved", self._id, message.id)
            self._names[message.id] = own
            if own in self._before or not self._insert(own, message, shown):
                return
        self._staging.messages += 1
        self._parents[own] = message.parent_id
        for position, each in enumerate(files):
            self._wanted.add(each.attachment_id)
            given = None if each.given is None else clean(each.given)
            self._connection.execute(
                "INSERT INTO message_attachments"
                " (message_id, attachment_id, position, way, part, given)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (own, each.attachment_id, position, each.way.value, clean(each.part), given),
            )

    def _insert(self, own: str, message: Message, shown: int) -> bool:
        self._connection.execute(
            "INSERT OR IGNORE INTO messages (id, conversation_id, parent_id, role, text,"
            " reasoning, state, created_ms, sequence, details, pinned, shown)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                own,
                self._id,
                message.parent_id,
                message.role.value,
                clean(message.text),
                clean(message.reasoning),
                message.state.value,
                message.created_ms,
                message.sequence,
                json_of(message.details),
                message.pinned,
                shown,
            ),
        )
        return self._connection.changes() > 0

    def summary(self, until_id: str, text: str, edited: bool, created_ms: int) -> None:
        """Keep a summary, after the messages."""
        until = self._names.get(until_id, until_id)
        if until in self._parents:
            self._connection.execute(
                "INSERT OR IGNORE INTO summaries"
                " (until_id, conversation_id, text, edited, created_ms) VALUES (?, ?, ?, ?, ?)",
                (until, self._id, clean(text), edited, created_ms),
            )

    def finish(self, conversation: Conversation, folder: Folder | None, *, pinned: bool) -> None:
        """Keep the conversation itself, after its messages."""
        where = clean(conversation.title) or self._id
        self._mend_parents(where)
        self._drop_lost_files(where)
        if self._twice:
            self._staging.unread(Unread(where, "import.duplicate_messages", {"count": self._twice}))
        leaf = conversation.leaf_id
        leaf = None if leaf is None else self._names.get(leaf, leaf)
        if folder is not None:
            self._connection.execute(
                "INSERT OR IGNORE INTO folders (id, name, created_ms) VALUES (?, ?, ?)",
                (folder.id, clean(folder.name), folder.created_ms),
            )
        self._connection.execute(
            "INSERT INTO conversations (id, title, system_prompt, sampling, model_key, leaf_id,"
            " created_ms, updated_ms, sequence, overflow, folder_id, pinned, moves)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
            "  (SELECT coalesce(max(shown), 0) FROM messages WHERE conversation_id = ?1))"
            " ON CONFLICT (id) DO UPDATE SET leaf_id = excluded.leaf_id,"
            "  title = excluded.title, updated_ms = excluded.updated_ms"
            " WHERE excluded.updated_ms > updated_ms",
            (
                self._id,
                clean(conversation.title),
                clean(conversation.system_prompt),
                json_of(conversation.sampling),
                clean(conversation.model_key),
                leaf if leaf in self._parents else None,
                conversation.created_ms,
                conversation.updated_ms,
                conversation.sequence,
                conversation.overflow.value,
                None if folder is None else folder.id,
                pinned,
            ),
        )
        self._connection.execute(
            f"INSERT OR IGNORE INTO {ORIGIN_TABLE} (conversation_id, source, file)"
            " VALUES (?, ?, ?)",
            (self._id, self._origin.source, clean(self._origin.file)),
        )
        if self._connection.changes():
            self._staging.conversations += 1

    def _mend_parents(self, where: str) -> None:
        """Every message below one that is there; no circles."""
        lost = 0
        for own, parent in self._parents.items():
            if own in self._before or parent is None:
                continue
            named: str | None = self._names.get(parent, parent)
            if named not in self._parents or named == own:
                named, lost = None, lost + 1
            if named != parent:
                self._hang(own, named)
        circles = 0
        for own in _circle_ends(self._parents):
            self._hang(own, None)
            circles += 1
        if lost:
            self._staging.unread(Unread(where, "import.misplaced", {"count": lost}))
        if circles:
            self._staging.unread(Unread(where, "import.circles", {"count": circles}))

    def _hang(self, own: str, parent: str | None) -> None:
        self._parents[own] = parent
        self._connection.execute("UPDATE messages SET parent_id = ? WHERE id = ?", (parent, own))

    def _drop_lost_files(self, where: str) -> None:
        """What a message carries of a file that never came."""
        lost = 0
        for each in sorted(self._wanted):
            if self._connection.execute(
                "SELECT 1 FROM attachments WHERE id = ?", (each,)
            ).fetchone():
                continue
            lost += 1
            self._connection.execute(
                "DELETE FROM message_attachments WHERE attachment_id = ?", (each,)
            )
        if lost:
            self._staging.unread(Unread(where, "import.no_file", {"count": lost}))


def _circle_ends(parents: dict[str, str | None]) -> list[str]:
    """Of every circle the one message that is to begin it."""
    safe: set[str] = set()
    found = []
    for start in parents:
        path: dict[str, None] = {}
        at: str | None = start
        while at is not None and at not in safe and at not in path:
            path[at] = None
            at = parents[at]
        if at is not None and at in path:
            found.append(at)
        safe.update(path)
    return found
