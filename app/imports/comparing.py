"""Sets a finished staging file against the history: what of it is new; nothing is taken yet."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from app.imports.entities import Unread
from app.imports.errors import ImportingError
from app.imports.identity import derived_id
from app.imports.report import FoundRow, Preview, Standing
from app.imports.staging import ORIGIN_TABLE, UNREAD_TABLE
from app.storage.connection import Connection
from app.storage.scratch import scratch_for_changes

_LOOK_EVERY = 20_000
"""Steps of the database between two looks whether to go on: about a millisecond."""

_BELOW = "temp.below_trash"

# New messages below what was deleted here: without it they make no sense, and do not come.
_FIND_BELOW = f"""
    CREATE TABLE {_BELOW} (id TEXT PRIMARY KEY) WITHOUT ROWID;
    WITH RECURSIVE below (id) AS (
        SELECT m.id FROM beside.messages AS gone JOIN messages AS m ON m.parent_id = gone.id
            WHERE gone.trashed_by IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM beside.messages AS here WHERE here.id = m.id)
        UNION
        SELECT m.id FROM below JOIN messages AS m ON m.parent_id = below.id
            WHERE NOT EXISTS (SELECT 1 FROM beside.messages AS here WHERE here.id = m.id)
    )
    INSERT INTO {_BELOW} SELECT id FROM below;
"""

_ROWS = f"""
    SELECT c.id, c.title, o.source, o.file, coalesce(f.name, ''), c.created_ms, c.updated_ms,
        (SELECT count(*) FROM messages AS m WHERE m.conversation_id = c.id),
        (SELECT count(*) FROM messages AS m WHERE m.conversation_id = c.id
            AND NOT EXISTS (SELECT 1 FROM beside.messages AS here WHERE here.id = m.id)
            AND m.id NOT IN (SELECT id FROM {_BELOW})),
        h.id IS NOT NULL, h.trashed_ms IS NOT NULL,
        (SELECT count(DISTINCT a.id) FROM messages AS m
            JOIN message_attachments AS carried ON carried.message_id = m.id
            JOIN attachments AS a ON a.id = carried.attachment_id
            JOIN beside.attachments AS here ON here.id = a.id
            WHERE m.conversation_id = c.id AND here.text = '' AND a.text <> ''
            AND here.size > 0 AND here.size = a.size AND here.sha256 = a.sha256)
    FROM conversations AS c
    JOIN {ORIGIN_TABLE} AS o ON o.conversation_id = c.id
    LEFT JOIN folders AS f ON f.id = c.folder_id
    LEFT JOIN beside.conversations AS h ON h.id = c.id
    ORDER BY c.sequence DESC, c.row DESC
"""


def compare(
    staging: Path, history: Path, unread_count: int, given_up: Callable[[], bool] = lambda: False
) -> Preview:
    """What taking over ``staging`` would do to ``history``. Raises StorageError;
    that or ImportingError soon after ``given_up`` became true.

    A message whose id another conversation here has gets another in the staging file, always
    the same one. Takes seconds: not for the state thread.
    """
    with scratch_for_changes(staging, history) as connection:
        connection.set_progress_handler(given_up, _LOOK_EVERY)
        _give_other_ids(connection, given_up)
        connection.execute(_FIND_BELOW)
        rows = tuple(_row(row) for row in connection.execute(_ROWS))
        unread = tuple(
            Unread(str(place), str(code), _facts(str(facts)))
            for place, code, facts in connection.execute(
                f"SELECT place, code, facts FROM {UNREAD_TABLE} ORDER BY row"
            )
        )
        files = connection.execute("SELECT count(*) FROM attachments").fetchall()
    sources = tuple(dict.fromkeys(row.source for row in rows))
    return Preview(rows, int(str(files[0][0])), unread, unread_count, sources)


def _give_other_ids(connection: Connection, given_up: Callable[[], bool]) -> None:
    taken = connection.execute(
        "SELECT m.id, m.conversation_id, m.created_ms FROM messages AS m"
        " JOIN beside.messages AS here ON here.id = m.id"
        " WHERE here.conversation_id <> m.conversation_id"
    ).fetchall()
    for old, conversation_id, created_ms in taken:
        if given_up():
            raise ImportingError("import.cancelled")
        new = derived_id(int(str(created_ms)), "moved", str(conversation_id), str(old))
        for change in (
            "UPDATE messages SET id = ?1 WHERE id = ?2",
            "UPDATE messages SET parent_id = ?1 WHERE parent_id = ?2",
            "UPDATE summaries SET until_id = ?1 WHERE until_id = ?2",
            "UPDATE message_attachments SET message_id = ?1 WHERE message_id = ?2",
        ):
            connection.execute(change, (new, old))
        connection.execute(
            "UPDATE conversations SET leaf_id = ? WHERE id = ? AND leaf_id = ?",
            (new, conversation_id, old),
        )


def _row(row: tuple[Any, ...]) -> FoundRow:
    new = int(row[8])
    if row[10]:
        standing = Standing.TRASHED
    elif not row[9]:
        standing = Standing.NEW
    else:
        standing = Standing.GROWN if new or row[11] else Standing.HERE
    return FoundRow(
        id=str(row[0]),
        title=str(row[1]),
        source=str(row[2]),
        file=str(row[3]),
        folder=str(row[4]),
        created_ms=int(row[5]),
        updated_ms=int(row[6]),
        messages=int(row[7]),
        new_messages=new,
        new_files=int(row[11]),
        standing=standing,
    )


def _facts(text: str) -> dict[str, str | int | float]:
    try:
        return msgspec.json.decode(text, type=dict[str, str | int | float])
    except msgspec.DecodeError:
        return {}
