"""The page of models as a whole: its tabs, its search field, and where one leads to another."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.library.catalog import CatalogEntry
from app.services import Services
from models.hub_reference import HubReference, parse_reference
from ui.controllers.discover import DiscoverController
from ui.controllers.downloads import DownloadsController
from ui.controllers.fetches import Fetches
from ui.controllers.library import LibraryController
from ui.controllers.model_page import ModelPageController
from ui.controllers.places import Places
from ui.main_window import MainWindow
from ui.models.page import ModelsPage
from ui.models.view import Tab

_MARKS = ("://", "hf.co/", "huggingface.co/", "ollama ", " -hf ")
"""What is in a pasted line and in no search."""


class ModelManager(QObject):
    """Owns the controllers of the tabs.

    Signals:
        trouble: a sentence to show.
        chat_requested(str), placement_requested(str): key of a model that is here.
        settings_requested: the settings of downloads and of the network.
    """

    trouble = Signal(str)
    chat_requested = Signal(str)
    placement_requested = Signal(str)
    settings_requested = Signal()

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        page: ModelsPage,
        places: Places,
        fetches: Fetches,
        downloads: DownloadsController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._window = window
        self._page = page
        self._fetches = fetches
        self.downloads = downloads
        self.library = LibraryController(services, window, page, places, self)
        self.discover = DiscoverController(services, page, places, fetches, self)
        self.model = ModelPageController(services, page, places, fetches, self)
        downloads.attach(page)
        self._connect()

    # --- where to go -----------------------------------------------------------------------

    def open(self, tab: Tab | None = None) -> None:
        """Show the page; ``tab`` None shows the one that was shown last."""
        if tab is not None:
            self._page.show_tab(tab)
        self._window.show_page("models")
        self._tab_shown(self._page.tab)

    def open_repository(self, repository: str) -> None:
        """Show a repository's page."""
        self._open_reference(HubReference(repository), (repository,))

    def import_paths(self, paths: list[Path]) -> None:
        """Files and folders that somebody dropped."""
        self.open("library")
        self.library.import_paths(paths)

    def fetch_entry(self, entry: CatalogEntry) -> None:
        """Download what the catalog recommends."""
        self.discover.fetch_entry(entry)

    def close(self) -> None:
        """Give up what is being asked."""
        self.discover.close()
        self.model.close()

    # --- inside ----------------------------------------------------------------------------

    def _connect(self) -> None:
        page = self._page
        page.back_requested.connect(lambda: self._window.show_page("chat"))
        page.tab_changed.connect(self._tab_shown)
        page.search_changed.connect(self._typed)
        page.search_submitted.connect(self._submitted)
        for online in (page.discover.online_requested, page.model.online_requested):
            online.connect(self.settings_requested)
        for part in (self.library, self.discover, self.model, self.downloads):
            part.trouble.connect(self.trouble)
            part.chat_requested.connect(self.chat_requested)
        self.library.library_changed.connect(self._fetches.forget)
        self.library.placement_requested.connect(self.placement_requested)
        self.library.downloads_requested.connect(lambda: self.open("downloads"))
        for asked in (self.library.repository_requested, self.downloads.repository_requested):
            asked.connect(self.open_repository)
        self.downloads.library_requested.connect(lambda: self.open("library"))
        self.downloads.token_requested.connect(self.settings_requested)
        self.discover.page_requested.connect(self._open_reference)

    def _tab_shown(self, tab: str) -> None:
        if tab == "library":
            self.library.show()
        elif tab == "discover" and not self._page.is_model_shown:
            self.discover.show()

    def _reference(self, text: str) -> HubReference | None:
        return parse_reference(text, self._services.models.endpoint)

    def _typed(self, text: str) -> None:
        """A pasted link is followed at once; words are searched for a moment later."""
        is_pasted = any(mark in text for mark in (*_MARKS, self._services.models.endpoint))
        if is_pasted and (reference := self._reference(text)) is not None:
            self._follow(reference)
        elif self._page.tab == "discover":
            self.discover.search_later()

    def _submitted(self, text: str) -> None:
        reference = self._reference(text)
        if reference is not None:
            self._follow(reference)
        elif self._page.tab == "discover":
            self.discover.search(text)
        elif text.strip():
            self._page.show_tab("discover")
            self._tab_shown("discover")

    def _follow(self, reference: HubReference) -> None:
        self._page.set_search("")
        self._open_reference(reference, (reference.repo,))

    def _open_reference(self, reference: object, names: object) -> None:
        assert isinstance(reference, HubReference)
        assert isinstance(names, tuple)
        self._window.show_page("models")
        self.model.open(reference, names)
