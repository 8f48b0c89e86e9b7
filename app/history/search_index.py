"""Keeps the index of words: what is noted as to be indexed is put into it, in small pieces.

Cutting texts into words takes time, so it is done away from the database thread, which only
stores the words. What changed meanwhile is noted again by then, and is left for the next time.
"""

import contextlib
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from app.history.entities import Role
from app.history.indexed_words import indexed_words
from app.storage.connection import Connection
from app.storage.writer import DatabaseWriter

MOST_CHARACTERS = 2_000_000
"""Of one text; what follows cannot be found."""

_BATCH_TEXTS = 500
_BATCH_BYTES = 256 * 1024
_MERGED_PAGES = 200
"""At once: some hundredths of a second."""

MESSAGE, TITLE, ATTACHMENT = 0, 1, 2
"""The kinds of ``search_pending``: its row is four times that of the text, plus this."""

TABLES = ("message_words", "title_words", "attachment_words")

_NOT_INDEXED = (
    "INSERT OR IGNORE INTO search_pending (row, changes)"
    " SELECT 4 * row, 0 FROM messages WHERE state <> 'streaming' AND trashed_by IS NULL"
    " UNION ALL SELECT 4 * row + 1, 0 FROM conversations"
    " UNION ALL SELECT 4 * row + 2, 0 FROM attachments"
)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """One text cut into words; without columns it leaves the index."""

    pending: int
    changes: int
    columns: tuple[str, ...] | None


class _Details(msgspec.Struct):
    model_key: str = ""


def waiting(connection: Connection) -> int:
    """How many texts are not in the index yet."""
    row = connection.execute("SELECT count(*) FROM search_pending").fetchone()
    return int(row[0]) if row is not None else 0


def index_for(connection: Connection, writer: DatabaseWriter, seconds: float) -> bool:
    """Index what was noted last first, about this long; returns whether more waits.

    ``connection`` reads; waits for the writer. Raises StorageError and apsw.Error.
    """
    deadline = time.monotonic() + seconds
    while True:
        batch = _next_batch(connection)
        if not batch:
            return False
        writer.run(lambda writing, batch=batch: store(writing, batch))  # type: ignore[misc]
        if time.monotonic() > deadline:
            return waiting(connection) > 0


def store(connection: Connection, batch: Sequence[_Prepared]) -> None:
    """Put prepared texts into the index, unless they changed since they were read."""
    for each in batch:
        connection.execute(
            "DELETE FROM search_pending WHERE row = ? AND changes = ?",
            (each.pending, each.changes),
        )
        if not connection.changes():
            continue
        row, kind = divmod(each.pending, 4)
        table = TABLES[kind]
        connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,))
        if each.columns is not None:
            places = ", ".join("?" * (1 + len(each.columns)))
            columns = ("rowid, text, reasoning, marks", "rowid, title", "rowid, text, name")[kind]
            connection.execute(
                f"INSERT INTO {table} ({columns}) VALUES ({places})", (row, *each.columns)
            )


def begin_again(connection: Connection) -> None:
    """Make the index anew, empty, and note everything as to be indexed."""
    for table in TABLES:
        row = connection.execute(
            "SELECT sql FROM sqlite_schema WHERE name = ?", (table,)
        ).fetchone()
        assert row is not None
        connection.execute(f"DROP TABLE {table}")
        connection.execute(str(row[0]))
    connection.execute(_NOT_INDEXED)


def forget_erased(connection: Connection) -> bool:
    """A part of the work after which no word of an erased text is left; whether there is more.

    An erased text leaves the index at once, but its words stay unseen in it until they are
    merged with others.
    """
    before = connection.total_changes()
    for table in TABLES:
        # The first with a minus begins to merge all into one, the others go on with it.
        connection.execute(
            f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)", (-_MERGED_PAGES,)
        )
    return int(connection.total_changes()) - int(before) > 2 * len(TABLES)


def role_mark(role: Role) -> str:
    """The word by which messages of one role are found."""
    return "u" if role is Role.USER else "a"


def model_mark(model_key: str) -> str:
    """The word by which a model's messages are found."""
    return "k" + hashlib.sha256(model_key.encode()).hexdigest()[:12]


def conversation_mark(row: int) -> str:
    """The word by which a conversation's messages are found."""
    return f"c{row}"


def month_mark(unix_ms: int) -> str:
    """The word by which messages of one month (UTC) are found; impossible times have one too."""
    try:
        # Not fromtimestamp: times before 1970 are no times on every system.
        when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=unix_ms)
    except OverflowError:
        return "m0"
    return f"m{when.year:04}{when.month:02}"


def _next_batch(connection: Connection) -> list[_Prepared]:
    """The next texts, cut into words."""
    rows = connection.execute(
        "SELECT row, changes FROM search_pending ORDER BY row DESC LIMIT ?", (_BATCH_TEXTS,)
    ).fetchall()
    batch: list[_Prepared] = []
    size = 0
    for pending, changes in rows:
        row, kind = divmod(_number(pending), 4)
        columns = (_message, _title, _attachment, _nothing)[kind](connection, row)
        batch.append(_Prepared(_number(pending), _number(changes), columns))
        size += sum(map(len, columns or ()))
        if size > _BATCH_BYTES:
            break
    return batch


def _message(connection: Connection, row: int) -> tuple[str, ...] | None:
    found = connection.execute(
        "SELECT CAST(m.text AS BLOB), CAST(m.reasoning AS BLOB), m.role, m.created_ms, c.row,"
        " CAST(c.model_key AS BLOB), CAST(m.details AS BLOB) FROM messages AS m"
        " JOIN conversations AS c ON c.id = m.conversation_id"
        " WHERE m.row = ? AND m.trashed_by IS NULL AND m.state <> 'streaming'",
        (row,),
    ).fetchone()
    if found is None:
        return None
    text, reasoning, role, created_ms, conversation, model_key, details = found
    model = _decoded(model_key)
    if details is not None:
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            model = msgspec.json.decode(details, type=_Details).model_key or model
    marks = [
        role_mark(Role.USER if role == Role.USER.value else Role.ASSISTANT),
        month_mark(created_ms if isinstance(created_ms, int) else 0),
        conversation_mark(int(conversation)),
        model_mark(model),
    ]
    return _words(text), _words(reasoning), " ".join(marks)


def _title(connection: Connection, row: int) -> tuple[str, ...] | None:
    found = connection.execute(
        "SELECT CAST(title AS BLOB) FROM conversations WHERE row = ?", (row,)
    ).fetchone()
    return (_words(found[0]),) if found is not None and found[0] else None


def _attachment(connection: Connection, row: int) -> tuple[str, ...] | None:
    found = connection.execute(
        # The text of a picture is the picture: no words to be found.
        "SELECT CAST(CASE kind WHEN 'image' THEN '' ELSE text END AS BLOB), CAST(name AS BLOB)"
        " FROM attachments WHERE row = ?",
        (row,),
    ).fetchone()
    return None if found is None else (_words(found[0]), _words(found[1]))


def _nothing(_connection: Connection, _row: int) -> tuple[str, ...] | None:
    return None


def _words(cell: Any) -> str:
    return " ".join(indexed_words(_decoded(cell)[:MOST_CHARACTERS]))


def _number(cell: Any) -> int:
    return cell if isinstance(cell, int) else 0


def _decoded(cell: Any) -> str:
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else ""
