"""Ranking of texts by full text, in memory: SQLite's FTS5 and its BM25, nothing written."""

from collections.abc import Iterable, Sequence

import apsw


class RankedTexts:
    """Texts that were cut into words already, each in the same columns; ranked by a query.

    Only the thread that made it may use it at a time. Words hold no white space. What ``texts``
    raises ends the making of it.
    """

    def __init__(self, columns: int, texts: Iterable[Sequence[Sequence[str]]]) -> None:
        self._columns = columns
        self._connection = apsw.Connection(":memory:")
        names = ", ".join(f"c{number}" for number in range(columns))
        # Marks are letters here, so that words of Indic scripts stay whole; all folding was
        # done before.
        self._connection.execute(
            f"CREATE VIRTUAL TABLE texts USING fts5({names}, content='',"
            " tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co M*'\")"
        )
        places = ", ".join("?" * (columns + 1))
        with self._connection:
            self._connection.executemany(
                f"INSERT INTO texts (rowid, {names}) VALUES ({places})",
                (
                    (number, *(" ".join(words) for words in text))
                    for number, text in enumerate(texts, start=1)
                ),
            )

    def best(
        self, query: Sequence[Sequence[str]], weights: Sequence[float], limit: int
    ) -> list[tuple[int, float]]:
        """(number of the text from 0, score) of those with any word of the query, best first.

        ``query`` has the words to look for in each column. A higher score is better.
        """
        parts = [
            f"c{column} : ({' OR '.join(_quoted(word) for word in dict.fromkeys(words))})"
            for column, words in enumerate(query)
            if words
        ]
        if not parts:
            return []
        factors = ", ".join(str(float(weight)) for weight in weights)
        rows = self._connection.execute(
            f"SELECT rowid, bm25(texts, {factors}) AS score FROM texts WHERE texts MATCH ?"
            " ORDER BY score, rowid LIMIT ?",
            (" OR ".join(parts), limit),
        )
        return [(int(row[0]) - 1, -float(row[1])) for row in rows]

    def close(self) -> None:
        """Give the memory back."""
        self._connection.close()


def _quoted(word: str) -> str:
    # A NUL would end the query; everything else inside quotes is only a word.
    return '"' + word.replace("\0", " ").replace('"', '""') + '"'
