"""Another folder for the library: for new models only, or with all that are here."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app.amounts import file_size
from app.library.move_entities import Moved, MoveProgress
from app.library.move_run import MoveRun
from app.services import Services
from models.errors import KnownError
from models.naming import shorten
from ui.main_window import MainWindow
from ui.sentences import say, say_error


class LibraryMoveController(QObject):
    """Behind "Change…" of the library's folder.

    Signals:
        trouble: a sentence to show.
        moved: models lie elsewhere now.
    """

    trouble = Signal(str)
    moved = Signal()

    def __init__(
        self, services: Services, window: MainWindow, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._window = window
        self._run: MoveRun | None = None
        self._shown = ""

    def choose(self) -> None:
        """Ask for a folder with the system's dialog."""
        before = str(self._services.models.folder)
        chosen = QFileDialog.getExistingDirectory(
            self._window, self.tr("A folder for your models"), before
        )
        if chosen:
            self.take(Path(chosen))

    def take(self, folder: Path) -> None:
        """Use ``folder`` from now on; what lies in the old one goes along if that is wanted."""
        owned = self._owned()
        if not owned:
            self._begin(folder)
            return
        facts: dict[str, str | int | float] = {
            "folder": shorten(str(folder)),
            "count": len(owned),
            "size": file_size(sum(owned)),
        }
        self._window.banner.show_message(
            "warning",
            say("library.move_ask", facts),
            [
                (self.tr("Move them"), lambda: self._begin(folder)),
                (self.tr("Only new ones"), lambda: self._switch(folder)),
            ],
        )

    # --- inside ----------------------------------------------------------------------------

    def _owned(self) -> list[int]:
        """Sizes of the models that Moestro put into the folder."""
        folder = self._services.models.folder
        try:
            entries = self._services.library.entries()
        except KnownError:
            return []
        return [
            each.size_bytes
            for each in entries
            if each.origin.is_owned and each.handle.path.is_relative_to(folder)
        ]

    def _switch(self, folder: Path) -> None:
        """New models go there; what is here stays and stays listed."""
        before = self._services.settings.current.library_folder
        try:
            self._services.settings.change(library_folder=str(folder))
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        undo = lambda: self._services.settings.change(library_folder=before)  # noqa: E731
        self._window.toast.offer(self.tr("New models go to the other folder"), undo)
        self.moved.emit()

    def _begin(self, folder: Path) -> None:
        self._shown = ""
        self._run = self._services.models.move.begin(folder, self._told, self._done, self._failed)

    def _told(self, progress: MoveProgress) -> None:
        percent = (
            round(100 * progress.done_bytes / progress.total_bytes) if (progress.total_bytes) else 0
        )
        facts: dict[str, str | int | float] = {
            "name": shorten(progress.name),
            "percent": percent,
        }
        facts |= {"number": progress.number, "count": progress.count}
        text = say(f"library.move_{progress.phase}", facts)
        if text != self._shown:
            self._shown = text
            self._window.banner.show_message("warning", text, [(self.tr("Stop"), self._stop)])

    def _stop(self) -> None:
        if self._run is not None:
            self._run.cancel()

    def _done(self, moved: Moved) -> None:
        self._run = None
        facts: dict[str, str | int | float] = {
            "folder": shorten(str(moved.folder)),
            "count": moved.models,
            "size": file_size(moved.size_bytes),
        }
        text = say("terminal.moved", facts) if moved.models else say("library.move_empty", facts)
        if moved.stayed:
            text = say_error(moved.stayed[0].why)
        self._window.banner.show_message("warning" if moved.stayed else "good", text)
        self.moved.emit()

    def _failed(self, error: KnownError) -> None:
        self._run = None
        self._window.banner.dismiss()
        self.trouble.emit(say_error(error))
