"""The settings about downloads and the network that need more than a field: checks and dialogs."""

import urllib.parse
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app.certificates import check_certificates
from app.services import Services
from models.errors import KnownError
from models.hub_errors import host_of
from models.hub_reference import DEFAULT_ENDPOINT, parse_endpoint
from models.naming import shorten
from models.redirects import Reach, reach_of_host
from ui.controllers.token import Token
from ui.main_window import MainWindow
from ui.sentences import say, say_error
from ui.settings.downloads import DownloadsGroup
from ui.settings.facts import NetworkFacts

Change = Callable[[str, object], None]
"""Sets a field of the settings and offers to take it back."""


class NetworkSettings(QObject):
    """Stands between the group of the settings page and the services.

    Signals:
        changed: ``facts`` are new.
    """

    changed = Signal()

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        group: DownloadsGroup,
        change: Change,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._window = window
        self._change = change
        self._endpoint_trouble = ""
        self._ca_trouble = ""
        self._folder = str(Path.home())
        self.token = Token(services.secrets, is_told=services.models.has_told_token, parent=self)
        self.token.changed.connect(self.changed)
        group.endpoint_written.connect(self.set_endpoint)
        group.folder_requested.connect(self.add_folder)
        group.certificates_requested.connect(self.choose_certificates)
        group.token_given.connect(self.token.keep)
        group.token_forgotten.connect(self.token.forget)
        services.settings.subscribe(lambda _settings: self._forget_troubles())

    @property
    def facts(self) -> NetworkFacts:
        """What the page shows beside the settings."""
        models, token = self._services.models, self.token.facts
        return NetworkFacts(
            library_folder=str(models.folder),
            is_held_offline=models.is_held_offline,
            told_endpoint=models.told_endpoint,
            token=token.state,
            token_trouble=say(token.trouble) if token.trouble else "",
            endpoint_trouble=self._endpoint_trouble,
            endpoint_warning=_warning(models.endpoint),
            ca_trouble=self._ca_trouble,
        )

    def set_endpoint(self, text: str) -> None:
        """Ask another Hub from now on; "" for the usual one. What is no address changes nothing."""
        address = parse_endpoint(text) if text else DEFAULT_ENDPOINT
        self._endpoint_trouble = ""
        if address is None:
            self._endpoint_trouble = say("settings.endpoint_form", {"name": shorten(text)})
        else:
            self._change("hub_endpoint", address)
        self.changed.emit()

    def add_folder(self) -> None:
        """Let a person choose a folder that is looked through as well."""
        chosen = QFileDialog.getExistingDirectory(
            self._window, self.tr("Folder with models"), self._folder
        )
        if not chosen:
            return
        folder = Path(chosen).absolute()
        self._folder = str(folder.parent)
        if folder == self._services.models.folder:
            facts = {"folder": shorten(str(folder))}
            self._window.banner.show_message("warning", say("settings.folder_is_main", facts))
            return
        folders = self._services.settings.current.library_folders
        if str(folder) not in folders:
            self._change("library_folders", (*folders, str(folder)))

    def choose_certificates(self) -> None:
        """Let a person choose a file of certificates; one without any changes nothing."""
        chosen, _kind = QFileDialog.getOpenFileName(
            self._window,
            self.tr("File of certificates"),
            self._folder,
            self.tr("Certificates (*.pem *.crt *.cer);;All files (*)"),
        )
        if not chosen:
            return
        path = Path(chosen).absolute()
        self._folder = str(path.parent)
        try:
            check_certificates(path)
        except KnownError as error:
            self._ca_trouble = say_error(error)
        else:
            self._ca_trouble = ""
            self._change("ca_file", str(path))
        self.changed.emit()

    def _forget_troubles(self) -> None:
        """Another setting holds: what was wrong with the one before is not of interest."""
        self._endpoint_trouble = self._ca_trouble = ""


def _warning(endpoint: str) -> str:
    """What is to be said of the address in force; "" for nothing."""
    parts = urllib.parse.urlsplit(endpoint)
    if parts.scheme != "http" or reach_of_host(parts.hostname or "") is not Reach.PUBLIC:
        return ""
    return say("settings.endpoint_insecure", {"host": host_of(endpoint)})
