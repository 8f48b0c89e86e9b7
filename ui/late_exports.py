"""What takes chats out and in; made when somebody first asks for it, as ``ui.late_pages`` is."""

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.services import Services
from ui.bridge import Bridge
from ui.chat.chat_page import ChatPage
from ui.controllers.chat import ChatController
from ui.main_window import MainWindow
from ui.theme.theme import Theme

if TYPE_CHECKING:
    from app.export.printer import Printer
    from app.export.scope import SearchResult
    from ui.controllers.exports import ExportsController
    from ui.controllers.imports import ImportsController
    from ui.controllers.mirrors import MirrorsController


class LateExports(QObject):
    """The part of ``Session`` for export, print, Markdown copies and import."""

    services: Services
    window: MainWindow
    page: ChatPage
    chat: ChatController
    _theme: Theme
    _bridge: Bridge

    @cached_property
    def printer(self) -> "Printer":
        """What makes pictures of pages."""
        from app.export.printer import Printer

        return Printer(self._bridge.post)

    @cached_property
    def exports(self) -> "ExportsController":
        """Behind the export sheet."""
        from ui.controllers.export_offers import ExportOffers
        from ui.controllers.exports import ExportsController
        from ui.export.sheet import ExportSheet

        sheet = ExportSheet(self._theme, self.window.ground)
        offers = ExportOffers(
            self.services.history, self.window, self.page, self.chat, self.searched, self
        )
        made = ExportsController(
            self.services, self.window, sheet, offers, self._bridge.post, self.printer, self
        )
        made.trouble.connect(self.show_trouble)
        return made

    @cached_property
    def imports(self) -> "ImportsController":
        """Behind the import sheet."""
        from ui.controllers.import_places import ImportPlaces
        from ui.controllers.imports import ImportsController
        from ui.imports.sheet import ImportChatsSheet

        sheet = ImportChatsSheet(self._theme, self.window.ground)
        places = ImportPlaces(self._bridge.post, self)
        made = ImportsController(self.services.imports, places, self.window, sheet, self)
        made.trouble.connect(self.show_trouble)
        made.taken.connect(self.chats_imported)
        made.show_requested.connect(self.show_chats)
        made.undo_requested.connect(self.show_backup)
        return made

    @cached_property
    def mirrors(self) -> "MirrorsController":
        """Behind the sheet about Markdown copies."""
        from ui.controllers.mirrors import MirrorsController
        from ui.export.mirror_sheet import MirrorSheet

        sheet = MirrorSheet(self._theme, self.window.ground)
        made = MirrorsController(self.services.mirrors, self.window, sheet, self)
        made.trouble.connect(self.show_trouble)
        return made

    def exports_as(self, format_name: str) -> None:
        """Open the export sheet with a format chosen."""
        self.exports.open(format_name=format_name)

    def close_exports(self) -> None:
        """End what runs beside the window for them."""
        if "exports" in self.__dict__:
            self.exports.close()
        if "printer" in self.__dict__:
            self.printer.close()

    # --- what they ask of the window: the session does it -----------------------------------

    def show_trouble(self, text: str) -> None:
        """One sentence about something that did not work."""
        raise NotImplementedError

    def searched(self) -> "SearchResult | None":
        """What the search page shows now."""
        raise NotImplementedError

    def chats_imported(self, ids: list[str]) -> None:
        """These came, or have more messages."""
        raise NotImplementedError

    def show_chats(self, ids: list[str]) -> None:
        """Show these in the list, and the newest of them."""
        raise NotImplementedError

    def show_backup(self, name: str) -> None:
        """Show the backup of this file name on the page that restores it."""
        raise NotImplementedError
