"""Attachments in the history: the text of a file is the user's, and is kept with the message."""

import logging
import time
from collections.abc import Callable

import msgspec

from app.attachments.entities import Attachment, Kind, Section
from app.attachments.errors import AttachmentError
from app.storage.connection import Connection
from app.storage.opening import Database
from app.text import clean
from models.errors import KnownError

log = logging.getLogger("moestro.attachments")

UNUSED_MS = 30 * 24 * 60 * 60 * 1000
"""How long a text waits in a draft that nobody sends."""

_COLUMNS = (
    "CAST(id AS BLOB), CAST(name AS BLOB), CAST(kind AS BLOB), CAST(size AS INTEGER),"
    " CAST(sha256 AS BLOB), CAST(text AS BLOB), CAST(sections AS BLOB),"
    " CAST(created_ms AS INTEGER)"
)


def _unix_ms() -> int:
    return time.time_ns() // 1_000_000


class AttachmentStore:
    """The texts of one data folder. Reads run on the state thread and raise StorageError.

    What messages carry of them is kept with the messages, by ``app.history``. A text goes with
    the last message that carried it.
    """

    def __init__(self, database: Database, now_ms: Callable[[], int] = _unix_ms) -> None:
        self._database = database
        self._now_ms = now_ms

    def keep(
        self,
        attachment: Attachment,
        done: Callable[[None], None] | None = None,
        failed: Callable[[KnownError], None] | None = None,
    ) -> None:
        """Keep a text, before the message that carries it; known already, it stays as it is.

        Returns at once. ``done`` is posted after the commit, ``failed`` when it was not kept.
        """
        sections = msgspec.json.encode(attachment.sections).decode()

        def write(connection: Connection) -> None:
            connection.execute(
                "INSERT INTO attachments"
                " (id, name, kind, size, sha256, text, sections, created_ms)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                (
                    attachment.id,
                    clean(attachment.name),
                    attachment.kind.value,
                    attachment.size,
                    attachment.sha256,
                    clean(attachment.text),
                    clean(sections),
                    attachment.created_ms or self._now_ms(),
                ),
            )

        self._database.writer.submit(write, done, failed)

    def get(self, attachment_id: str) -> Attachment:
        """One text with its sections. Raises AttachmentError when it is not there."""
        return self._database.read(lambda connection: attachment(connection, attachment_id))

    def forget(
        self,
        attachment_id: str,
        done: Callable[[bool], None] | None = None,
        failed: Callable[[KnownError], None] | None = None,
    ) -> None:
        """Erase a text that was taken out of a draft; ``done`` hears False where a message has it.

        Returns at once.
        """

        def write(connection: Connection) -> bool:
            connection.execute(
                "DELETE FROM attachments WHERE id = ?1 AND NOT EXISTS"
                " (SELECT 1 FROM message_attachments WHERE attachment_id = ?1)",
                (clean(attachment_id),),
            )
            return connection.changes() > 0

        self._database.writer.submit(write, done, failed)

    def forget_unused(self, done: Callable[[int], None] | None = None) -> None:
        """Erase what has waited in drafts for UNUSED_MS; ``done`` hears how many. Returns at once.

        A clock that jumped ahead must not empty drafts: time counts only as far as something
        was written in this history.
        """
        now = self._now_ms()

        def write(connection: Connection) -> int:
            connection.execute(
                "DELETE FROM attachments WHERE created_ms < min(?, ("
                "  SELECT max((SELECT coalesce(max(updated_ms), 0) FROM conversations),"
                "   (SELECT max(created_ms) FROM attachments)))) - ?"
                " AND id NOT IN (SELECT attachment_id FROM message_attachments)",
                (now, UNUSED_MS),
            )
            return connection.changes()

        self._database.writer.submit(write, done)


def attachment(connection: Connection, attachment_id: str) -> Attachment:
    """One text with its sections. Raises AttachmentError when it is not there."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM attachments WHERE id = ?", (clean(attachment_id),)
    ).fetchone()
    if row is None:
        raise AttachmentError("attachments.gone")
    return _attachment_of(row)


def _attachment_of(row: tuple[object, ...]) -> Attachment:
    """One row as far as it can be read: text without sections is still text."""
    text = _text(row[5])
    kind = _text(row[2])
    sections: tuple[Section, ...] = ()
    try:
        read = msgspec.json.decode(_text(row[6]), type=tuple[Section, ...])
        if all(0 <= each.start <= each.end <= len(text) for each in read):
            sections = read
    except msgspec.DecodeError:
        log.warning("the sections of an attachment could not be read")
    return Attachment(
        _text(row[0]),
        _text(row[1]),
        Kind(kind) if kind in set(Kind) else Kind.TEXT,
        int(str(row[3] or 0)),
        _text(row[4]),
        text,
        sections,
        int(str(row[7] or 0)),
    )


def _text(cell: object) -> str:
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else ""
