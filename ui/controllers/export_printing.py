"""Printing a conversation: gathered off this thread, drawn in slices, told at its end."""

from PySide6.QtCore import QObject, Signal

from app.export.base import ExportOptions, Given
from app.export.exports import Exports
from app.export.peeking import Peeking
from app.export.readable import Readable, readable
from app.export.scope import Scope
from app.posting import Post
from models.errors import KnownError
from ui.main_window import MainWindow
from ui.printing.print_job import Choose, PrintJob, ask
from ui.sentences import say, say_error


class ExportPrinting(QObject):
    """``trouble(str)``: a sentence to show. ``choose`` asks for the printer."""

    trouble = Signal(str)

    def __init__(
        self,
        exports: Exports,
        post: Post,
        window: MainWindow,
        choose: Choose = ask,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._exports, self._post, self._window = exports, post, window
        self._under_way: Peeking[Given] | Peeking[Readable] | None = None
        self.job = PrintJob(choose, self)
        self.job.progress.connect(self._progress)
        self.job.finished.connect(lambda: window.toast.offer(say("export.printed"), None))
        self.job.cancelled.connect(window.toast.dismiss)
        self.job.failed.connect(self._not_printed)

    def print(self, scope: Scope, options: ExportOptions) -> None:
        """Ask for a printer and print; nothing while something is being printed."""
        if self.job.is_running:
            return
        if self._under_way is not None:
            self._under_way.cancel()
        self._under_way = self._exports.given(
            scope, "pdf", options, lambda given: self._read(given, options), self._failed
        )

    def stop(self) -> None:
        """Give up what is being gathered or printed."""
        if self._under_way is not None:
            self._under_way.cancel()
            self._under_way = None
        self.job.cancel()

    def _read(self, given: Given, options: ExportOptions) -> None:
        self._under_way = Peeking(
            self._post, lambda _cancelled: readable(given, options), self._begin, self._failed
        )

    def _begin(self, text: Readable) -> None:
        self._under_way = None
        self.job.start(text, self._window)

    def _progress(self, page: int, count: int) -> None:
        words = (
            self.tr("Printing page {page} of {count}").format(page=page, count=count)
            if count
            else self.tr("Laying out the pages to print")
        )
        self._window.toast.offer(words, self.job.cancel, 3600, self.tr("Cancel"))

    def _not_printed(self, sentence: str) -> None:
        self._window.toast.dismiss()
        self.trouble.emit(sentence)

    def _failed(self, error: KnownError) -> None:
        self._under_way = None
        self.trouble.emit(say_error(error))
