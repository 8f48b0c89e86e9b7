"""Presets and prompts from and to JSON files that the user names."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app.export.files import safe_file_name, write_whole
from app.history.presets import LibraryPrompt, Preset, from_json, to_json
from app.services import Services
from models.errors import KnownError
from models.naming import shown_name
from ui.main_window import MainWindow
from ui.sentences import say, say_error

Item = Preset | LibraryPrompt

_MOST_BYTES = 64 * 1024 * 1024
"""Nothing larger is read to find out that it holds no presets."""


class PresetFiles(QObject):
    """Signals:
    imported(): presets or prompts are others now.
    trouble(str): a sentence to show.
    """

    imported = Signal()
    trouble = Signal(str)

    def __init__(
        self, services: Services, window: MainWindow, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._window = window
        self._folder = Path.home()

    def choose_import(self) -> None:
        """Ask for a file and add what is in it."""
        chosen, _kind = QFileDialog.getOpenFileName(
            self._window, self.tr("Import presets and prompts"), str(self._folder), "*.json"
        )
        if chosen:
            self._folder = Path(chosen).parent
            self.import_file(Path(chosen))

    def import_file(self, path: Path) -> None:
        """Add what is in a file, in the place of what has the same id; that can be undone."""
        presets = self._services.presets
        try:
            with path.open("rb") as file:
                items = from_json(file.read(_MOST_BYTES))
            known: list[Item] = [*presets.presets(), *presets.prompts()]
        except OSError:
            name = {"name": shown_name(path)}
            self.trouble.emit(say("composer.presets_not_readable", name))
            return
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        ids = {each.id for each in items}
        before = [each for each in known if each.id in ids]
        new = ids - {each.id for each in before}

        def done(_result: object = None) -> None:
            self.imported.emit()
            prompts = sum(isinstance(each, LibraryPrompt) for each in items)
            words = self.tr("Imported: {presets} presets, {prompts} prompts")
            self._window.toast.offer(
                words.format(presets=len(items) - prompts, prompts=prompts), undo
            )

        def undo() -> None:
            for each in new:
                presets.remove(each, failed=self._failed)
            presets.keep(*before, done=lambda _result: self.imported.emit(), failed=self._failed)

        presets.keep(*items, done=done, failed=self._failed)

    def choose_export(self, items: Callable[[], list[Item]], name: str) -> None:
        """Ask where, and write these as JSON."""
        suggested = str(self._folder / safe_file_name(name, "json"))
        chosen, _kind = QFileDialog.getSaveFileName(self._window, self.tr("Save as"), suggested)
        if chosen:
            self._folder = Path(chosen).parent
            self.export_file(items, Path(chosen))

    def export_file(self, items: Callable[[], list[Item]], path: Path) -> None:
        """Write these as JSON, whole or not at all."""
        try:
            write_whole(path, to_json(items()), overwrite=True)
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        self._window.toast.offer(say("export.saved", {"file": shown_name(path)}), None)

    def _failed(self, error: KnownError) -> None:
        self.trouble.emit(say_error(error))
