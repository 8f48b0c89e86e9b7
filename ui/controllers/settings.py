"""Settings: shows them, applies each change at once, remembers the window's shape."""

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from app.services import Services
from app.settings.schema import Settings
from models.errors import KnownError
from ui.chat.chat_page import ChatPage
from ui.controllers.network_settings import NetworkSettings
from ui.main_window import MainWindow
from ui.sentences import say_error
from ui.settings.facts import SettingsFacts
from ui.settings.settings_page import SettingsPage
from ui.theme.theme import Theme

ZOOM_STEPS = (0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)


class SettingsController(QObject):
    """The settings page, zoom, and what is remembered of the window.

    Signals:
        trouble: a sentence to show.
    """

    trouble = Signal(str)

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        page: SettingsPage,
        chat_page: ChatPage,
        theme: Theme,
        version: str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._window = window
        self._page = page
        self._chat_page = chat_page
        self._theme = theme
        self._version = version
        self._network = NetworkSettings(services, window, page.downloads, self.change_by_hand, self)
        self._network.changed.connect(self._show_values)
        self._asked_keyring = False
        page.changed.connect(self.change_by_hand)
        page.folder_requested.connect(self.open_folder)
        page.back_requested.connect(lambda: window.show_page("chat"))
        window.settings_requested.connect(self.show)
        window.sidebar.settings_requested.connect(self.show)
        window.zoom_requested.connect(self.zoom)
        window.size_changed.connect(
            lambda width, height: self.change(window_width=width, window_height=height)
        )
        window.sidebar_changed.connect(
            lambda width, shown: self.change(sidebar_width=width, sidebar_shown=shown)
        )
        window.panel_requested.connect(lambda: self.show_panel(not self._current.panel_shown))
        chat_page.header.panel_toggled.connect(self.show_panel)
        services.settings.subscribe(self._apply)
        self._apply(self._current)

    @property
    def _current(self) -> Settings:
        return self._services.settings.current

    def change(self, **fields: object) -> None:
        """Set and save; a value that does not fit is said and changes nothing."""
        try:
            self._services.settings.change(**fields)
        except KnownError as error:
            self.trouble.emit(say_error(error))

    def change_by_hand(self, field: str, value: object) -> None:
        """Set what the settings page says, and offer to take it back."""
        before = getattr(self._current, field)
        self.change(**{field: value})
        if getattr(self._current, field) != before:
            self._window.toast.offer(
                self.tr("Setting changed"), lambda: self.change(**{field: before})
            )

    def show(self) -> None:
        """Open the settings page."""
        self._show_values()
        self._window.show_page("settings")
        self._page.setFocus()
        if not self._asked_keyring:
            self._asked_keyring = True
            self._network.token.look()

    def show_downloads(self) -> None:
        """Open the settings about downloads and the network."""
        self._page.show_downloads()
        self.show()

    def show_panel(self, shown: bool) -> None:
        """Open or close the right panel."""
        self.change(panel_shown=shown)

    def zoom(self, step: int) -> None:
        """One step larger or smaller, 0 back to 100 %."""
        if step == 0:
            self.change(zoom=1.0)
            return
        now = self._current.zoom
        if step > 0:
            wanted = next((each for each in ZOOM_STEPS if each > now + 0.01), now)
        else:
            wanted = next((each for each in reversed(ZOOM_STEPS) if each < now - 0.01), now)
        self.change(zoom=wanted)

    def open_folder(self, which: str) -> None:
        """Show the data or log folder in the system's file manager."""
        paths = self._services.paths
        folder = paths.logs if which == "logs" else paths.root
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _apply(self, settings: Settings) -> None:
        self._theme.set_mode(settings.theme)
        self._theme.set_zoom(settings.zoom)
        self._theme.set_chat_text(settings.chat_text_px)
        self._window.set_sidebar(settings.sidebar_width, shown=settings.sidebar_shown)
        self._chat_page.set_panel_shown(settings.panel_shown)
        self._chat_page.header.set_panel_shown(settings.panel_shown)
        # Not the field alone: this start may forbid all requests.
        self._window.sidebar.set_online(not self._services.models.is_offline)
        self._show_values()

    def _show_values(self) -> None:
        facts = self._services.host.status.facts
        self._page.show_settings(
            self._current,
            SettingsFacts(
                data_folder=str(self._services.paths.root),
                logs_folder=str(self._services.paths.logs),
                sandbox=facts.sandbox if facts else "",
                sandbox_known=facts is not None,
                keyring=self._network.token.facts.keyring,
                version=self._version,
                network=self._network.facts,
            ),
        )
