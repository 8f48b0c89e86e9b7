"""Folders, pins and the list of conversations; each function is one transaction's work."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from app.history.errors import HistoryError
from app.history.organised import Folder, Listed, Sort
from app.ids import new_id
from app.search_words import fold
from app.storage.connection import Connection
from app.text import clean

MOST_CHARACTERS = 200
"""Of a folder's name."""

_FOLDERS = (
    "SELECT CAST(f.id AS BLOB), CAST(f.name AS BLOB), CAST(f.created_ms AS INTEGER),"
    " (SELECT count(*) FROM conversations AS c WHERE c.folder_id = f.id"
    "  AND c.trashed_ms IS NULL) FROM folders AS f WHERE f.trashed_ms IS NULL"
)
_LISTED = (
    "SELECT CAST(id AS BLOB), CAST(title AS BLOB), CAST(folder_id AS BLOB), pinned,"
    " CAST(model_key AS BLOB), CAST(created_ms AS INTEGER), CAST(updated_ms AS INTEGER),"
    " CAST(sequence AS INTEGER) FROM conversations"
    " WHERE trashed_ms IS NULL ORDER BY sequence DESC, row DESC"
)


def folders(connection: Connection) -> list[Folder]:
    """Every folder outside the trash, by name."""
    found = [_folder(row) for row in connection.execute(_FOLDERS)]
    return sorted(found, key=lambda folder: (fold(folder.name), folder.id))


def folder(connection: Connection, folder_id: str) -> Folder:
    """One folder outside the trash. Raises HistoryError history.no_folder."""
    row = connection.execute(_FOLDERS + " AND f.id = ?", (clean(folder_id),)).fetchone()
    if row is None:
        raise HistoryError("history.no_folder")
    return _folder(row)


def listed(connection: Connection, sort: Sort) -> list[Listed]:
    """Every conversation outside the trash."""
    inside = {each.id for each in folders(connection)}
    found = []
    for row in connection.execute(_LISTED):
        folder_id = _text(row[2]) if row[2] is not None else None
        found.append(
            Listed(
                id=_text(row[0]),
                title=_text(row[1]),
                folder_id=folder_id if folder_id in inside else None,
                pinned=bool(row[3]),
                model_key=_text(row[4]),
                created_ms=_number(row[5]),
                updated_ms=_number(row[6]),
                sequence=_number(row[7]),
            )
        )
    if sort is Sort.TITLE:
        # What has no title yet comes last; equal titles stay with the last one used first.
        found.sort(key=lambda each: (not each.title.strip(), fold(each.title)))
    elif sort is Sort.CREATED:
        # Ids are made in the order of time, and a clock that was set back changes no id.
        found.sort(key=lambda each: (each.created_ms, each.id), reverse=True)
    return found


def create(connection: Connection, name: str, now_ms: int) -> Folder:
    """Make a folder. Raises HistoryError history.no_folder_name."""
    folder_id = new_id()
    connection.execute(
        "INSERT INTO folders (id, name, created_ms) VALUES (?, ?, ?)",
        (folder_id, _name(name), now_ms),
    )
    return folder(connection, folder_id)


def rename(connection: Connection, folder_id: str, name: str) -> Folder:
    """Give a folder another name. Raises HistoryError."""
    folder(connection, folder_id)
    connection.execute("UPDATE folders SET name = ? WHERE id = ?", (_name(name), clean(folder_id)))
    return folder(connection, folder_id)


def move(connection: Connection, ids: Sequence[str], folder_id: str | None) -> int:
    """Put conversations into a folder, or out of any with None; returns how many are there.

    Raises HistoryError history.no_folder.
    """
    if folder_id is not None:
        folder(connection, folder_id)
    moved = 0
    for conversation_id in ids:
        connection.execute(
            "UPDATE conversations SET folder_id = ? WHERE id = ?",
            (folder_id, clean(conversation_id)),
        )
        moved += connection.changes()
    return moved


def pin(connection: Connection, ids: Sequence[str], pinned: bool) -> int:
    """Keep conversations at the top of the list, or no longer; returns how many."""
    count = 0
    for conversation_id in ids:
        connection.execute(
            "UPDATE conversations SET pinned = ? WHERE id = ?", (pinned, clean(conversation_id))
        )
        count += connection.changes()
    return count


def _name(name: str) -> str:
    """One line that can be seen."""
    shown = "".join(
        " " if c.isspace() or unicodedata.category(c) == "Cc" else c for c in clean(name)
    )
    kept = " ".join(shown.split())[:MOST_CHARACTERS].strip()
    if not kept:
        raise HistoryError("history.no_folder_name")
    return kept


def _folder(row: Sequence[Any]) -> Folder:
    return Folder(_text(row[0]), _text(row[1]), _number(row[2]), _number(row[3]))


def _text(cell: Any) -> str:
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else ""


def _number(cell: Any) -> int:
    return int(cell or 0)
