"""The Downloads tab, the badge in the sidebar, and the word at the end of a download."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from app.library.download_entities import Download
from app.library.download_states import ENDED
from app.library.downloads import KEPT_DAYS
from app.services import Services
from models.errors import KnownError
from models.naming import shorten
from models.transfer_entities import StopReason
from ui.controllers.fetches import Fetches
from ui.controllers.notifier import Notifier
from ui.main_window import MainWindow
from ui.models.page import ModelsPage
from ui.models.places import download_row
from ui.models.view import DownloadsView
from ui.sentences import say, say_error

_SHOW_MS = 100
"""Between two looks at figures that change many times a second."""
_OUTSIDE_MS = 2000
"""Between two looks at what the terminal does."""


class DownloadsController(QObject):
    """Shows the queue and does what is asked of it.

    Signals:
        trouble: a sentence to show.
        chat_requested(str): key of a model that is here now.
        repository_requested(str): the page of a repository in this window.
        library_requested: something is to be removed there.
        token_requested: where a token can be given.
    """

    trouble = Signal(str)
    chat_requested = Signal(str)
    repository_requested = Signal(str)
    library_requested = Signal()
    token_requested = Signal()

    def __init__(
        self, services: Services, window: MainWindow, fetches: Fetches,
        notifier: Notifier, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._services = services
        self._window = window
        self._fetches = fetches
        self._notifier = notifier
        self._page: ModelsPage | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SHOW_MS)
        self._soon.timeout.connect(self._show)
        self._outside = QTimer(self)
        self._outside.setInterval(_OUTSIDE_MS)
        self._outside.timeout.connect(fetches.downloads.refresh)
        fetches.changed.connect(self._show)
        fetches.progressed.connect(self._show_soon)
        fetches.arrived.connect(self._arrived)

    def begin(self) -> None:
        """Go on with what stands in the queue, and look for what other programs put there."""
        try:
            self._fetches.downloads.start()
        except KnownError as error:
            self.trouble.emit(say_error(error))
        self._outside.start()
        self._show()

    def refresh(self) -> None:
        """Look at the queue now."""
        self._fetches.downloads.refresh()

    def attach(self, page: ModelsPage) -> None:
        """Show the queue on this page from now on."""
        self._page = page
        tab = page.downloads
        tab.asked.connect(self.do)
        tab.moved.connect(self._move)
        tab.remove_finished_requested.connect(self._remove_finished)
        self._show()

    def do(self, verb: str, identifier: str) -> None:
        """One of the verbs of ``ui.models.download_words``."""
        download = self._fetches.downloads.get(identifier)
        if download is None:
            return
        queue = self._fetches.downloads
        calls: dict[str, Callable[[], None]] = {
            "pause": lambda: queue.pause(identifier),
            "resume": lambda: queue.resume(identifier),
            "try_now": lambda: queue.resume(identifier),
            "try_again": lambda: queue.resume(identifier),
            "cancel": lambda: self._cancel(download),
            "discard": lambda: queue.cancel(identifier, discard=True),
            "remove": lambda: queue.forget(identifier),
            "chat": lambda: self._chat(download),
            "open_page": lambda: self._open_page(download),
            "token": self.token_requested.emit,
            "free_space": self.library_requested.emit,
            "folder": lambda: self._choose_folder(download),
            "show_folder": lambda: _open_folder(download),
        }
        self._try(calls[verb])

    # --- what is shown ---------------------------------------------------------------------

    def _show_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _show(self) -> None:
        self._soon.stop()
        entries = self._fetches.entries()
        coming = [each for each in entries if each.status.state not in ENDED]
        total = sum(each.total for each in coming)
        share = sum(each.done for each in coming) / total if total else None
        self._window.sidebar.set_downloads(len(coming), share)
        if self._page is not None:
            rows = tuple(download_row(each, KEPT_DAYS) for each in entries)
            self._page.show_downloads(DownloadsView(rows=rows))

    def _arrived(self, download: object) -> None:
        """Say that it is here; or why it is here and of no use."""
        assert isinstance(download, Download)
        name = _full_name(download)
        trouble = self._fetches.arrivals.trouble(download.id)
        if trouble is not None:
            self.trouble.emit(say_error(trouble))
            return
        text = say("models.arrived", {"name": shorten(name)})
        words = self.tr("Chat")
        self._window.banner.show_message("good", text, [(words, lambda: self._chat(download))])
        self._notifier.tell(self.tr("Download complete"), text)

    # --- verbs -----------------------------------------------------------------------------

    def _try(self, call: Callable[[], None]) -> None:
        try:
            call()
        except KnownError as error:
            self.trouble.emit(say_error(error))

    def _cancel(self, download: Download) -> None:
        self._fetches.downloads.cancel(download.id)
        text = say("models.cancelled", {"name": shorten(_full_name(download), 60)})
        undo = lambda: self._try(lambda: self._fetches.downloads.resume(download.id))  # noqa: E731
        self._window.toast.offer(text, undo)

    def _move(self, identifier: str, before: object) -> None:
        assert before is None or isinstance(before, str)
        self._try(lambda: self._fetches.downloads.move(identifier, before))

    def _remove_finished(self) -> None:
        for download in self._fetches.entries():
            if download.status.state in ENDED and not download.elsewhere:
                self._try(lambda one=download: self._fetches.downloads.forget(one.id))  # type: ignore[misc]

    def _chat(self, download: Download) -> None:
        model = self._fetches.arrivals.model_of(download.id)
        if model is not None:
            self.chat_requested.emit(model.key)
            return
        trouble = self._fetches.arrivals.trouble(download.id)
        self.trouble.emit(say_error(trouble) if trouble else say("library.forgotten"))

    def _open_page(self, download: Download) -> None:
        """What has to be accepted is accepted in the browser; all else is shown here."""
        repository = download.request.repository
        if download.status.reason in (StopReason.GATED, StopReason.AUTH):
            QDesktopServices.openUrl(QUrl(f"{self._services.models.endpoint}/{repository}"))
        else:
            self.repository_requested.emit(repository)

    def _choose_folder(self, download: Download) -> None:
        """Take another folder for this one download, as on another drive."""
        folder = QFileDialog.getExistingDirectory(
            self._window, self.tr("Where to put {name}").format(name=_full_name(download)),
            str(download.library),
        )  # fmt: skip
        if folder and Path(folder) != download.library:
            queue = self._fetches.downloads
            queue.forget(download.id)
            queue.add(download.request, Path(folder))


def _full_name(download: Download) -> str:
    return f"{download.request.name} {download.request.quantization}".strip()


def _open_folder(download: Download) -> None:
    paths = download.paths
    folder = paths[0].parent if paths else download.library
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
