"""A page onto a device: header, grounds, bars, then the strips."""

from collections.abc import Iterator

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from ui.chat.markdown.inline import printable
from ui.printing.look import Look
from ui.printing.pages import Page, Placed
from ui.printing.sheet import Sheet
from ui.printing.strip import Box
from ui.sentences import say

_BAR_WIDTH, _RADIUS, _BETWEEN = 3, 6, 16
_AT_ONCE = 4
"""Strips that are painted between two breaths."""


def paint_page(
    painter: QPainter, page: Page, sheet: Sheet, look: Look, title: str, number: int, count: int
) -> Iterator[None]:
    """Paint it; ``painter`` is in dots from the corner of the sheet. Yields to take breath.

    A ``count`` of 0 is not known.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_header(painter, sheet, look, title, number, count)
    _paint_boxes(painter, page, sheet, look)
    _paint_bars(painter, page, sheet, look)
    for at, placed in enumerate(page.placed):
        painter.save()
        placed.strip.draw(painter, sheet.left, sheet.top + placed.top)
        painter.restore()
        if at % _AT_ONCE == _AT_ONCE - 1:
            yield


def _paint_header(
    painter: QPainter, sheet: Sheet, look: Look, title: str, number: int, count: int
) -> None:
    """The page's number at the right; the title at the left, where it is not the first page."""
    font = look.header_font
    painter.setFont(font)
    painter.setPen(look.theme.color("muted"))
    metrics = QFontMetricsF(font)
    facts = {"number": number, "count": count}
    place = say("export.page_number", facts) if count else str(number)
    wide = metrics.horizontalAdvance(place)
    painter.drawText(QPointF(sheet.left + sheet.text_width - wide, sheet.header), place)
    if number > 1:
        room = sheet.text_width - wide - look.px(_BETWEEN)
        words = " ".join(printable(title).split())
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(sheet.left, sheet.header), words)


def _paint_boxes(painter: QPainter, page: Page, sheet: Sheet, look: Look) -> None:
    for box, first, last in _runs(page):
        top = sheet.top + first.top - box.pad
        bottom = sheet.top + last.top + last.strip.height + box.pad
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.theme.color(box.color))
        radius = look.px(_RADIUS)
        area = QRectF(sheet.left + box.left, top, box.width, bottom - top)
        painter.drawRoundedRect(area, radius, radius)


def _runs(page: Page) -> Iterator[tuple[Box, Placed, Placed]]:
    """Every box with its first and its last strip on this page."""
    run: list[Placed] = []
    for placed in page.placed:
        if run and placed.strip.box is not run[0].strip.box:
            if run[0].strip.box is not None:
                yield run[0].strip.box, run[0], run[-1]
            run = []
        run.append(placed)
    if run and run[0].strip.box is not None:
        yield run[0].strip.box, run[0], run[-1]


def _paint_bars(painter: QPainter, page: Page, sheet: Sheet, look: Look) -> None:
    """Beside every strip of a quote, and beside what is between two of them."""
    color, wide = look.theme.color("border"), look.px(_BAR_WIDTH)
    before: Placed | None = None
    for placed in page.placed:
        strip = placed.strip
        pad = strip.box.pad if strip.box is not None else 0.0
        bottom = placed.top + strip.height + pad
        for level, bar in enumerate(strip.bars):
            top = placed.top - pad
            if before is not None and before.strip.bars[: level + 1] == strip.bars[: level + 1]:
                top = before.top + before.strip.height
            area = QRectF(sheet.left + bar, sheet.top + top, wide, bottom - top)
            painter.fillRect(area, color)
        before = placed
