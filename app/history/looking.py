"""One search: the texts with the words, gathered by conversation, the best first, as snippets."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.history.entities import Role
from app.history.found import (
    Filters,
    Found,
    FoundConversation,
    Hit,
    HitKind,
)
from app.history.narrowing import Narrowed, narrow
from app.history.ranking import Ranking, Source
from app.history.search_query import Query, parse
from app.history.snippets import Highlighter
from app.storage.connection import Connection
from app.storage.questions import reading

MOST_MESSAGES = 2_000
"""That are ranked, the newest ones."""

_MOST_TITLES = 500
_MOST_FILES = 200
_SECONDS = 0.2
"""For the messages, at most; what was reached until then is shown."""

_SHOWN_HITS = 3
_TITLE_WORTH = 1.5
"""A title says what the whole conversation is about."""

_MOST_BYTES = 800_000
"""Of a text, to make a snippet of."""

MESSAGES = Source(
    "message_words",
    "text reasoning",
    (1.0, 0.4),
    "CROSS JOIN messages AS m ON m.row = words.rowid"
    " CROSS JOIN conversations AS c ON c.id = m.conversation_id",
)
TITLES = Source(
    "title_words", "title", (1.0,), "CROSS JOIN conversations AS c ON c.row = words.rowid"
)
FILES = Source(
    "attachment_words",
    "text name",
    (0.7, 1.5),
    "CROSS JOIN attachments AS a ON a.row = words.rowid"
    " CROSS JOIN message_attachments AS ma ON ma.attachment_id = a.id"
    " CROSS JOIN messages AS m ON m.id = ma.message_id"
    " CROSS JOIN conversations AS c ON c.id = m.conversation_id",
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    source: Source
    row: int
    score: float


@dataclass(slots=True)
class _Group:
    """What was found of one conversation."""

    row: int
    candidates: list[_Candidate] = field(default_factory=list)

    @property
    def score(self) -> float:
        """Of the best."""
        return max(
            each.score * (_TITLE_WORTH if each.source is TITLES else 1.0)
            for each in self.candidates
        )


def look(
    connection: Connection, ranking: Ranking, text: str, filters: Filters, limit: int, waiting: int
) -> Found:
    """Find the best ``limit`` conversations. Raises apsw.Error."""
    query = parse(text)
    if not query.wanted or limit < 1:
        return Found(text, waiting=waiting)

    def search(connection: Connection) -> Found:
        groups, is_complete = _groups(connection, ranking, query, filters)
        known = _conversations(connection, groups)
        ordered = sorted(
            (group for group in groups if group.row in known),
            # Nearly as good counts as good: then the one used last comes first.
            key=lambda group: (-round(group.score, 1), -known[group.row].sequence, group.row),
        )
        highlighter = Highlighter(query)
        found = tuple(
            _found(connection, highlighter, group, known[group.row]) for group in ordered[:limit]
        )
        return Found(text, found, is_complete and len(ordered) <= limit, waiting)

    return reading(connection, search)


def _groups(
    connection: Connection, ranking: Ranking, query: Query, filters: Filters
) -> tuple[list[_Group], bool]:
    groups: dict[int, _Group] = {}
    complete = True
    for source, most in ((MESSAGES, MOST_MESSAGES), (TITLES, _MOST_TITLES), (FILES, _MOST_FILES)):
        narrowed = narrow(connection, filters, of_titles=source is TITLES)
        if narrowed is None:
            continue
        marks = narrowed.marks if source is MESSAGES else ""
        scored, all_seen = ranking.best(
            source, query, marks, _conditions(source, narrowed), narrowed.bindings, most, _SECONDS
        )
        complete = complete and all_seen
        seen: set[tuple[int, int]] = set()
        for row, conversation_row, score in scored:
            if (row, conversation_row) not in seen:
                # A file that several messages of a conversation carry is found once.
                seen.add((row, conversation_row))
                group = groups.setdefault(conversation_row, _Group(conversation_row))
                group.candidates.append(_Candidate(source, row, score))
    return list(groups.values()), complete


def _conditions(source: Source, narrowed: Narrowed) -> str:
    outside_trash = "" if source is TITLES else " AND m.trashed_by IS NULL"
    return outside_trash + narrowed.conditions


@dataclass(frozen=True, slots=True)
class _Known:
    id: str
    title: str
    folder_id: str | None
    updated_ms: int
    sequence: int


def _conversations(connection: Connection, groups: Sequence[_Group]) -> dict[int, _Known]:
    rows = connection.execute(
        "SELECT c.row, CAST(c.id AS BLOB), CAST(c.title AS BLOB), CAST(f.id AS BLOB),"
        " c.updated_ms, c.sequence FROM json_each(?) AS chosen"
        " CROSS JOIN conversations AS c ON c.row = chosen.value"
        " LEFT JOIN folders AS f ON f.id = c.folder_id AND f.trashed_ms IS NULL",
        (json.dumps([group.row for group in groups]),),
    )
    return {
        int(row[0]): _Known(
            _text(row[1]),
            _text(row[2]),
            None if row[3] is None else _text(row[3]),
            _number(row[4]),
            _number(row[5]),
        )
        for row in rows
    }


def _found(
    connection: Connection, highlighter: Highlighter, group: _Group, known: _Known
) -> FoundConversation:
    best = sorted(group.candidates, key=lambda each: (-round(each.score, 1), -each.row))
    title = highlighter.whole(known.title)
    hits: list[Hit] = []
    for each in best[:_SHOWN_HITS]:
        if each.source is TITLES:
            hits.append(Hit(HitKind.TITLE, known.id, None, None, known.updated_ms, title))
        elif each.source is MESSAGES:
            hits += _message_hit(connection, highlighter, each.row, known.id)
        else:
            hits += _file_hit(connection, highlighter, each.row, group.row, known.id)
    return FoundConversation(
        known.id, title, known.folder_id, known.updated_ms, tuple(hits), len(group.candidates)
    )


def _message_hit(
    connection: Connection, highlighter: Highlighter, row: int, conversation_id: str
) -> list[Hit]:
    found = connection.execute(
        "SELECT CAST(id AS BLOB), role, created_ms, substr(CAST(text AS BLOB), 1, ?2),"
        " substr(CAST(reasoning AS BLOB), 1, ?2) FROM messages WHERE row = ?1",
        (row, _MOST_BYTES),
    ).fetchone()
    if found is None:
        return []
    kind, snippet = HitKind.TEXT, highlighter.snippet(_text(found[3]))
    if not snippet.places and found[4]:
        thought = highlighter.snippet(_text(found[4]))
        if thought.places:
            kind, snippet = HitKind.REASONING, thought
    return [
        Hit(kind, conversation_id, _text(found[0]), _role(found[1]), _number(found[2]), snippet)
    ]


def _file_hit(
    connection: Connection,
    highlighter: Highlighter,
    row: int,
    conversation_row: int,
    conversation_id: str,
) -> list[Hit]:
    """At the latest message of the conversation that carries the file."""
    found = connection.execute(
        "SELECT CAST(m.id AS BLOB), m.role, m.created_ms,"
        " substr(CAST(CASE a.kind WHEN 'image' THEN a.name ELSE a.text END AS BLOB), 1, ?3),"
        " CAST(a.name AS BLOB) FROM attachments AS a"
        " JOIN message_attachments AS ma ON ma.attachment_id = a.id"
        " JOIN messages AS m ON m.id = ma.message_id"
        " JOIN conversations AS c ON c.id = m.conversation_id"
        " WHERE a.row = ?1 AND c.row = ?2 AND m.trashed_by IS NULL"
        " ORDER BY m.sequence DESC LIMIT 1",
        (row, conversation_row, _MOST_BYTES),
    ).fetchone()
    if found is None:
        return []
    return [
        Hit(
            HitKind.ATTACHMENT,
            conversation_id,
            _text(found[0]),
            _role(found[1]),
            _number(found[2]),
            highlighter.snippet(_text(found[3])),
            _text(found[4]),
        )
    ]


def _role(cell: Any) -> Role:
    return Role.USER if cell == Role.USER.value else Role.ASSISTANT


def _text(cell: Any) -> str:
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else ""


def _number(cell: Any) -> int:
    return cell if isinstance(cell, int) else 0
