"""Pages and controllers that are made when somebody first asks for them.

With what they import they would make every start slower.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.services import Services
from ui.controllers.chat import ChatController
from ui.controllers.places import Places
from ui.controllers.settings import SettingsController
from ui.main_window import MainWindow
from ui.theme.theme import Theme

if TYPE_CHECKING:
    from ui.computer.computer_page import ComputerPage
    from ui.controllers.computer import ComputerController
    from ui.controllers.downloads import DownloadsController
    from ui.controllers.fetches import Fetches
    from ui.controllers.library_move import LibraryMoveController
    from ui.controllers.model_manager import ModelManager
    from ui.controllers.placement import PlacementController
    from ui.controllers.requests import RequestsController
    from ui.models.page import ModelsPage
    from ui.placement.page import PlacementPage
    from ui.settings.requests_page import RequestsPage


class LatePages(QObject):
    """The part of ``Session`` that grows while the window is open."""

    services: Services
    window: MainWindow
    chat: ChatController
    places: Places
    settings: SettingsController
    _theme: Theme

    @cached_property
    def placement_page(self) -> "PlacementPage":
        """The page about where a model sits."""
        from ui.placement.page import PlacementPage

        page = PlacementPage(self._theme)
        self.window.add_page("placement", page)
        return page

    @cached_property
    def placement(self) -> "PlacementController":
        """Behind that page."""
        from ui.controllers.placement import PlacementController

        made = PlacementController(
            self.services, self.window, self.placement_page, self.chat, self.places, self
        )
        made.trouble.connect(self.show_trouble)
        return made

    @cached_property
    def computer_page(self) -> "ComputerPage":
        """The page about this computer."""
        from ui.computer.computer_page import ComputerPage

        page = ComputerPage(self._theme)
        self.window.add_page("computer", page)
        return page

    @cached_property
    def computer(self) -> "ComputerController":
        """Behind that page."""
        from ui.controllers.computer import ComputerController

        made = ComputerController(
            self.services, self.window, self.computer_page, self.places, self.placement, self
        )
        made.trouble.connect(self.show_trouble)
        return made

    @cached_property
    def fetches(self) -> "Fetches":
        """What is on its way or here already."""
        from ui.controllers.fetches import Fetches

        made = Fetches(self.services, self)
        made.changed.connect(self.fetches_changed)
        made.progressed.connect(self.fetches_progressed)
        return made

    @cached_property
    def downloads(self) -> "DownloadsController":
        """The queue, which goes on from when it is first asked for."""
        from ui.controllers.downloads import DownloadsController
        from ui.controllers.notifier import Notifier

        notifier = Notifier(self.window, self)
        made = DownloadsController(self.services, self.window, self.fetches, notifier, self)
        made.begin()
        return made

    @cached_property
    def models_page(self) -> "ModelsPage":
        """The page about models: Library, Discover, Downloads."""
        from ui.models.page import ModelsPage

        page = ModelsPage(self._theme)
        self.window.add_page("models", page)
        return page

    @cached_property
    def manager(self) -> "ModelManager":
        """Behind that page."""
        from ui.controllers.model_manager import ModelManager

        made = ModelManager(
            self.services, self.window, self.models_page, self.places, self.fetches,
            self.downloads, self,
        )  # fmt: skip
        made.trouble.connect(self.show_trouble)
        made.chat_requested.connect(self.chat_with)
        made.placement_requested.connect(
            lambda key: self.placement.open(self.services.library.by_key(key))
        )
        made.settings_requested.connect(self.settings.show_downloads)
        made.discover.begun.connect(self.download_begun)
        return made

    @cached_property
    def library_move(self) -> "LibraryMoveController":
        """Another folder for the library."""
        from ui.controllers.library_move import LibraryMoveController

        made = LibraryMoveController(self.services, self.window, self)
        made.trouble.connect(self.show_trouble)
        made.moved.connect(self.fetches.forget)
        return made

    @cached_property
    def requests_page(self) -> "RequestsPage":
        """The list of every request that was made."""
        from ui.settings.requests_page import RequestsPage

        page = RequestsPage(self._theme)
        self.window.add_page("requests", page)
        return page

    @cached_property
    def requests(self) -> "RequestsController":
        """Behind that page."""
        from ui.controllers.requests import RequestsController

        return RequestsController(self.services, self.window, self.requests_page, self)

    # --- what they ask of the window: the session does it -----------------------------------

    def show_trouble(self, text: str) -> None:
        """One sentence about something that did not work."""
        raise NotImplementedError

    def fetches_changed(self) -> None:
        """Something is on its way, came, or went."""
        raise NotImplementedError

    def fetches_progressed(self) -> None:
        """A download is further on."""
        raise NotImplementedError

    def chat_with(self, key: str) -> None:
        """Chat with this model."""
        raise NotImplementedError

    def download_begun(self, entry: object) -> None:
        """A recommended model is on its way."""
        raise NotImplementedError
