"""The first pages of a conversation as pictures."""

from collections.abc import Callable, Iterator

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage, QPainter

from app.export.base import Paper
from app.export.readable import Readable
from ui.printing.look import Look
from ui.printing.messages import conversation_strips
from ui.printing.pages import Page, pages_of
from ui.printing.painting import paint_page
from ui.printing.sheet import DOTS, Sheet, sheet_of
from ui.theme.tokens import PAPER

_PER_INCH = 110
"""Pixels of a picture: small letters can be read, and a page has a megapixel."""


def page_pictures(
    readable: Readable, paper: Paper, most: int, alive: Callable[[], None] = lambda: None
) -> Iterator[bytes]:
    """PNG files of the first pages, ``most`` at most.

    How many there will be is not known without laying all of them out: their numbers do not say.
    """
    sheet, look = sheet_of(paper), Look()
    number = 0
    for page in pages_of(conversation_strips(readable, look, sheet), sheet.text_height):
        alive()
        if page is None:
            continue
        number += 1
        yield _png(page, sheet, look, readable.title, number)
        if number == most:
            return


def _png(page: Page, sheet: Sheet, look: Look, title: str, number: int) -> bytes:
    share = _PER_INCH / DOTS
    wide, high = round(sheet.width * share), round(sheet.height * share)
    image = QImage(wide, high, QImage.Format.Format_RGB32)
    image.fill(QColor(PAPER))
    # As fine as the paper that it stands for: formulas are drawn as vectors then.
    image.setDotsPerMeterX(round(DOTS / 0.0254))
    image.setDotsPerMeterY(round(DOTS / 0.0254))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.scale(share, share)
    for _ in paint_page(painter, page, sheet, look, title, number, 0):
        pass
    painter.end()
    image.setDotsPerMeterX(round(_PER_INCH / 0.0254))
    image.setDotsPerMeterY(round(_PER_INCH / 0.0254))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())
