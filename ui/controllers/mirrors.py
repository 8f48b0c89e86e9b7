"""Markdown copies of chats that are kept up to date: which there are, begin one, stop one."""

from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from app.export.mirrors import Mirrors, MirrorState
from models.errors import KnownError
from models.naming import shorten
from ui.chat.figures import grouped
from ui.export.mirror_sheet import MirrorSheet
from ui.export.mirror_view import MirrorRow, MirrorsView
from ui.main_window import MainWindow
from ui.sentences import say_error

_NAME = 60


class MirrorsController(QObject):
    """``trouble(str)``: a sentence to show."""

    trouble = Signal(str)

    def __init__(
        self,
        mirrors: Mirrors,
        window: MainWindow,
        sheet: MirrorSheet,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._mirrors, self._window, self.sheet = mirrors, window, sheet
        self._folder_id: str | None = None
        self._folder = Path.home()
        sheet.begin_requested.connect(self._choose)
        sheet.open_requested.connect(self._open_folder)
        sheet.stop_requested.connect(self._stop)
        mirrors.subscribe(lambda _states: self._refresh())

    def open(self, folder_id: str | None = None) -> None:
        """Show all copies, ready to begin one of this folder of chats, or of all with None."""
        self._folder_id = folder_id
        self.sheet.begin(self._view())

    def keep(self, path: Path) -> None:
        """Keep a copy of what was asked for in this folder."""
        try:
            self._mirrors.add(self._folder_id, path)
        except KnownError as error:
            self._fail(error)
            return
        self._folder = path.parent
        self.sheet.tell("")
        self._refresh()

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self._window, self.tr("Folder for the Markdown copy"), str(self._folder)
        )
        if chosen:
            self.keep(Path(chosen))

    def _stop(self, key: str) -> None:
        try:
            self._mirrors.remove(key)
        except KnownError as error:
            self._fail(error)

    def _open_folder(self, key: str) -> None:
        for each in self._mirrors.state:
            if each.id == key:
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(each.path)))

    def _fail(self, error: KnownError) -> None:
        if self.sheet.isVisible():
            self.sheet.tell(say_error(error))
        else:
            self.trouble.emit(say_error(error))

    def _refresh(self) -> None:
        if self.sheet.isVisible():
            self.sheet.show_view(self._view())

    def _view(self) -> MirrorsView:
        states = self._mirrors.state
        is_kept = any(each.folder_id == self._folder_id for each in states)
        offer = ""
        if not is_kept and self._folder_id is None:
            offer = self.tr("Copy all chats to…")
        elif not is_kept:
            offer = self.tr("Copy “{name}” to…").format(name=self._name(self._folder_id))
        rows = tuple(
            MirrorRow(
                key=each.id,
                name=self._name(each.folder_id),
                path=str(each.path),
                state=self._state_words(each),
                is_bad=each.trouble is not None,
            )
            for each in states
        )
        return MirrorsView(rows, offer)

    def _name(self, folder_id: str | None) -> str:
        if folder_id is None:
            return self.tr("All chats")
        folders = self._window.sidebar.chats.folders
        found = [each.name for each in folders if each.id == folder_id]
        return shorten(" ".join(found[0].split()), _NAME) if found else self.tr("A deleted folder")

    def _state_words(self, state: MirrorState) -> str:
        if state.trouble is not None:
            return say_error(state.trouble)
        if state.is_busy:
            return self.tr("Being written")
        words = self.tr("1 file, up to date") if state.files == 1 else self.tr(
            "{count} files, up to date"
        )  # fmt: skip
        if not state.edited:
            return words.format(count=grouped(state.files))
        edited = self.tr("{count} files; {edited} were changed by you and are left alone")
        return edited.format(count=grouped(state.files), edited=grouped(len(state.edited)))
