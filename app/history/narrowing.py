"""The filters of a search as FTS5 marks, which narrow quickly, and as SQL, which is exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.history.entities import Role
from app.history.found import Filters
from app.history.search_index import conversation_mark, model_mark, month_mark, role_mark
from app.storage.connection import Connection
from app.text import clean

_MOST_CONVERSATIONS = 500
"""Of a folder, by marks; a larger one is narrowed by SQL alone, and is found in soon enough."""

_MOST_MONTHS = 60
_MONTH_MS = 28 * 24 * 60 * 60 * 1000
"""No month is shorter: steps of it meet each one."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """``marks`` is FTS5's language, empty for none; ``conditions`` SQL that begins with AND."""

    marks: str
    conditions: str
    bindings: tuple[Any, ...]


def narrow(connection: Connection, filters: Filters, *, of_titles: bool) -> Narrowed | None:
    """What the filters ask of messages as ``m`` (or titles) of conversations ``c``.

    None: nothing can be found. Raises apsw.Error.
    """
    if of_titles and filters.role is not None:
        return None
    all_of: list[str] = []
    conditions: list[str] = []
    bindings: list[Any] = []
    if filters.role is not None:
        all_of.append(role_mark(filters.role))
        conditions.append("(m.role = 'user') = ?")
        bindings.append(filters.role is Role.USER)
    if filters.models:
        _narrow_models(filters.models, of_titles, all_of, conditions, bindings)
    _narrow_dates(filters, of_titles, all_of, conditions, bindings)
    if filters.folder_id is not None:
        _narrow_folder(connection, filters.folder_id, all_of, conditions, bindings)
    return Narrowed(
        f"(marks : ({' AND '.join(all_of)}))" if all_of else "",
        "".join(f" AND {condition}" for condition in conditions),
        tuple(bindings),
    )


def _narrow_models(
    models: Sequence[str],
    of_titles: bool,
    all_of: list[str],
    conditions: list[str],
    bindings: list[Any],
) -> None:
    """A question belongs to the model that was chosen when it was asked: only marks tell that."""
    keys = [clean(key) for key in models[:_MOST_CONVERSATIONS]]
    all_of.append(_any_of(model_mark(key) for key in keys))
    if of_titles:
        conditions.append(f"c.model_key IN ({', '.join('?' * len(keys))})")
        bindings += keys


def _narrow_dates(
    filters: Filters, of_titles: bool, all_of: list[str], conditions: list[str], bindings: list[Any]
) -> None:
    column = "c.updated_ms" if of_titles else "m.created_ms"
    for operator, moment in ((">=", filters.since_ms), ("<", filters.until_ms)):
        if moment is not None:
            conditions.append(f"{column} {operator} ?")
            bindings.append(max(-(2**63), min(moment, 2**63 - 1)))
    if filters.since_ms is None or filters.until_ms is None:
        return
    if 0 <= filters.until_ms - filters.since_ms <= _MOST_MONTHS * _MONTH_MS:
        steps = range(filters.since_ms, filters.until_ms, _MONTH_MS)
        months = {*map(month_mark, steps), month_mark(filters.until_ms)}
        all_of.append(_any_of(sorted(months)))


def _narrow_folder(
    connection: Connection,
    folder_id: str,
    all_of: list[str],
    conditions: list[str],
    bindings: list[Any],
) -> None:
    inside = "(SELECT id FROM folders WHERE trashed_ms IS NULL)"
    if not folder_id:
        conditions.append(f"(c.folder_id IS NULL OR c.folder_id NOT IN {inside})")
        return
    conditions.append(f"c.folder_id = ? AND c.folder_id IN {inside}")
    bindings.append(clean(folder_id))
    rows = connection.execute(
        "SELECT row FROM conversations WHERE folder_id = ? LIMIT ?",
        (clean(folder_id), _MOST_CONVERSATIONS + 1),
    ).fetchall()
    if 0 < len(rows) <= _MOST_CONVERSATIONS:
        all_of.append(_any_of(conversation_mark(int(str(row[0]))) for row in rows))


def _any_of(marks: Any) -> str:
    return "(" + " OR ".join(marks) + ")"
