"""Which titles hold the words of a search, and which of them come first. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.search_words import fold
from ui.palette.entries import Places

_T = TypeVar("_T")
_AT_BEGIN, _AT_WORD, _INSIDE, _ALSO = 0, 1, 3, 4
"""What a word costs by where it was found; the lowest sum comes first."""


@dataclass(frozen=True, slots=True)
class Matchable(Generic[_T]):
    """A title made ready to be compared many times."""

    value: _T
    title: str
    folded: str
    also: str = ""
    """Folded words that find it and are not shown."""


@dataclass(frozen=True, slots=True)
class Match(Generic[_T]):
    """A title that holds every word."""

    value: _T
    title: str
    places: Places
    cost: int


def matchable(value: _T, title: str, also: str = "") -> Matchable[_T]:
    """Fold once what is compared at every key."""
    return Matchable(value, title, fold(title), fold(also))


def best(items: Iterable[Matchable[_T]], text: str, limit: int) -> list[Match[_T]]:
    """The ``limit`` best of those that hold every word of ``text``; equals keep their order."""
    words = fold(text).split()
    if not words:
        return []
    costs = []
    for number, item in enumerate(items):
        cost = _cost(item, words)
        if cost is not None:
            costs.append((cost, number, item))
    costs.sort(key=lambda each: each[:2])
    return [
        Match(item.value, item.title, places_in(item.title, words), cost)
        for cost, _number, item in costs[:limit]
    ]


def places_in(title: str, words: Sequence[str]) -> Places:
    """Where folded ``words`` stand in ``title``, in its own characters."""
    folded, origins = _fold_with_origins(title)
    spans = []
    for word in words:
        at = _first(folded, word)
        if at >= 0:
            spans.append((origins[at], origins[at + len(word) - 1] + 1))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _cost(item: Matchable[_T], words: Sequence[str]) -> int | None:
    total = 0
    for word in words:
        at = _first(item.folded, word)
        if at == 0:
            total += _AT_BEGIN
        elif at > 0:
            total += _INSIDE if item.folded[at - 1].isalnum() else _AT_WORD
        elif word in item.also:
            total += _ALSO
        else:
            return None
    return total


def _first(text: str, word: str) -> int:
    """The first place where a word begins with it, else the first at all, else -1."""
    first = at = text.find(word)
    while at > 0 and text[at - 1].isalnum():
        at = text.find(word, at + 1)
    return at if at >= 0 else first


def _fold_with_origins(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the number of the one it came from."""
    parts, origins = [], []
    for number, sign in enumerate(text):
        folded = fold(sign)
        parts.append(folded)
        origins += [number] * len(folded)
    return "".join(parts), origins
