"""The conversations of a search: every one with the words, not only the best that a list shows."""

from collections.abc import Callable

from app.export.errors import ExportCancelled
from app.export.scope import Scope, SearchResult, conversation_ids
from app.history.found import Filters
from app.history.looking import FILES, MESSAGES, TITLES
from app.history.narrowing import narrow
from app.history.ranking import Source
from app.history.search_index import index_for
from app.history.search_query import Query, parse
from app.storage.connection import Connection
from app.storage.writer import DatabaseWriter

_INDEX_SECONDS = 0.25
"""Of indexing between two looks for a cancel; it goes on until every text is in the index."""


def scope_ids(
    connection: Connection,
    writer: DatabaseWriter,
    scope: Scope,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[str]:
    """The conversations that are meant by ``scope``, by id; not for the state thread.

    Raises ExportCancelled between two pieces of indexing, HistoryError, StorageError and
    apsw.Error.
    """
    if not isinstance(scope, SearchResult):
        return conversation_ids(connection, scope)
    is_behind = True
    while is_behind:
        if cancelled():
            raise ExportCancelled
        is_behind = index_for(connection, writer, _INDEX_SECONDS)
    return matching(connection, scope.text, scope.filters)


def matching(connection: Connection, text: str, filters: Filters) -> list[str]:
    """Ids of the conversations in which a search finds something. Raises apsw.Error."""
    query = parse(text)
    if not query.wanted:
        return []
    found: set[str] = set()
    for source in (MESSAGES, TITLES, FILES):
        found |= _matching(connection, source, query, filters)
    return sorted(found)


def _matching(connection: Connection, source: Source, query: Query, filters: Filters) -> set[str]:
    narrowed = narrow(connection, filters, of_titles=source is TITLES)
    if narrowed is None:
        return set()
    expression = query.expression(source.columns)
    if narrowed.marks and source is MESSAGES:
        expression = f"{expression} AND {narrowed.marks}"
    outside_trash = "" if source is TITLES else " AND m.trashed_by IS NULL"
    rows = connection.execute(
        f"SELECT DISTINCT CAST(c.id AS BLOB) FROM {source.table} AS words {source.joined}"
        f" WHERE {source.table} MATCH ? AND c.trashed_ms IS NULL"
        f"{outside_trash}{narrowed.conditions}",
        (expression, *narrowed.bindings),
    )
    return {bytes(row[0]).decode("utf-8", "replace") for row in rows}
