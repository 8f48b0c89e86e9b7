"""Verifying models from the Library tab: what is under way, and what was found."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.library.entities import InstalledModel
from app.library.verifying import Verification, VerifyProgress, VerifyRun
from app.services import Services
from models.naming import shorten
from ui.main_window import MainWindow
from ui.sentences import say, say_error


class LibraryChecks(QObject):
    """One run per model, so that each can be stopped.

    Signals:
        changed: one more or less is under way, or is further.
        checked: the library knows more of a model.
    """

    changed = Signal()
    checked = Signal()

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        fetch_again: Callable[[InstalledModel], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._services, self._window, self._fetch_again = services, window, fetch_again
        self._runs: dict[str, VerifyRun] = {}
        self._shares: dict[str, float] = {}

    @property
    def shares(self) -> dict[str, float]:
        """How far each check is, 0 to 1, by model key."""
        return self._shares

    def begin(self, model: InstalledModel) -> None:
        """Read every byte of it; nothing happens when that is under way."""
        if model.key in self._runs:
            return
        self._shares[model.key] = 0.0
        self._runs[model.key] = self._services.models.verifier.begin(
            [model], self._told, partial(self._done, model.key)
        )
        self.changed.emit()

    def stop(self, key: str) -> None:
        """Stop; what is known of the model stays as it was."""
        if run := self._runs.get(key):
            run.cancel()

    def _told(self, progress: VerifyProgress) -> None:
        if progress.key in self._shares:
            self._shares[progress.key] = progress.done_bytes / max(progress.total_bytes, 1)
            self.changed.emit()

    def _done(self, key: str, results: tuple[Verification, ...]) -> None:
        self._runs.pop(key, None)
        self._shares.pop(key, None)
        for found in results:
            self._tell(found)
        self.checked.emit()

    def _tell(self, found: Verification) -> None:
        model = found.model
        if found.trouble is None:
            words = say("terminal.sound_" + found.compared, {"name": shorten(model.name)})
            self._window.toast.offer(words, None)
            return
        actions: list[tuple[str, Callable[[], None]]] = []
        if found.is_damaged and model.origin.repository:
            actions.append((self.tr("Download again"), lambda: self._fetch_again(model)))
        self._window.banner.show_message("bad", say_error(found.trouble), actions)
