"""Taking models away from the Library tab: to the trash, or off the list."""

from PySide6.QtCore import QObject, Signal

from app.amounts import file_size
from app.engine.host import HostState
from app.library.entities import InstalledModel
from app.library.removing import Removed
from app.services import Services
from models.errors import KnownError
from models.gguf import open_model
from models.naming import shorten
from ui.main_window import MainWindow
from ui.sentences import say, say_error


class LibraryRemovals(QObject):
    """The trash gives everything back, so nobody is asked first.

    Signals:
        trouble(str): a sentence to show.
        removed: the library has other models than before.
    """

    trouble = Signal(str)
    removed = Signal()

    def __init__(self, services: Services, window: MainWindow, parent: QObject) -> None:
        super().__init__(parent)
        self._services, self._window = services, window

    def delete(self, model: InstalledModel) -> None:
        """Its files go to the trash, if Moestro put them where they are."""
        if self._let_go(model):
            self._services.models.remover.remove(model, self._gone, self._failed)

    def forget(self, model: InstalledModel) -> None:
        """Off the list; its files stay where they are, and it can come back."""
        if not self._let_go(model):
            return
        try:
            self._services.library.forget(model.key)
            # Else the finished download would bring it back at the next start.
            self._services.models.arrivals.forget(model)
        except KnownError as error:
            self._failed(error)
            return
        words = say("models.forgotten", {"name": shorten(model.name)})
        is_here = model.state in ("ready", "changed", "damaged")
        self._window.toast.offer(words, (lambda: self._take_back(model)) if is_here else None)
        self.removed.emit()

    def _take_back(self, model: InstalledModel) -> None:
        try:
            self._services.library.add(open_model(model.handle.path), model.origin)
        except KnownError as error:
            self._failed(error)
            return
        self.removed.emit()

    def _let_go(self, model: InstalledModel) -> bool:
        """Whether the engine does not hold it any more: some systems keep open files."""
        status = self._services.host.status
        if status.model_key != model.key or status.state not in (
            HostState.READY, HostState.LOADING,
        ):  # fmt: skip
            return True
        if self._services.turns.active is not None:
            self.trouble.emit(say("models.answering", {"name": shorten(model.name)}))
            return False
        self._services.loader.unload()
        return True

    def _gone(self, removed: Removed) -> None:
        facts = {"name": shorten(removed.model.name), "size": file_size(removed.freed_bytes)}
        code = "models.forgotten"
        if removed.trashed:
            code = "models.trashed" if removed.freed_bytes else "models.trashed_link"
        self._window.toast.offer(say(code, facts), None)
        self.removed.emit()

    def _failed(self, error: KnownError) -> None:
        self.trouble.emit(say_error(error))
        self.removed.emit()
