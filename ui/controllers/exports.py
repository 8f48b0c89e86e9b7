"""Saving conversations, or a piece of one, to files that the user names."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app.export.files import safe_file_name
from app.services import Services
from models.errors import KnownError
from ui.main_window import MainWindow
from ui.sentences import say, say_error


class ExportsController(QObject):
    """Asks where, writes whole or not at all, and says what was done.

    Signals:
        trouble: a sentence to show.
    """

    trouble = Signal(str)

    def __init__(
        self, services: Services, window: MainWindow, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._window = window
        self._folder = Path.home()

    def export(self, conversation_id: str, kind: str) -> None:
        """Save one conversation as "md" or "json"."""
        exports = self._services.exports
        try:
            name = exports.file_name(conversation_id, kind)
            text = exports.text(conversation_id, kind)
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        self.save_text(text, name)

    def export_many(self, ids: Sequence[str]) -> None:
        """Save each conversation as Markdown into a folder; existing files stay."""
        if len(ids) == 1:
            self.export(ids[0], "md")
            return
        chosen = QFileDialog.getExistingDirectory(
            self._window, self.tr("Folder for the exported chats"), str(self._folder)
        )
        if not chosen:
            return
        self._folder = Path(chosen)
        exports = self._services.exports
        try:
            for each in ids:
                path = _free_name(self._folder / exports.file_name(each, "md"))
                exports.write(path, exports.text(each, "md"))
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        words = say("export.saved_many", {"count": len(ids), "folder": self._folder.name})
        self._window.toast.offer(words, None)

    def save_code(self, code: str, language: str) -> None:
        """Save a code block."""
        ending = _ENDINGS.get(language.lower(), "txt")
        self.save_text(code, safe_file_name("code", ending))

    def save_text(self, text: str, name: str) -> None:
        """Ask where, and write. The dialog has asked before it names an existing file."""
        chosen, _kind = QFileDialog.getSaveFileName(
            self._window, self.tr("Save as"), str(self._folder / name)
        )
        if not chosen:
            return
        path = Path(chosen)
        self._folder = path.parent
        try:
            self._services.exports.write(path, text, overwrite=True)
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        self._window.toast.offer(say("export.saved", {"file": path.name}), None)


_ENDINGS = {
    "python": "py", "py": "py", "javascript": "js", "js": "js", "typescript": "ts",
    "bash": "sh", "sh": "sh", "shell": "sh", "c": "c", "cpp": "cpp", "c++": "cpp",
    "rust": "rs", "go": "go", "java": "java", "html": "html", "css": "css", "json": "json",
    "yaml": "yaml", "toml": "toml", "sql": "sql", "markdown": "md", "xml": "xml", "csv": "csv",
}  # fmt: skip


def _free_name(path: Path) -> Path:
    """The path itself, or with a number when something is there already."""
    number = 2
    free = path
    while free.exists():
        free = path.with_stem(f"{path.stem} {number}")
        number += 1
    return free
