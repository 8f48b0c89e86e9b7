"""A conversation as a PDF file: laid out twice, for the first time to count the pages."""

from collections.abc import Callable, Iterator
from uuid import NAMESPACE_OID, uuid5

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QUuid
from PySide6.QtGui import QPageSize, QPainter, QPdfWriter

from app.export.base import Paper
from app.export.readable import Readable
from ui.printing.look import Look
from ui.printing.messages import conversation_strips
from ui.printing.outline import Bookmark, finished_pdf, xmp_of
from ui.printing.pages import Page, pages_of
from ui.printing.painting import paint_page
from ui.printing.sheet import DOTS, Sheet, sheet_of

_SIZES = {"a4": QPageSize.PageSizeId.A4, "letter": QPageSize.PageSizeId.Letter}
_POINTS = 72

Progress = Callable[[int, int], None]
"""Steps done and all of them; called often, so that whoever waits hears a sign of life."""


def pdf_of(
    readable: Readable, paper: Paper, progress: Progress = lambda _done, _all: None
) -> bytes:
    """The bytes of the file: the same for the same conversation, wherever the fonts are."""
    steps = _Steps(readable, progress)
    sheet, look = sheet_of(paper), Look()
    look.counts_only = True
    count = sum(1 for _ in _pages(readable, look, sheet, steps))
    look.counts_only = False
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = _writer(buffer, paper, readable)
    painter = QPainter(writer)
    bookmarks: list[Bookmark] = []
    for number, page in enumerate(_pages(readable, look, sheet, steps), 1):
        if number > 1:
            writer.newPage()
        for _ in paint_page(painter, page, sheet, look, readable.title, number, count):
            steps.tell()
        bookmarks += _bookmarks(page, sheet, number - 1)
    painter.end()
    steps.tell()
    return finished_pdf(bytes(buffer.data().data()), readable, bookmarks)


class _Steps:
    """Counts messages, each of them twice."""

    def __init__(self, readable: Readable, progress: Progress) -> None:
        branches = sum(map(len, readable.branches))
        self._all = 2 * (len(readable.entries) + branches)
        self._done = 0
        self._progress = progress

    def message_done(self) -> None:
        """One more message is laid out."""
        self._done += 1
        self.tell()

    def tell(self) -> None:
        """Say how far it is."""
        self._progress(self._done, self._all)


def _pages(readable: Readable, look: Look, sheet: Sheet, steps: _Steps) -> Iterator[Page]:
    strips = conversation_strips(readable, look, sheet, steps.message_done)
    for page in pages_of(strips, sheet.text_height):
        if page is None:
            steps.tell()
        else:
            yield page


def _writer(buffer: QBuffer, paper: Paper, readable: Readable) -> QPdfWriter:
    writer = QPdfWriter(buffer)
    writer.setResolution(DOTS)
    writer.setPageSize(QPageSize(_SIZES[paper]))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setTitle(readable.title)
    writer.setDocumentXmpMetadata(xmp_of(readable))
    writer.setDocumentId(QUuid(str(uuid5(NAMESPACE_OID, readable.id))))
    return writer


def _bookmarks(page: Page, sheet: Sheet, number: int) -> Iterator[Bookmark]:
    for placed in page.placed:
        if placed.strip.bookmark:
            top = (sheet.height - sheet.top - placed.top) * _POINTS / DOTS
            yield Bookmark(placed.strip.bookmark, number, round(top, 1))
