"""What was deleted: listing it, bringing it back, erasing it; each function is one transaction.

A conversation or folder in the trash is marked, a message too, with all that went along; a
preset lies in a table of its own. So whoever deletes, in whatever way, it can be undone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from app.history import branches, folders
from app.history.errors import HistoryError
from app.history.organised import Deleted, DeletedKind, Emptied
from app.storage.connection import Connection
from app.text import clean, title_of

KEPT_MS = 30 * 24 * 60 * 60 * 1000
"""How long the trash keeps what is in it."""

_TABLES = {DeletedKind.PRESET: "presets", DeletedKind.PROMPT: "library_prompts"}
_MOST_AT_ONCE = 20
"""Conversations that are erased in one transaction: others can write between two."""

_BEGINNING = 400


def deleted(connection: Connection) -> list[Deleted]:
    """Every deletion that can be undone, the latest first.

    What went with its folder, and what was deleted in a conversation that is itself in the
    trash, is a part of that.
    """
    found = [
        *_folders(connection), *_conversations(connection), *_messages(connection),
        *_presets(connection),
    ]  # fmt: skip
    return sorted(found, key=lambda each: (each.deleted_ms, each.id), reverse=True)


def delete_conversations(connection: Connection, ids: Sequence[str], now_ms: int) -> list[Deleted]:
    """Move conversations into the trash; those that are there stay as they are."""
    wanted = [clean(each) for each in ids]
    taken = set()
    for each in wanted:
        connection.execute(
            "UPDATE conversations SET trashed_ms = ?, trashed_with = NULL"
            " WHERE id = ? AND trashed_ms IS NULL",
            (now_ms, each),
        )
        if connection.changes():
            taken.add(each)
    return [each for each in deleted(connection) if each.id in taken]


def delete_folder(
    connection: Connection, folder_id: str, now_ms: int, *, with_conversations: bool
) -> list[Deleted]:
    """Move a folder into the trash; its conversations go along, or stay outside any folder.

    Raises HistoryError history.no_folder.
    """
    folder = folders.folder(connection, folder_id)
    connection.execute("UPDATE folders SET trashed_ms = ? WHERE id = ?", (now_ms, folder.id))
    if with_conversations:
        connection.execute(
            "UPDATE conversations SET trashed_ms = ?1, trashed_with = ?2"
            " WHERE folder_id = ?2 AND trashed_ms IS NULL",
            (now_ms, folder.id),
        )
    return [each for each in _folders(connection) if each.id == folder.id]


def delete_message(
    connection: Connection, message_id: str, now_ms: int, *, alone: bool
) -> list[Deleted]:
    """Move a message into the trash, and all below it unless ``alone``. Raises HistoryError."""
    branches.trash(connection, message_id, now_ms, alone=alone)
    return [each for each in _messages(connection) if each.id == message_id]


def delete_preset(connection: Connection, item_id: str, now_ms: int) -> list[Deleted]:
    """Move a preset or a prompt into the trash. Raises HistoryError history.no_preset."""
    gone = 0
    for table in _TABLES.values():
        connection.execute(f"DELETE FROM {table} WHERE id = ?", (clean(item_id),))
        gone += connection.changes()
    if not gone:
        raise HistoryError("history.no_preset")
    # The table keeps it by itself, at the time of its own clock.
    connection.execute(
        "UPDATE trashed_presets SET trashed_ms = ? WHERE id = ?", (now_ms, clean(item_id))
    )
    return [each for each in _presets(connection) if each.id == clean(item_id)]


def restore(connection: Connection, items: Sequence[Deleted]) -> int:
    """Undo deletions, each whole; returns how many of them could be."""
    count = 0
    for item in items:
        if item.kind is DeletedKind.CONVERSATION:
            connection.execute(
                "UPDATE conversations SET trashed_ms = NULL, trashed_with = NULL"
                " WHERE id = ? AND trashed_ms IS NOT NULL",
                (item.id,),
            )
            count += connection.changes()
        elif item.kind is DeletedKind.FOLDER:
            count += _restore_folder(connection, item.id)
        elif item.kind is DeletedKind.MESSAGE:
            count += _restore_message(connection, item.id)
        else:
            table, kind = _TABLES[item.kind], item.kind.value
            connection.execute(
                f"INSERT OR IGNORE INTO {table} (id, name, content)"
                " SELECT id, name, content FROM trashed_presets WHERE id = ? AND kind = ?",
                (item.id, kind),
            )
            count += connection.changes()
    return count


def kept_since(connection: Connection, now_ms: int) -> int:
    """What was deleted before this Unix millisecond is not kept any longer.

    A clock that jumped ahead must not empty the trash: time counts only as far as something
    was written in this history.
    """
    newest = 0
    for query in (
        "SELECT updated_ms FROM conversations ORDER BY sequence DESC LIMIT 1",
        "SELECT max(trashed_ms) FROM conversations WHERE trashed_ms IS NOT NULL",
        "SELECT max(trashed_ms) FROM messages WHERE trashed_ms IS NOT NULL",
    ):
        row = connection.execute(query).fetchone()
        newest = max(newest, _number(row[0]) if row is not None else 0)
    return min(now_ms, newest) - KEPT_MS


def erase_some(connection: Connection, before_ms: int | None) -> tuple[Emptied, bool]:
    """Erase a part of what was deleted before, or of everything; and whether more is left."""
    before = 2**63 - 1 if before_ms is None else before_ms
    rows = connection.execute(
        "SELECT id, (SELECT count(*) FROM messages AS m WHERE m.conversation_id = c.id)"
        " FROM conversations AS c WHERE trashed_ms < ? LIMIT ?",
        (before, _MOST_AT_ONCE),
    ).fetchall()
    erased = Emptied(len(rows), sum(_number(row[1]) for row in rows))
    for row in rows:
        connection.execute("DELETE FROM conversations WHERE id = ?", (row[0],))
    if len(rows) == _MOST_AT_ONCE:
        return erased, True
    messages = branches.erase(connection, before)
    connection.execute("DELETE FROM folders WHERE trashed_ms < ?", (before,))
    gone_folders = connection.changes()
    connection.execute("DELETE FROM trashed_presets WHERE trashed_ms < ?", (before,))
    return (
        replace(
            erased,
            messages=erased.messages + messages,
            folders=gone_folders,
            presets=connection.changes(),
        ),
        False,
    )


def free_bytes(connection: Connection) -> int:
    """What of the file is free to be used again."""
    return int(connection.pragma("freelist_count")) * int(connection.pragma("page_size"))


def _restore_folder(connection: Connection, folder_id: str) -> int:
    connection.execute(
        # Those that went along, and were not deleted on their own since.
        "UPDATE conversations SET trashed_ms = NULL, trashed_with = NULL WHERE folder_id = ?1"
        " AND trashed_with = ?1 AND trashed_ms = (SELECT trashed_ms FROM folders WHERE id = ?1)",
        (folder_id,),
    )
    connection.execute(
        "UPDATE folders SET trashed_ms = NULL WHERE id = ? AND trashed_ms IS NOT NULL",
        (folder_id,),
    )
    return int(connection.changes())


def _restore_message(connection: Connection, message_id: str) -> int:
    try:
        branches.restore(connection, message_id)
    except HistoryError:
        return 0
    return 1


def _conversations(connection: Connection) -> Iterator[Deleted]:
    rows = connection.execute(
        "SELECT CAST(c.id AS BLOB), CAST(c.title AS BLOB), c.trashed_ms FROM conversations AS c"
        " LEFT JOIN folders AS f ON f.id = c.trashed_with AND f.trashed_ms = c.trashed_ms"
        " WHERE c.trashed_ms IS NOT NULL AND f.id IS NULL"
    )
    for row in rows:
        yield _deleted(DeletedKind.CONVERSATION, row[0], row[1], 1, row[2])


def _folders(connection: Connection) -> Iterator[Deleted]:
    rows = connection.execute(
        "SELECT CAST(f.id AS BLOB), CAST(f.name AS BLOB), (SELECT count(*) FROM conversations"
        "  AS c WHERE c.folder_id = f.id AND c.trashed_with = f.id AND"
        "  c.trashed_ms = f.trashed_ms), f.trashed_ms FROM folders AS f"
        " WHERE f.trashed_ms IS NOT NULL"
    )
    for row in rows:
        yield _deleted(DeletedKind.FOLDER, *row)


def _messages(connection: Connection) -> Iterator[Deleted]:
    rows = connection.execute(
        "SELECT CAST(m.id AS BLOB), substr(CAST(m.text AS BLOB), 1, ?),"
        " (SELECT count(*) FROM messages AS gone WHERE gone.trashed_by = m.id), m.trashed_ms,"
        " CAST(m.conversation_id AS BLOB) FROM messages AS m"
        " JOIN conversations AS c ON c.id = m.conversation_id AND c.trashed_ms IS NULL"
        # Spelled so that the index of what was deleted is used.
        " WHERE m.trashed_ms >= 0 AND m.trashed_by = m.id",
        (_BEGINNING,),
    )
    for row in rows:
        found = _deleted(DeletedKind.MESSAGE, *row[:4])
        yield replace(found, name=title_of(found.name), conversation_id=_text(row[4]))


def _presets(connection: Connection) -> Iterator[Deleted]:
    rows = connection.execute(
        "SELECT kind, CAST(id AS BLOB), CAST(name AS BLOB), 1, trashed_ms FROM trashed_presets"
    )
    for row in rows:
        kind = DeletedKind.PROMPT if row[0] == DeletedKind.PROMPT.value else DeletedKind.PRESET
        yield _deleted(kind, *row[1:])


def _deleted(kind: DeletedKind, item_id: Any, name: Any, count: Any, trashed_ms: Any) -> Deleted:
    when = _number(trashed_ms)
    return Deleted(kind, _text(item_id), _text(name), int(count), when, when + KEPT_MS)


def _text(cell: Any) -> str:
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else ""


def _number(cell: Any) -> int:
    return cell if isinstance(cell, int) else 0
