"""The commands of the palette: every shortcut that a person may want, and what has no key."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut

from ui.export.asked import Asked
from ui.export.view import What
from ui.export.words import format_choices
from ui.palette.entries import Command
from ui.shortcuts.named import native

if TYPE_CHECKING:
    from ui.late_pages import LatePages

_PALETTE = "Ctrl+K"


class PaletteCommands(QObject):
    """Made once for a window."""

    def __init__(self, session: "LatePages") -> None:
        super().__init__(session)
        self._session = session

    def all(self) -> list[Command]:
        """In the order in which an empty palette shows them."""
        return [*self._with_keys(), *self._of_chats(), *self._of_pages(), *self._of_looks()]

    def _with_keys(self) -> list[Command]:
        """Read from the shortcuts themselves. Whoever sees the palette needs no command for it."""
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        found = []
        for parent in (self._session.window, self._session.page):
            for each in parent.findChildren(QShortcut, options=direct):
                general = each.context() is Qt.ShortcutContext.WindowShortcut
                keys = list(map(QKeySequence.toString, each.keys()))
                if general and each.whatsThis() and _PALETTE not in keys:
                    found.append(Command(
                        "+".join(("key", *keys)), each.whatsThis(), each.activated.emit,
                        keys=native(each.keys()[0]),
                    ))  # fmt: skip
        return found

    def _of_chats(self) -> list[Command]:
        session = self._session
        page, sidebar = session.page, session.window.sidebar
        return [
            Command(
                "chat.temporary", self.tr("New temporary chat, kept nowhere"),
                sidebar.temporary_chat_requested.emit, self.tr("incognito private"),
            ),
            Command(
                "chat.rename", self.tr("Rename this chat"), page.header.edit_title,
                self.tr("title"),
            ),
            Command(
                "chats.export", self.tr("Export all chats"),
                lambda: session.exports.open(Asked(What.EVERYTHING)), self.tr("save zip backup"),
            ),
            Command(
                "chats.mirror", self.tr("Markdown copies of chats"),
                lambda: session.mirrors.open(), self.tr("notes obsidian sync folder"),
            ),
            Command(
                "chats.import", self.tr("Import chats"), lambda: session.imports.open(),
                self.tr("chatgpt lm studio jan gpt4all open webui json"),
            ),
            *(
                Command(
                    f"chat.{name}", self.tr("Export as {format}").format(format=title),
                    partial(session.exports_as, name), self.tr("save file"),
                )
                for name, title, _use in format_choices()
            ),
            Command(
                "model.unload", self.tr("Unload the model"), session.models.unload,
                self.tr("free memory eject"),
            ),
            Command("model.file", self.tr("Open a GGUF file"), session.models.choose_file),
        ]  # fmt: skip

    def _of_pages(self) -> list[Command]:
        session = self._session

        def settings(number: int) -> None:
            session.settings_page.show_group(number)
            session.settings.show()

        pages = [
            Command(
                "models.library", self.tr("Models: Library"),
                lambda: session.manager.open("library"),
            ),
            Command(
                "models.discover", self.tr("Models: Discover"),
                lambda: session.manager.open("discover"),
                self.tr("get download search hub"),
            ),
            Command(
                "models.downloads", self.tr("Models: Downloads"),
                lambda: session.manager.open("downloads"),
            ),
            Command(
                "placement", self.tr("Placement of the model"),
                lambda: session.placement.open(session.chat.model), self.tr("gpu layers experts"),
            ),
            Command(
                "computer", self.tr("This computer"), lambda: session.computer.open(),
                self.tr("gpu memory speed"),
            ),
            Command(
                "backups", self.tr("Backups"), lambda: session.backups.open(), self.tr("restore"),
            ),
            Command("data", self.tr("Where the data is"), lambda: session.data_folder.open()),
            Command(
                "requests", self.tr("Requests that were made"), lambda: session.requests.open(),
                self.tr("network privacy offline"),
            ),
            Command("trash", self.tr("Trash"), session.window.sidebar.trash_requested.emit,
                    self.tr("deleted restore")),
        ]  # fmt: skip
        groups = [
            Command(
                f"settings.{number}", self.tr("Settings: {group}").format(group=title),
                partial(settings, number),
            )
            for number, title in enumerate(session.settings_page.group_titles)
        ]  # fmt: skip
        return [*pages, *groups]

    def _of_looks(self) -> list[Command]:
        session = self._session
        words = {
            "light": self.tr("Theme: light"), "dark": self.tr("Theme: dark"),
            "system": self.tr("Theme: as the system"),
        }  # fmt: skip
        return [
            Command(
                f"theme.{name}", title, partial(session.settings.change, theme=name),
                self.tr("appearance colours mode"),
            )
            for name, title in words.items()
        ]  # fmt: skip
