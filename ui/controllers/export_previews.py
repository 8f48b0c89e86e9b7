"""The preview beside the export's choices: made off this thread, a moment after the last change."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from app.export.base import Given
from app.export.exports import Exports
from app.export.peeking import Peek, Peeking
from app.export.printer import Preview, Printer
from app.export.scope import Scope
from models.errors import KnownError
from ui.export.sheet import ExportSheet
from ui.export.view import PICTURED, SINGLE, TOGETHER, Wanted
from ui.sentences import say_error

SHOWN_BYTES = 64 * 1024
_PAGES = 3
_AFTER_MS = 120


class ExportPreviews(QObject):
    """Shows what the choice would give; whatever came of an older choice is dropped."""

    def __init__(
        self,
        exports: Exports,
        printer: Printer,
        sheet: ExportSheet,
        scope: Callable[[Wanted], Scope],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._exports, self._printer, self._sheet, self._scope = exports, printer, sheet, scope
        self._under_way: Peeking[Peek] | Peeking[Given] | Preview | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_AFTER_MS)
        self._later.timeout.connect(self._make)

    def refresh(self, *, at_once: bool = False) -> None:
        """The choice is another one."""
        self.stop()
        self._later.start(0 if at_once else _AFTER_MS)

    def stop(self) -> None:
        """Nobody looks any more."""
        self._later.stop()
        if self._under_way is not None:
            self._under_way.cancel()
            self._under_way = None

    def _make(self) -> None:
        wanted = self._sheet.wanted
        scope = self._scope(wanted)
        if wanted.format in PICTURED:
            self._under_way = self._exports.given(
                scope, wanted.format, wanted.options,
                lambda given: self._print(wanted, given), self._failed,
            )  # fmt: skip
        else:
            self._under_way = self._exports.peek(
                scope, wanted.format, wanted.options, SHOWN_BYTES,
                lambda found: self._show_text(wanted, found), self._failed,
            )  # fmt: skip

    def _print(self, wanted: Wanted, given: Given) -> None:
        is_first = wanted.what not in SINGLE
        self._under_way = self._printer.preview(
            given, wanted.options, _PAGES,
            lambda pictures: self._show_pages(pictures, is_first=is_first), self._failed,
        )  # fmt: skip

    def _show_text(self, wanted: Wanted, found: Peek) -> None:
        self._under_way = None
        # Cut between two bytes of a character, the last one is left out.
        text = found.data.decode("utf-8", "ignore")
        is_first = wanted.format not in TOGETHER and found.conversations > 1
        self._sheet.preview.show_text(text, is_cut=not found.is_whole, is_first=is_first)

    def _show_pages(self, pictures: list[bytes], *, is_first: bool) -> None:
        self._under_way = None
        is_cut = len(pictures) >= _PAGES
        self._sheet.preview.show_pages(pictures, is_cut=is_cut, is_first=is_first)

    def _failed(self, error: KnownError) -> None:
        self._under_way = None
        self._sheet.preview.say(say_error(error))
