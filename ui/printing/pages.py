"""Strips into pages: nothing cut through, headings and lone lines kept with what follows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ui.printing.strip import Box, Strip, Strips

_LARGEST_CHAIN = 0.6
"""Of a page: more than that is broken anywhere, for else the page before would be nearly empty."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A strip and its top, in dots below the top of the text."""

    strip: Strip
    top: float


@dataclass(slots=True)
class Page:
    """What stands on one page."""

    placed: list[Placed] = field(default_factory=list)

    @property
    def bottom(self) -> float:
        """Where its last strip ends."""
        return self.placed[-1].top + self.placed[-1].strip.height if self.placed else 0.0


@dataclass(frozen=True, slots=True)
class _Pen:
    """Where the next strip goes."""

    y: float = 0.0
    box: Box | None = None
    fresh: bool = True
    """Nothing is on the page yet."""


class Paginator:
    """Takes strips in order and gives the pages that are full."""

    def __init__(self, height: float) -> None:
        self._height = height
        self._pen = _Pen()
        self._page = Page()
        self._chain: list[Strip] = []
        """What must stand on one page, as far as it is known."""

    def add(self, strip: Strip) -> Iterator[Page]:
        """Place what can be placed."""
        self._chain.append(strip)
        if not strip.keep or sum(each.height + each.gap for each in self._chain) > self._height:
            yield from self._place()

    def finish(self) -> Iterator[Page]:
        """The last pages; at least one, though it be empty."""
        yield from self._place()
        yield self._page
        self._page, self._pen = Page(), _Pen()

    def _place(self) -> Iterator[Page]:
        chain, self._chain = self._chain, []
        high = sum(strip.height + strip.gap for strip in chain)
        if not self._fits(self._pen, chain) and high <= self._height * _LARGEST_CHAIN:
            yield from self._turn()
        for strip in chain:
            if not self._fits(self._pen, [strip]):
                yield from self._turn()
            self._put(strip)

    def _turn(self) -> Iterator[Page]:
        if not self._pen.fresh:
            yield self._page
        self._page, self._pen = Page(), _Pen()

    def _put(self, strip: Strip) -> None:
        if self._pen.fresh and strip.again is not None:
            self._pen = self._write(self._pen, strip.again)
        self._pen = self._write(self._pen, strip)

    def _write(self, pen: _Pen, strip: Strip) -> _Pen:
        after, top = _moved(pen, strip)
        self._page.placed.append(Placed(strip, top))
        return after

    def _fits(self, pen: _Pen, strips: Iterable[Strip]) -> bool:
        for strip in strips:
            if pen.fresh and strip.again is not None:
                pen, _top = _moved(pen, strip.again)
            pen, _top = _moved(pen, strip)
        return pen.y + (pen.box.pad if pen.box is not None else 0) <= self._height


def _moved(pen: _Pen, strip: Strip) -> tuple[_Pen, float]:
    """The pen behind the strip, and the strip's top."""
    y = pen.y
    if strip.box is not pen.box and pen.box is not None:
        y += pen.box.pad
    if not pen.fresh:
        y += strip.gap
    if strip.box is not pen.box and strip.box is not None:
        y += strip.box.pad
    return _Pen(y + strip.height, strip.box, fresh=False), y


def pages_of(strips: Strips, height: float) -> Iterator[Page | None]:
    """The pages, one after the other, each when it is full; None to take breath."""
    paginator = Paginator(height)
    for strip in strips:
        if strip is None:
            yield None
        else:
            yield from paginator.add(strip)
    yield from paginator.finish()
