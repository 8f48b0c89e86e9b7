"""What messages carry of files: rows of message_attachments to entities and back."""

import json
from collections.abc import Sequence
from dataclasses import replace

from app.history.entities import AttachedText, AttachedWay, Message
from app.storage.connection import Connection
from app.text import clean

_MOST_IDS = 20_000
"""Of messages in one query; a conversation with more is asked for in several."""


def insert(connection: Connection, message: Message) -> None:
    """Keep what ``message`` carries; the files' whole texts are kept already."""
    for position, attached in enumerate(message.attachments):
        given = None if attached.way is AttachedWay.WHOLE else clean(attached.text)
        connection.execute(
            "INSERT INTO message_attachments"
            " (message_id, attachment_id, position, way, part, given) VALUES (?, ?, ?, ?, ?, ?)",
            (
                message.id,
                attached.attachment_id,
                position,
                attached.way.value,
                clean(attached.part),
                given,
            ),
        )


def with_attachments(connection: Connection, messages: Sequence[Message]) -> list[Message]:
    """The messages with what they carry. One without any costs nothing but the look."""
    carried: dict[str, list[AttachedText]] = {}
    for start in range(0, len(messages), _MOST_IDS):
        ids = json.dumps([message.id for message in messages[start : start + _MOST_IDS]])
        rows = connection.execute(
            "SELECT CAST(m.message_id AS BLOB), CAST(m.attachment_id AS BLOB),"
            " CAST(a.name AS BLOB), CAST(a.kind AS BLOB), CAST(a.size AS INTEGER),"
            " CAST(a.sha256 AS BLOB), CAST(m.way AS BLOB), CAST(m.part AS BLOB),"
            " CAST(coalesce(m.given, a.text) AS BLOB)"
            " FROM message_attachments AS m JOIN attachments AS a ON a.id = m.attachment_id"
            " WHERE m.message_id IN (SELECT value FROM json_each(?))"
            " ORDER BY m.position",
            (ids,),
        )
        for row in rows:
            carried.setdefault(_text(row[0]), []).append(
                AttachedText(
                    attachment_id=_text(row[1]),
                    name=_text(row[2]),
                    kind=_text(row[3]),
                    size=int(str(row[4] or 0)),
                    sha256=_text(row[5]),
                    way=_way(_text(row[6])),
                    part=_text(row[7]),
                    text=_text(row[8]),
                )
            )
    if not carried:
        return list(messages)
    return [
        replace(message, attachments=tuple(carried[message.id]))
        if message.id in carried
        else message
        for message in messages
    ]


def _text(cell: object) -> str:
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else ""


def _way(word: str) -> AttachedWay:
    # After a disk fault the column may hold anything; the given text is right all the same.
    return AttachedWay(word) if word in set(AttachedWay) else AttachedWay.PART
