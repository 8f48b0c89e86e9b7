"""Printing from the window: asks for a printer, then draws in slices, so that frames stay short."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from app.export.readable import Readable
from models.naming import shorten
from ui.printing.look import Look
from ui.printing.messages import conversation_strips
from ui.printing.pages import pages_of
from ui.printing.painting import paint_page
from ui.printing.sheet import DOTS, sheet
from ui.sentences import say

log = logging.getLogger("moestro.printing")

_SLICE_SECONDS = 0.010
"""Of laying out and painting between two frames."""

Choose = Callable[[QPrinter, QWidget | None], bool]


def ask(printer: QPrinter, parent: QWidget | None) -> bool:
    """Show the system's print dialog; whether to print."""
    dialog = QPrintDialog(printer, parent)
    return dialog.exec() == QPrintDialog.DialogCode.Accepted


class PrintJob(QObject):
    """Prints one conversation at a time.

    Signals:
        progress(int, int): pages painted, and how many there are; (0, 0) while they are counted.
        finished(): everything was handed to the printer.
        cancelled(): a person did not want it after all.
        failed(str): a sentence to show.
    """

    progress = Signal(int, int)
    finished = Signal()
    cancelled = Signal()
    failed = Signal(str)

    def __init__(self, choose: Choose = ask, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choose = choose
        self._printer: QPrinter | None = None
        self._painter: QPainter | None = None
        self._title = ""
        self._steps: Iterator[None] = iter(())
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._advance)

    @property
    def is_running(self) -> bool:
        """Whether it prints."""
        return self._printer is not None

    def start(self, readable: Readable, parent: QWidget | None = None) -> bool:
        """Ask for a printer and begin; False when it prints already or nobody wants to."""
        if self.is_running:
            return False
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(readable.title)
        printer.setFullPage(True)
        if not self._choose(printer, parent):
            self.cancelled.emit()
            return False
        self._title = readable.title
        self._printer = printer
        self._steps = self._printing(readable, printer)
        self._timer.start()
        return True

    def cancel(self) -> None:
        """Stop; what is not on paper yet never will be, and of a file nothing stays."""
        if self.is_running:
            self._break_off()
            self.cancelled.emit()

    def _advance(self) -> None:
        until = time.perf_counter() + _SLICE_SECONDS
        try:
            while time.perf_counter() < until:
                if next(self._steps, self) is self:
                    self._end()
                    self.finished.emit()
                    return
        except Exception:  # the slot's boundary
            log.exception("printing broke off")
            self._fail()

    def _fail(self) -> None:
        self._break_off()
        self.failed.emit(say("export.not_printed", {"title": shorten(self._title)}))

    def _break_off(self) -> None:
        # Before the painter began, a file of this name is somebody's older one.
        has_begun = self._painter is not None
        path = self._printer.outputFileName() if self._printer is not None else ""
        if self._printer is not None:
            self._printer.abort()
        self._end()
        if not has_begun or not path:
            return
        try:
            if Path(path).is_file():
                Path(path).unlink()
        except OSError:
            log.warning("a part of a file that was to be printed stays", exc_info=True)

    def _end(self) -> None:
        self._timer.stop()
        self._steps = iter(())
        if self._painter is not None:
            self._painter.end()
        self._painter = self._printer = None

    def _printing(self, readable: Readable, printer: QPrinter) -> Iterator[None]:
        """Every step of it: counting the pages, then painting those that are wanted."""
        whole = printer.pageLayout().fullRectPoints()
        page_sheet, look = sheet(whole.width() * DOTS / 72, whole.height() * DOTS / 72), Look()
        count = 0
        self.progress.emit(0, 0)
        look.counts_only = True
        for page in pages_of(
            conversation_strips(readable, look, page_sheet), page_sheet.text_height
        ):
            count += page is not None
            yield
        look.counts_only = False
        first, last = printer.fromPage() or 1, printer.toPage() or count
        painter = QPainter()
        if not painter.begin(printer):
            raise OSError("the printer cannot be painted on")
        self._painter = painter
        number = painted = 0
        for page in pages_of(
            conversation_strips(readable, look, page_sheet), page_sheet.text_height
        ):
            yield
            if page is None:
                continue
            number += 1
            if not first <= number <= last:
                continue
            if painted and not printer.newPage():
                raise OSError("the printer takes no more pages")
            painted += 1
            painter.save()
            share = printer.resolution() / DOTS
            painter.scale(share, share)
            yield from paint_page(painter, page, page_sheet, look, readable.title, number, count)
            painter.restore()
            self.progress.emit(number, count)
