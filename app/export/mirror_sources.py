"""The conversations that a Markdown copy is made of, and how one knows that they changed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.export.errors import ExportError
from app.export.gathering import Gatherer
from app.export.job import folder_names
from app.export.names import safe_file_name
from app.storage.connection import Connection
from app.text import clean

_SOURCES = (
    "SELECT CAST(c.id AS BLOB), CAST(c.title AS BLOB), CAST(f.id AS BLOB), CAST(f.name AS BLOB),"
    " CAST(c.system_prompt AS BLOB), CAST(c.leaf_id AS BLOB), c.updated_ms, c.moves,"
    " count(m.row), sum(octet_length(m.text)), sum(octet_length(m.reasoning)),"
    " sum(octet_length(m.details)), sum(m.state <> 'complete'),"
    " coalesce(sum(m.state = 'streaming'), 0)"
    " FROM conversations AS c"
    " LEFT JOIN folders AS f ON f.id = c.folder_id AND f.trashed_ms IS NULL"
    " LEFT JOIN messages AS m ON m.conversation_id = c.id AND m.trashed_by IS NULL"
    " WHERE c.trashed_ms IS NULL {condition} GROUP BY c.row ORDER BY c.id"
)


@dataclass(frozen=True, slots=True)
class MirrorSource:
    """One conversation that belongs to the copy."""

    id: str
    wanted: str
    """Where its file belongs, unless another has that name."""
    fingerprint: str
    """Another one when anything that the file shows may have changed."""
    is_streaming: bool
    """An answer is being written: its file waits until it is there."""


def mirror_sources(connection: Connection, folder_id: str | None) -> list[MirrorSource]:
    """Every conversation of a folder of chats, or all of them, by id; inside a transaction.

    Raises ExportError export.mirror_no_folder and apsw.Error.
    """
    gatherer = Gatherer(connection, whole_tree=False)
    if folder_id is None:
        folders = folder_names(gatherer)
        rows = connection.execute(_SOURCES.format(condition=""))
    else:
        if folder_id not in gatherer.folders():
            raise ExportError("export.mirror_no_folder")
        folders = {}
        query = _SOURCES.format(condition="AND c.folder_id = ?")
        rows = connection.execute(query, (clean(folder_id),))
    return [_source(row, folders) for row in rows]


def known(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Which of these conversations the history has, also in the trash. Raises apsw.Error."""
    return {
        each
        for each in ids
        if connection.execute("SELECT 1 FROM conversations WHERE id = ?", (clean(each),)).fetchone()
    }


def _source(row: Sequence[Any], folders: dict[str, str]) -> MirrorSource:
    folder = folders.get(_text(row[2]), "")
    name = safe_file_name(_text(row[1]), "md")
    return MirrorSource(
        id=_text(row[0]),
        wanted=f"{folder}/{name}" if folder else name,
        fingerprint=hashlib.sha256(repr(tuple(row)).encode()).hexdigest()[:32],
        is_streaming=bool(row[13]),
    )


def _text(cell: Any) -> str:
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else ""
