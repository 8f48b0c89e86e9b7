"""The page about where everything is: measured on demand, moved or deleted when that is meant."""

from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from app.backups.desk import BackupDesk
from app.data_move import place_in
from app.errors import DataFolderError
from app.services import Services
from models.errors import KnownError
from models.naming import shorten
from ui.data.data_page import DataPage
from ui.data.words import size_words
from ui.follow_up import FollowUp
from ui.main_window import MainWindow
from ui.sentences import say, say_error


class DataFolderController(QObject):
    """Signals:
    trouble(str): a sentence to show.
    backups_requested, save_requested, move_models_requested: others do these.
    end_requested(FollowUp): end, and move or delete everything then.
    """

    trouble = Signal(str)
    backups_requested = Signal()
    save_requested = Signal()
    move_models_requested = Signal()
    end_requested = Signal(object)

    def __init__(
        self,
        services: Services,
        desk: BackupDesk,
        window: MainWindow,
        page: DataPage,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._desk, self._window, self._page = services, desk, window, page
        self._from = "chat"
        page.back_requested.connect(lambda: window.show_page(self._from))
        page.open_requested.connect(lambda path: QDesktopServices.openUrl(QUrl.fromLocalFile(path)))
        page.backups_requested.connect(self.backups_requested)
        page.save_requested.connect(self.save_requested)
        page.move_models_requested.connect(self.move_models_requested)
        page.move_requested.connect(self.choose)
        page.erase_requested.connect(self._erase)

    def open(self) -> None:
        """Show the page; back leads to where it was asked for."""
        before = self._window.current_page
        if before not in ("data", "backups"):
            self._from = "settings" if before == "settings" else "chat"
        self._window.show_page("data")
        self.measure()
        self._page.setFocus()

    def measure(self) -> None:
        """Look again how large everything is."""
        models = self._services.models.folder
        self._desk.measure(models, self._page.show_use, self._failed)

    def choose(self) -> None:
        """Ask for another folder with the system's dialog."""
        paths = self._services.paths
        if paths.home is None:
            # Before anybody looks for a folder in vain.
            self._failed(DataFolderError("data.move_chosen", path=shorten(str(paths.root))))
            return
        chosen = QFileDialog.getExistingDirectory(
            self._window, self.tr("A folder or disk for your data"), str(paths.root.parent)
        )
        if chosen:
            self.take(place_in(Path(chosen)))

    def take(self, folder: Path) -> None:
        """Look whether the data can go there, then ask."""
        self._desk.check_move(folder, lambda size: self._ask(folder, size), self._failed)

    def _ask(self, folder: Path, size: int) -> None:
        facts: dict[str, str | int | float] = {
            "size": size_words(size), "path": shorten(str(folder))
        }  # fmt: skip
        self._window.banner.show_message(
            "warning",
            say("data.move_asks", facts),
            [
                (
                    self.tr("Move and start again"),
                    lambda: self.end_requested.emit(FollowUp(moves_to=folder)),
                )
            ],
        )

    def _erase(self, with_models: bool) -> None:
        self.end_requested.emit(FollowUp(erases=True, with_models=with_models))

    def _failed(self, error: KnownError) -> None:
        self.trouble.emit(say_error(error))
