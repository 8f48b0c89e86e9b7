"""Downloads: whether and whom Moestro asks, with which secrets, how fast, and where models go."""

import urllib.parse

from PySide6.QtCore import Signal

from app.settings.schema import Settings
from models.hub_reference import DEFAULT_ENDPOINT
from ui.settings.facts import SettingsFacts
from ui.settings.folder_list import FolderList
from ui.settings.rows import ButtonPair, SettingsGroup
from ui.settings.token_row import TokenRow
from ui.theme.theme import Theme
from ui.widgets.buttons import TextButton
from ui.widgets.choice import Choice
from ui.widgets.fields import LineField
from ui.widgets.switch import Switch

_MEGABYTE = 1_000_000
_LIMITS = (1, 5, 10, 25, 50)


class DownloadsGroup(SettingsGroup):
    """``changed(field, value)`` as everywhere on the settings page.

    Signals:
        endpoint_written(str): the Hub's address as a person wrote it; "" for the usual one.
        library_folder_requested: new models are to go somewhere else.
        folder_requested: another folder is to be looked through.
        certificates_requested: a file of certificates is to be chosen.
        token_given(str), token_forgotten: for the keyring.
    """

    changed = Signal(str, object)
    endpoint_written = Signal(str)
    library_folder_requested = Signal()
    folder_requested = Signal()
    certificates_requested = Signal()
    token_given = Signal(str)
    token_forgotten = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.set_title(self.tr("Downloads"))
        self._folders: tuple[str, ...] = ()
        self._shown_endpoint = ""
        self._add_offline()
        self._add_folders()
        self._add_hub()
        self._token = TokenRow(theme, self)
        self._add_certificates()
        self._add_limit()
        self._token.editor.given.connect(self.token_given)
        self._token.control.forget.clicked.connect(self.token_forgotten)

    def show_settings(self, settings: Settings, facts: SettingsFacts) -> None:
        """Show these values, without a signal."""
        network = facts.network
        self._offline.setChecked(settings.offline or network.is_held_offline)
        self._offline.setEnabled(not network.is_held_offline)
        self._offline_row.hint.setText(
            self.tr("This start was told to stay offline, so nothing is sent until the next one.")
            if network.is_held_offline
            else self.tr("No request is made at all, and what is arriving stops.")
        )
        self._library.hint.setText(network.library_folder)
        self._folders = settings.library_folders
        self._list.set_folders(self._folders)
        self._show_endpoint(settings, facts)
        self._token.show_facts(network, facts.keyring)
        self._certificates.hint.setText(
            settings.ca_file or self.tr("For company networks. The system's are trusted anyway.")
        )
        self._certificates.set_remark(network.ca_trouble)
        self._no_certificates.setVisible(bool(settings.ca_file))
        rate = settings.download_limit_bytes
        self._limit.set_value(rate, self._rate_words(rate / _MEGABYTE))

    # --- the rows --------------------------------------------------------------------------

    def _add_offline(self) -> None:
        self._offline = Switch(self._theme, self.tr("Work offline"))
        self._offline_row = self.add_row(self.tr("Work offline"), "", self._offline)
        self._offline.clicked.connect(lambda on: self.changed.emit("offline", on))

    def _add_folders(self) -> None:
        change = TextButton(self._theme, self.tr("Change…"))
        change.setAccessibleName(self.tr("Change the folder for new models"))
        more = TextButton(self._theme, self.tr("Add a folder…"))
        self._list = FolderList(self._theme)
        self._library = self.add_row(self.tr("New models go to"), "", change)
        self.add_row(
            self.tr("Also look for models in"),
            self.tr("They are listed and used where they lie; nothing there is changed."),
            more,
        )
        self.add_part(self._list)
        change.clicked.connect(self.library_folder_requested)
        more.clicked.connect(self.folder_requested)
        self._list.removed.connect(self._remove)

    def _add_hub(self) -> None:
        self._endpoint = LineField(
            self._theme, self.tr("Address of the Hub"), placeholder=DEFAULT_ENDPOINT
        )
        self._endpoint_row = self.add_row(self.tr("Address of the Hub"), "", self._endpoint)
        self._endpoint.editingFinished.connect(self._write_endpoint)
        self._theme.changed.connect(self._widen)
        self._widen()

    def _add_certificates(self) -> None:
        choose = TextButton(self._theme, self.tr("Choose…"))
        choose.setAccessibleName(self.tr("Choose a file of certificates"))
        self._no_certificates = TextButton(self._theme, self.tr("Remove"), look="quiet")
        self._no_certificates.setAccessibleName(self.tr("Trust no more than the system does"))
        both = ButtonPair(self._theme)
        both.add_buttons(self._no_certificates, choose)
        self._certificates = self.add_row(self.tr("Further certificates"), "", both)
        choose.clicked.connect(self.certificates_requested)
        self._no_certificates.clicked.connect(lambda: self.changed.emit("ca_file", ""))

    def _add_limit(self) -> None:
        self._limit = Choice(
            self._theme,
            self.tr("Fastest download"),
            [
                (0, self.tr("as fast as it can")),
                *((n * _MEGABYTE, self._rate_words(n)) for n in _LIMITS),
            ],
        )
        self.add_row(
            self.tr("Fastest download"),
            self.tr("All downloads together; the rest of the line is for others."),
            self._limit,
        )
        self._limit.chosen.connect(lambda rate: self.changed.emit("download_limit_bytes", rate))

    # --- inside ----------------------------------------------------------------------------

    def _show_endpoint(self, settings: Settings, facts: SettingsFacts) -> None:
        network = facts.network
        usual = settings.hub_endpoint == DEFAULT_ENDPOINT
        self._shown_endpoint = "" if usual else settings.hub_endpoint
        # What was written and refused stays, to be mended.
        if not network.endpoint_trouble:
            self._endpoint.setText(self._shown_endpoint)
        told = urllib.parse.urlsplit(network.told_endpoint).netloc or network.told_endpoint
        self._endpoint_row.hint.setText(
            self.tr("This start asks {address}, whatever stands here.").format(address=told)
            if told
            else self.tr("Or a mirror's. All that is fetched comes from there.")
        )
        if network.endpoint_trouble:
            self._endpoint_row.set_remark(network.endpoint_trouble)
        else:
            self._endpoint_row.set_remark(network.endpoint_warning, "warning")

    def _write_endpoint(self) -> None:
        text = self._endpoint.text().strip()
        # Also told where the keyboard only went on: then nothing was written.
        if text != self._shown_endpoint or self._endpoint_row.remark:
            self.endpoint_written.emit(text)

    def _remove(self, folder: str) -> None:
        rest = tuple(each for each in self._folders if each != folder)
        self.changed.emit("library_folders", rest)

    def _rate_words(self, megabytes: float) -> str:
        return self.tr("{rate:g} MB/s").format(rate=megabytes)

    def _widen(self) -> None:
        self._endpoint.setFixedWidth(self._theme.px(272))
