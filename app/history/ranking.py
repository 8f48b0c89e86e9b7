"""Which texts have the words of a query: the newest some thousands of them, scored by BM25.

SQLite's own ``bm25`` first counts every text with each word: with a common word in a million
messages that alone takes longer than a search may. Here the newest are scored, and how common
a word is in all is told from how close together the newest texts with it lie.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.history.search_query import Query, phrase_expression
from app.storage.connection import Connection
from app.storage.questions import rows_within

_SATURATION, _LENGTH = 1.2, 0.75
"""k1 and b, the usual ones."""

_COUNTED = 1_000
"""Of the newest texts with a word, to tell how common it is."""


class Scored(NamedTuple):
    """One text with the words."""

    row: int
    conversation_row: int
    score: float


@dataclass(frozen=True, slots=True)
class Source:
    """A table of the index, and how its texts lead to conversations."""

    table: str
    columns: str
    """To look for words in, with white space between."""
    weights: tuple[float, ...]
    joined: str
    """SQL that joins conversations as ``c`` to ``words.rowid``."""


class Ranking:
    """Scores texts on one connection, for one thread."""

    _NAME = "moestro_score"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._weights: tuple[float, ...] = ()
        self._rarity: list[float] = []
        self._average = 0.0
        connection.register_fts5_function(self._NAME, self._score)

    def best(
        self,
        source: Source,
        query: Query,
        also: str,
        conditions: str,
        bindings: Sequence[Any],
        most: int,
        seconds: float,
    ) -> tuple[list[Scored], bool]:
        """The newest texts, at most ``most``, and whether these are all. Raises apsw.Error.

        ``also`` is a further FTS5 query, ``conditions`` SQL that begins with AND, or empty.
        """
        expression = query.expression(source.columns)
        if also:
            expression = f"{expression} AND {also}"
        self._weights = source.weights
        self._average = 0.0
        self._rarity = self._rarities(source, query)
        table = source.table
        rows, in_time = rows_within(
            self._connection,
            # CROSS JOIN: the index leads, newest first, and the others are looked up.
            f"SELECT words.rowid, c.row, {self._NAME}({table}) FROM {table} AS words"
            f" {source.joined} WHERE {table} MATCH ? AND c.trashed_ms IS NULL {conditions}"
            " ORDER BY words.rowid DESC LIMIT ?",
            (expression, *bindings, most),
            seconds,
        )
        scored = [Scored(int(row[0]), int(row[1]), float(row[2])) for row in rows]
        return scored, in_time and len(scored) < most

    def _rarities(self, source: Source, query: Query) -> list[float]:
        """For each phrase how much it tells; one alone tells nothing that would change an order."""
        if len(query.wanted) == 1:
            return [1.0] * len(query.phrases)
        table = source.table
        row = self._connection.execute(f"SELECT max(rowid) FROM {table}_docsize").fetchone()
        newest = int(str(row[0] or 0)) if row is not None else 0
        rarities = []
        for phrase in query.phrases:
            rows = self._connection.execute(
                f"SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY rowid DESC LIMIT ?",
                (f"{{{source.columns}}} : {phrase_expression(phrase)}", _COUNTED),
            ).fetchall()
            count = float(len(rows))
            if len(rows) == _COUNTED:
                count *= newest / (newest - int(str(rows[-1][0])) + 1)
            rarities.append(math.log(1 + (newest - min(count, newest) + 0.5) / (count + 0.5)))
        return rarities

    def _score(self, api: Any, *_arguments: Any) -> float:
        columns = range(len(self._weights))
        if not self._average:
            words = sum(api.column_total_size(column) for column in columns)
            self._average = max(1.0, words / max(1, api.row_count))
        length = sum(api.column_size(column) for column in columns)
        longer = _SATURATION * (1 - _LENGTH + _LENGTH * length / self._average)
        score = 0.0
        for phrase, rarity in enumerate(self._rarity):
            often = sum(
                weight * len(api.phrase_column_offsets(phrase, column))
                for column, weight in enumerate(self._weights)
            )
            if often:
                score += rarity * often * (_SATURATION + 1) / (often + longer)
        return score
