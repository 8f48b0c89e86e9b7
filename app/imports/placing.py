"""Gives imported chats their places among those here: by when they were used last."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.storage.connection import Connection


@dataclass(frozen=True, slots=True)
class Placed:
    """A chat that came, or that was used elsewhere after it was used here."""

    id: str
    source: str
    updated_ms: int
    sequence: int
    """Its place in the files."""


def place(connection: Connection, placed: Sequence[Placed]) -> None:
    """Number all chats anew, as far as it takes; those here keep their order, clocks aside.

    Chats that alone come into an empty history keep the numbers of their file.
    """
    if not placed:
        return
    moved = {each.id for each in placed}
    here: list[tuple[str, int, int]] = []
    rows: Iterable[tuple[Any, ...]] = connection.execute(
        "SELECT id, updated_ms, sequence FROM conversations ORDER BY sequence, row"
    )
    for own, updated_ms, sequence in rows:
        if own not in moved:
            here.append((str(own), int(updated_ms), int(sequence)))
    keyed = [(key, own, sequence) for key, own, sequence in _rising(here)]
    sources = dict.fromkeys(each.source for each in placed)
    keep_numbers = not here and len(sources) == 1
    for source in sources:
        came = sorted((each for each in placed if each.source == source), key=_by_file)
        for key, own, sequence in _rising((e.id, e.updated_ms, e.sequence) for e in came):
            keyed.append((key, own, sequence if keep_numbers else 0))
    keyed.sort(key=lambda each: each[0])  # stable: what is here comes before what came
    connection.executemany(
        "UPDATE conversations SET sequence = ?1 WHERE id = ?2 AND sequence <> ?1", _numbers(keyed)
    )


def _by_file(placed: Placed) -> int:
    return placed.sequence


def _rising(chats: Iterable[tuple[str, int, int]]) -> Iterator[tuple[int, str, int]]:
    """With the latest time up to each, so that sorting by it keeps their order."""
    latest = 0
    for own, updated_ms, sequence in chats:
        latest = max(latest, updated_ms)
        yield latest, own, sequence


def _numbers(keyed: Iterable[tuple[int, str, int]]) -> Iterator[tuple[int, str]]:
    last = 0
    for _key, own, sequence in keyed:
        last = max(last + 1, sequence)
        yield last, own
