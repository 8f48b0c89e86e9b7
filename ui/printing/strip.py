"""What pages are made of: strips as wide as the text, never cut through."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from PySide6.QtGui import QPainter

Draw = Callable[[QPainter, float, float], None]
"""Paints with the left edge of the text and the top of the strip, in dots."""


@dataclass(frozen=True, eq=False, slots=True)
class Box:
    """A coloured ground behind strips that follow one another; a page may end inside it."""

    left: float
    width: float
    pad: float
    """Above its first and below its last strip on each page."""
    color: str


@dataclass(frozen=True, eq=False, slots=True)
class Strip:
    """A line of text, a row of a table, a picture. Lengths in dots."""

    height: float
    draw: Draw
    gap: float = 0.0
    """Above it, except at the beginning of a page."""
    keep: bool = False
    """The next strip belongs on the same page."""
    box: Box | None = None
    bars: tuple[float, ...] = ()
    """Where the bars of quotes stand, from the left edge of the text."""
    again: "Strip | None" = None
    """What stands above it once more where it begins a page: a table's head."""
    bookmark: str = ""


Strips = Iterator[Strip | None]
"""None is a place to take breath: a window draws its frame there."""


def together(strips: Strips, *, lone: int = 1) -> Strips:
    """Keep the first two and the last two on one page: no line stands alone.

    ``lone`` is how many at the beginning belong to what follows anyway.
    """
    waiting: list[Strip] = []
    number = 0
    for strip in strips:
        if strip is None:
            yield None
            continue
        waiting.append(strip)
        if len(waiting) > 2:
            first = waiting.pop(0)
            yield replace(first, keep=first.keep or number < lone)
            number += 1
    if len(waiting) == 2:
        yield replace(waiting[0], keep=True)
    yield from waiting[-1:]
