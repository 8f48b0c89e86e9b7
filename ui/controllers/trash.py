"""The trash: lists what was deleted, brings it back, erases it for good."""

import time
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from app.history.organised import Deleted, DeletedKind, Emptied
from app.services import Services
from models.errors import KnownError
from ui.main_window import MainWindow
from ui.sentences import say_error
from ui.trash.page import TrashPage
from ui.trash.words import backups_gone_words, emptied_words, name_words


class TrashController(QObject):
    """Signals:

    restored(list): these came back (``Deleted``).
    trouble: a sentence to show.
    """

    restored = Signal(list)
    trouble = Signal(str)

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        page: TrashPage,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._organiser, self._backups = services.organiser, services.backups
        self._window, self._page = window, page
        self._before = "chat"
        page.restore_requested.connect(self.restore)
        page.empty_requested.connect(self.empty)
        page.back_requested.connect(lambda: window.show_page(self._before))

    def open(self) -> None:
        """Show the page; a second press goes back."""
        if self._window.current_page == "trash":
            self._window.show_page(self._before)
            return
        self._before = self._window.current_page
        self._read()
        self._window.show_page("trash")

    def refresh(self) -> None:
        """The history is another one: while the page is shown, list again."""
        if self._window.current_page == "trash":
            self._read()

    def restore(self, items: Sequence[Deleted]) -> None:
        """Bring these back."""
        chosen = list(items)

        def done(count: int) -> None:
            self.restored.emit(chosen)
            self._read()
            self._window.toast.offer(self._restored_words(chosen, count), None)

        self._organiser.restore(chosen, done=done, failed=self._failed)

    def empty(self, backups_too: bool = False) -> None:
        """Erase everything in the trash for good; where it is wished, from the backups too."""
        self._page.set_busy(True)

        def done(emptied: Emptied) -> None:
            self._page.set_busy(False)
            self._read()
            if not backups_too:
                self._window.toast.offer(emptied_words(emptied), None)
                return
            self._backups.start_over(
                lambda count: self._window.toast.offer(
                    f"{emptied_words(emptied)} · {backups_gone_words(count)}", None
                ),
                self._failed,
            )

        self._organiser.empty_trash(done=done, failed=self._failed)

    def _read(self) -> None:
        try:
            items = self._organiser.deleted()
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        self._page.show_items(items, time.time_ns() // 1_000_000)

    def _failed(self, error: KnownError) -> None:
        self._page.set_busy(False)
        self._read()
        self.trouble.emit(say_error(error))

    def _restored_words(self, items: Sequence[Deleted], count: int) -> str:
        if count == 0:
            return self.tr("It is not in the trash any more")
        if len(items) > 1:
            return self.tr("{count} things are back").format(count=count)
        name = name_words(items[0])
        short = name if len(name) <= 48 else name[:47] + "…"
        if items[0].kind is DeletedKind.MESSAGE:
            return self.tr("The message is back in its chat")
        return self.tr("“{name}” is back").format(name=short)
