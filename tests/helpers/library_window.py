"""The Library tab with its real controller and real services, in a window of its own."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QUrl
from PySide6.QtWidgets import QApplication

from app.library.entities import InstalledModel, Origin
from app.library.removing import Remover
from app.model_rooms import HubWishes
from app.paths import DataPaths
from app.services import open_services
from models.gguf import open_model
from tests.helpers.transfers import sample_gguf
from tests.helpers.ui_stage import dress, settle
from tests.helpers.window import application, wait_until
from ui.bridge import Bridge
from ui.controllers.library import LibraryController
from ui.controllers.places import Places
from ui.main_window import MainWindow
from ui.models.page import ModelsPage
from ui.models.view import LibraryRow
from ui.sidebar.sidebar import Sidebar

NOW_MS = 1_773_835_200_000


class LibraryWindow:
    """``elsewhere`` is a folder of a person's own; ``trash`` holds what was deleted."""

    def __init__(
        self, root: Path, *, hub: str = "", dark: bool = False, starter: Path | None = None
    ) -> None:
        self.elsewhere, self.trash = root / "elsewhere", root / "trash"
        for folder in (self.elsewhere, self.trash):
            folder.mkdir(parents=True, exist_ok=True)
        self.theme = dress(application(), dark=dark)
        self.bridge = Bridge()
        wishes = HubWishes(endpoint=hub or None, offline=not hub, environment={})
        self.services = open_services(
            DataPaths(root / "data"), self.bridge.post, hub=wishes,
            starter=starter or root / "no-starter.gguf",
        )  # fmt: skip
        rooms = self.services.models
        rooms.__dict__["remover"] = Remover(
            self.services.library, lambda: rooms.folder, lambda model: rooms.arrivals.forget(model),
            self.bridge.post,
            lambda path: path.rename(self.trash / path.name),
        )  # fmt: skip
        self.window = MainWindow(self.theme, Sidebar(self.theme))
        self.page = ModelsPage(self.theme)
        self.window.add_page("models", self.page)
        self.places = Places(self.services)
        self.opened: list[QUrl] = []
        self.troubles: list[str] = []
        self.controller = LibraryController(
            self.services, self.window, self.page, self.places,
            open_url=lambda url: self.opened.append(url) is None, clock_ms=lambda: NOW_MS,
        )  # fmt: skip
        self.controller.trouble.connect(self.troubles.append)
        self.tab = self.page.library

    def show(self, size: tuple[int, int] = (1280, 800)) -> None:
        self.window.resize(*size)
        self.window.show()
        self.window.show_page("models")
        self.controller.show()
        settle()

    # --- models ----------------------------------------------------------------------------

    @property
    def models(self) -> Path:
        """The library's folder."""
        return self.services.models.folder

    def file(self, name: str, *, seed: int = 1, size: int = 20_000, title: str = "") -> Path:
        """A sound model of a person's own."""
        path = self.elsewhere / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sample_gguf(size, seed, title or path.stem))
        return path

    def owned(self, name: str, **told: object) -> InstalledModel:
        """A model that Moestro itself put into its library."""
        path = self.models / "org" / "repo" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sample_gguf(20_000, 7, path.stem))
        origin = Origin(is_owned=True, **told)  # type: ignore[arg-type]
        return self.services.library.add(open_model(path), origin)

    def left(self, path: Path, **told: object) -> InstalledModel:
        """A model that is used where it lies."""
        return self.services.library.add(open_model(path), Origin(**told))  # type: ignore[arg-type]

    # --- looking ---------------------------------------------------------------------------

    @property
    def rows(self) -> dict[str, LibraryRow]:
        """What is shown, by name."""
        return {row.name: row for row in self.tab.view.rows}

    @property
    def toast(self) -> str:
        """What was just told."""
        toast = self.window.toast
        return toast.accessibleName() if toast.isVisible() else ""

    def ask(self, verb: str, name: str) -> None:
        """As the drawer does."""
        self.tab.asked.emit(verb, self.rows[name].key)

    def wait(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        wait_until(condition, seconds)

    def close(self) -> None:
        self.window.hide()
        self.services.close()
        self.bridge.close()
        self.controller.deleteLater()
        self.places.deleteLater()
        self.window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        settle()
