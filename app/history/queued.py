"""What waits to be sent, with its files: rows of queued to entities and back."""

import contextlib

import msgspec

from app.history import queries
from app.history.entities import AttachedText, AttachedWay, QueuedMessage
from app.history.errors import HistoryError
from app.storage.connection import Connection
from app.text import clean


class _File(msgspec.Struct, frozen=True):
    """What the message gives of a file whose text is kept already."""

    attachment_id: str
    way: AttachedWay
    part: str
    given: str | None
    """None is all of it."""


def add(connection: Connection, message: QueuedMessage) -> QueuedMessage:
    """Let a message wait behind those that wait already. Raises HistoryError."""
    queries.conversation(connection, message.conversation_id)
    files = tuple(
        _File(
            each.attachment_id,
            each.way,
            clean(each.part),
            None if each.way is AttachedWay.WHOLE else clean(each.text),
        )
        for each in message.attachments
    )
    connection.execute(
        "INSERT INTO queued (id, conversation_id, text, attachments) VALUES (?, ?, ?, ?)",
        (
            message.id,
            message.conversation_id,
            clean(message.text),
            msgspec.json.encode(files).decode(),
        ),
    )
    return message


def remove(connection: Connection, queued_id: str) -> bool:
    """It waits no longer; False when it was sent or taken back before."""
    connection.execute("DELETE FROM queued WHERE id = ?", (queued_id,))
    return connection.changes() > 0


def send(connection: Connection, queued_id: str) -> None:
    """It is sent now, and never twice. Raises HistoryError when it waits no longer."""
    if not remove(connection, queued_id):
        raise HistoryError("history.not_queued")


def read(connection: Connection, conversation_id: str) -> list[QueuedMessage]:
    """What waits in a conversation, the first one first."""
    rows = connection.execute(
        "SELECT id, CAST(text AS BLOB), CAST(attachments AS BLOB) FROM queued"
        " WHERE conversation_id = ? ORDER BY row",
        (clean(conversation_id),),
    ).fetchall()
    return [
        QueuedMessage(
            str(row[0]),
            conversation_id,
            _text(row[1]),
            tuple(_attached(connection, each) for each in _files(row[2])),
        )
        for row in rows
    ]


def _files(cell: object) -> tuple[_File, ...]:
    # A row that a fault of the disk ruined still has its words.
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
        if isinstance(cell, bytes):
            return msgspec.json.decode(cell, type=tuple[_File, ...])
    return ()


def _attached(connection: Connection, file: _File) -> AttachedText:
    row = connection.execute(
        "SELECT CAST(name AS BLOB), CAST(kind AS BLOB), CAST(size AS INTEGER),"
        " CAST(sha256 AS BLOB), CAST(text AS BLOB) FROM attachments WHERE id = ?",
        (file.attachment_id,),
    ).fetchone() or (b"", b"", 0, b"", b"")
    name, kind, sha256, text = (_text(row[at]) for at in (0, 1, 3, 4))
    return AttachedText(
        attachment_id=file.attachment_id,
        name=name,
        kind=kind,
        size=int(str(row[2] or 0)),
        sha256=sha256,
        way=file.way,
        part=file.part,
        text=text if file.given is None else file.given,
    )


def _text(cell: object) -> str:
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else ""
