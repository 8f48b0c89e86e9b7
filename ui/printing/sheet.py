"""A sheet of paper in dots: what of it is text, and where its header stands."""

from dataclasses import dataclass

from app.export.base import Paper

DOTS = 600
"""To the inch: the unit of every length in this folder, whatever is printed on."""
_MILLIMETRES = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
_SIDE, _TOP, _BOTTOM = 20.0, 24.0, 18.0
_HEADER = 13.0
"""Millimetres from the upper edge to the header's baseline."""


def dots(millimetres: float) -> float:
    """Millimetres in dots."""
    return millimetres / 25.4 * DOTS


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of page; lengths in dots."""

    width: float
    height: float
    left: float
    top: float
    text_width: float
    text_height: float
    header: float
    """The baseline of the header, from the upper edge."""


def sheet_of(paper: Paper) -> Sheet:
    """The sheet of a named paper."""
    width, height = _MILLIMETRES[paper]
    return sheet(dots(width), dots(height))


def sheet(width: float, height: float) -> Sheet:
    """A sheet of any size in dots, as a printer has it; small ones have smaller margins."""
    share = min(1.0, width / dots(150), height / dots(200))
    side, top, bottom = (dots(each) * share for each in (_SIDE, _TOP, _BOTTOM))
    return Sheet(
        width, height, side, top, width - 2 * side, height - top - bottom, dots(_HEADER) * share
    )
