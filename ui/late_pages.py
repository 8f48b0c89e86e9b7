"""Pages and controllers that are made when somebody first asks for them.

With what they import they would make every start slower.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ui.controllers.models import ModelsController
from ui.controllers.notifier import Notifier
from ui.controllers.places import Places
from ui.controllers.settings import SettingsController
from ui.export.asked import Asked
from ui.export.view import What
from ui.follow_up import FollowUp
from ui.late_exports import LateExports
from ui.settings.settings_page import SettingsPage

if TYPE_CHECKING:
    from app.backups.desk import BackupDesk
    from app.export.scope import SearchResult
    from ui.computer.computer_page import ComputerPage
    from ui.controllers.backups import BackupsController
    from ui.controllers.computer import ComputerController
    from ui.controllers.data_folder import DataFolderController
    from ui.controllers.downloads import DownloadsController
    from ui.controllers.fetches import Fetches
    from ui.controllers.library_move import LibraryMoveController
    from ui.controllers.model_manager import ModelManager
    from ui.controllers.palette import PaletteController
    from ui.controllers.placement import PlacementController
    from ui.controllers.requests import RequestsController
    from ui.controllers.search import SearchController
    from ui.controllers.trash import TrashController
    from ui.data.backups_page import BackupsPage
    from ui.data.data_page import DataPage
    from ui.models.page import ModelsPage
    from ui.placement.page import PlacementPage
    from ui.search.page import SearchPage
    from ui.settings.requests_page import RequestsPage
    from ui.shortcuts.shortcuts_sheet import ShortcutsSheet
    from ui.trash.page import TrashPage


def import_ahead() -> None:
    """What has to open at once and is not there at the start; in a thread of its own."""
    import ui.controllers.palette
    import ui.controllers.palette_commands
    import ui.palette.palette_sheet  # noqa: F401


class LatePages(LateExports):
    """The part of ``Session`` that grows while the window is open."""

    settings_page: SettingsPage
    models: ModelsController
    places: Places
    settings: SettingsController

    @cached_property
    def notifier(self) -> Notifier:
        """The desktop's notifications."""
        return Notifier(self.window, self)

    @cached_property
    def shortcuts(self) -> "ShortcutsSheet":
        """The list of all shortcuts."""
        from ui.shortcuts.shortcuts_sheet import ShortcutsSheet

        return ShortcutsSheet(self._theme, self.window, self.window.ground)

    @cached_property
    def palette(self) -> "PaletteController":
        """What finds everything."""
        from ui.controllers.palette import PaletteController
        from ui.controllers.palette_commands import PaletteCommands
        from ui.palette.palette_sheet import PaletteSheet

        sheet = PaletteSheet(self._theme, self.window.ground)
        commands = PaletteCommands(self)
        made = PaletteController(self.services, self.window, sheet, self.chat, commands.all, self)
        made.chat_requested.connect(self.open_chat)
        made.message_requested.connect(lambda *ids: self.search.open_found(*ids))
        made.model_requested.connect(self.chat_with)
        return made

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

        made = DownloadsController(self.services, self.window, self.fetches, self.notifier, self)
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

    @cached_property
    def desk(self) -> "BackupDesk":
        """What looks at backups and the data folder, for two pages."""
        from app.backups.desk import BackupDesk

        return BackupDesk(self.services.paths, self.services.backups, self._bridge.post)

    @cached_property
    def backups_page(self) -> "BackupsPage":
        """The restore page."""
        from ui.data.backups_page import BackupsPage

        page = BackupsPage(self._theme)
        self.window.add_page("backups", page)
        return page

    @cached_property
    def backups(self) -> "BackupsController":
        """Behind that page."""
        from ui.controllers.backups import BackupsController

        made = BackupsController(self.services, self.desk, self.window, self.backups_page, self)
        made.trouble.connect(self.show_trouble)
        made.restart_requested.connect(lambda: self.end_with(FollowUp(restarts=True)))
        return made

    @cached_property
    def data_page(self) -> "DataPage":
        """Where everything is."""
        from ui.data.data_page import DataPage

        page = DataPage(self._theme)
        self.window.add_page("data", page)
        return page

    @cached_property
    def data_folder(self) -> "DataFolderController":
        """Behind that page."""
        from ui.controllers.data_folder import DataFolderController

        made = DataFolderController(self.services, self.desk, self.window, self.data_page, self)
        made.trouble.connect(self.show_trouble)
        made.backups_requested.connect(lambda: self.backups.open())
        made.save_requested.connect(lambda: self.backups.save_everything())
        made.move_models_requested.connect(self.library_move.choose)
        self.library_move.moved.connect(made.measure)
        made.end_requested.connect(self.end_with)
        self.data_page.import_requested.connect(lambda: self.imports.open())
        self.data_page.mirror_requested.connect(lambda: self.mirrors.open())
        return made

    @cached_property
    def search_page(self) -> "SearchPage":
        """Search in everything."""
        from ui.search.page import SearchPage

        page = SearchPage(self._theme)
        self.window.add_page("search", page)
        return page

    @cached_property
    def search(self) -> "SearchController":
        """Behind that page."""
        from ui.controllers.search import SearchController

        made = SearchController(
            self.services, self.window, self.search_page, self.chat, self.show_message,
            self._theme, self,
        )  # fmt: skip
        made.trouble.connect(self.show_trouble)
        self.search_page.export_requested.connect(lambda: self.exports.open(Asked(What.SEARCH)))
        return made

    def searched(self) -> "SearchResult | None":
        """What the search page shows now."""
        if "search" not in self.__dict__:
            return None
        return self.search.shown_search()

    def show_backup(self, name: str) -> None:
        """Show the backup of this file name on the page that restores it."""
        self.backups.open(name)

    @cached_property
    def trash_page(self) -> "TrashPage":
        """What was deleted."""
        from ui.trash.page import TrashPage

        page = TrashPage(self._theme)
        self.window.add_page("trash", page)
        return page

    @cached_property
    def trash(self) -> "TrashController":
        """Behind that page."""
        from ui.controllers.trash import TrashController

        made = TrashController(self.services, self.window, self.trash_page, self)
        made.trouble.connect(self.show_trouble)
        made.restored.connect(self.things_restored)
        return made

    # --- what they ask of the window: the session does it -----------------------------------

    def end_with(self, follow_up: FollowUp) -> None:
        """Close the window, and do this then."""
        raise NotImplementedError

    def fetches_changed(self) -> None:
        """Something is on its way, came, or went."""
        raise NotImplementedError

    def fetches_progressed(self) -> None:
        """A download is further on."""
        raise NotImplementedError

    def open_chat(self, conversation_id: str) -> None:
        """Show a conversation, whatever page is shown now."""
        raise NotImplementedError

    def chat_with(self, key: str) -> None:
        """Chat with this model."""
        raise NotImplementedError

    def download_begun(self, entry: object) -> None:
        """A recommended model is on its way."""
        raise NotImplementedError

    def show_message(self, number: int) -> QWidget:
        """Scroll a message of the open chat into view; its widget."""
        raise NotImplementedError

    def things_restored(self, items: list[object]) -> None:
        """These came back out of the trash."""
        raise NotImplementedError
