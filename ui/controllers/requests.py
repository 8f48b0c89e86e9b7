"""The list of requests: shown on demand, kept up to date while it is looked at, cleared."""

from PySide6.QtCore import QObject, QTimer

from app.logged_request import LoggedRequest
from app.services import Services
from models.naming import shorten
from ui.main_window import MainWindow
from ui.sentences import say
from ui.settings.requests_page import RequestsPage

_LOOK_MS = 500


class RequestsController(QObject):
    """Looks twice a second while the page is shown, and never otherwise."""

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        page: RequestsPage,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._window = window
        self._page = page
        self._from = "chat"
        self._shown: tuple[LoggedRequest, ...] = ()
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._refresh)
        page.back_requested.connect(lambda: window.show_page(self._from))
        page.clear_requested.connect(self._clear)

    def open(self) -> None:
        """Show the page; back leads to where it was asked for."""
        before = self._window.current_page
        if before != "requests":
            self._from = before if before == "settings" else "chat"
        self._window.show_page("requests")
        self._show()
        self._page.setFocus()
        self._look.start()

    def _refresh(self) -> None:
        if self._window.current_page == "requests":
            self._show()
        else:
            self._look.stop()

    def _show(self) -> None:
        requests = self._services.models.network.requests.history()
        if requests != self._shown:
            self._shown = requests
            self._page.show_requests(requests)

    def _clear(self) -> None:
        if self._services.models.network.requests.clear():
            self._window.toast.offer(self.tr("The list was cleared"), None)
        else:
            folder = shorten(str(self._services.paths.logs))
            self._window.banner.show_message(
                "bad", say("settings.requests_kept", {"folder": folder})
            )
        self._show()
