"""The settings about downloads and the network: what they show, ask for, refuse and keep."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.model_rooms import HubWishes
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.services import Services, open_services
from app.settings.schema import Settings
from models.hub_reference import DEFAULT_ENDPOINT
from tests.helpers import ui_stage
from tests.helpers.hub_server import hub
from ui.chat.chat_page import ChatPage
from ui.chat.header import ChatHeader
from ui.chat.status_line import StatusLine
from ui.controllers.settings import SettingsController
from ui.main_window import MainWindow
from ui.settings.facts import NetworkFacts, SettingsFacts, TokenState
from ui.settings.folder_list import FolderList
from ui.settings.settings_page import SettingsPage
from ui.sidebar.sidebar import Sidebar
from ui.widgets.labels import Label
from ui.widgets.switch import Switch

FACTS = SettingsFacts(
    keyring="Secret Service",
    network=NetworkFacts(library_folder="/home/anna/models", token=TokenState.NONE),
)


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> SettingsPage:
    widget = SettingsPage(ui_stage.dress(qapp))
    qtbot.addWidget(widget)
    widget.show_settings(Settings(), FACTS)
    widget.show_downloads()
    ui_stage.show(widget, (1016, 800))
    return widget


def texts(page: QWidget) -> list[str]:
    return [label.text() for label in page.findChildren(Label) if label.isVisible()]


def button(page: QWidget, name: str) -> QPushButton:
    return next(
        each
        for each in page.findChildren(QPushButton)
        if name in (each.text(), each.accessibleName()) and each.isVisible()
    )


def field(page: QWidget, name: str) -> QLineEdit:
    return next(each for each in page.findChildren(QLineEdit) if each.accessibleName() == name)


def with_network(**facts: object) -> SettingsFacts:
    return replace(FACTS, network=replace(FACTS.network, **facts))  # type: ignore[arg-type]


# --- the page ------------------------------------------------------------------------------


def test_a_start_that_forbids_requests_shows_the_switch_on_and_why(page: SettingsPage) -> None:
    switch = next(s for s in page.findChildren(Switch) if s.accessibleName() == "Work offline")
    assert (switch.isChecked(), switch.isEnabled()) == (False, True)
    page.show_settings(Settings(), with_network(is_held_offline=True))
    assert (switch.isChecked(), switch.isEnabled()) == (True, False)
    assert any("told to stay offline" in text for text in texts(page))
    page.show_settings(Settings(offline=True), FACTS)
    assert (switch.isChecked(), switch.isEnabled()) == (True, True)


def test_the_usual_address_is_a_placeholder(page: SettingsPage) -> None:
    address = field(page, "Address of the Hub")
    assert (address.text(), address.placeholderText()) == ("", DEFAULT_ENDPOINT)
    page.show_settings(Settings(hub_endpoint="https://mirror.example"), FACTS)
    assert address.text() == "https://mirror.example"


def test_an_address_is_told_once_and_only_when_it_is_another(
    qtbot: QtBot, page: SettingsPage
) -> None:
    address, told = field(page, "Address of the Hub"), list[str]()
    page.downloads.endpoint_written.connect(told.append)
    address.setFocus()
    address.editingFinished.emit()
    assert told == []
    qtbot.keyClicks(address, "https://mirror.example")
    qtbot.keyClick(address, Qt.Key.Key_Return)
    assert told == ["https://mirror.example"]


def test_a_refused_address_stays_to_be_mended(page: SettingsPage) -> None:
    address = field(page, "Address of the Hub")
    address.setText("mirror")
    page.show_settings(Settings(), with_network(endpoint_trouble="mirror is no web address."))
    assert address.text() == "mirror"
    assert "mirror is no web address." in texts(page)
    page.show_settings(Settings(), FACTS)
    assert address.text() == ""
    assert "mirror is no web address." not in texts(page)


def test_what_this_start_asks_instead_is_said(page: SettingsPage) -> None:
    page.show_settings(Settings(), with_network(told_endpoint="https://mirror.example/hub"))
    assert "This start asks mirror.example, whatever stands here." in texts(page)


@pytest.mark.parametrize(
    ("state", "words", "offered"),
    [
        (TokenState.ASKING, "Asking the system's keyring", ""),
        (TokenState.NONE, "It is kept in Secret Service.", "Add a token…"),
        (TokenState.KEPT, "A token is kept in Secret Service.", "Forget it"),
        (TokenState.TOLD, "HF_TOKEN of this start", ""),
        (TokenState.NO_KEYRING, "no keyring that is safe to use", ""),
    ],
)
def test_where_the_token_is(
    page: SettingsPage, state: TokenState, words: str, offered: str
) -> None:
    page.show_settings(Settings(), with_network(token=state))
    assert any(words in text for text in texts(page))
    control = page.downloads._token.control
    shown = [each.text() for each in control.findChildren(QPushButton) if each.isVisible()]
    assert shown == ([offered] if offered else [])


def test_a_token_is_given_unseen_and_leaves_no_trace(qtbot: QtBot, page: SettingsPage) -> None:
    told: list[str] = []
    page.downloads.token_given.connect(told.append)
    button(page, "Add a token…").click()
    token = field(page, "Token")
    assert token.echoMode() is QLineEdit.EchoMode.Password
    assert token.isVisible()
    qtbot.keyClicks(token, " hf_secret ")
    qtbot.keyClick(token, Qt.Key.Key_Return)
    assert told == ["hf_secret"]
    assert (token.text(), token.isVisible()) == ("", False)
    assert not token.isUndoAvailable()


def test_escape_leaves_the_token_and_not_the_page(qtbot: QtBot, page: SettingsPage) -> None:
    button(page, "Add a token…").click()
    token = field(page, "Token")
    qtbot.keyClicks(token, "hf_half")
    with qtbot.assertNotEmitted(page.back_requested, wait=0):
        qtbot.keyClick(token, Qt.Key.Key_Escape)
    assert (token.text(), token.isVisible()) == ("", False)
    button(page, "Add a token…").click()
    with qtbot.assertNotEmitted(page.downloads.token_given, wait=0):
        button(page, "Keep it").click()
    assert not token.isVisible()


def test_folders_are_listed_and_taken_off_one_by_one(page: SettingsPage) -> None:
    folders = ("/mnt/a", "/mnt/b" * 60)
    told: list[tuple[str, object]] = []
    page.changed.connect(lambda *what: told.append(what))
    shown = page.findChild(FolderList)
    assert isinstance(shown, FolderList)
    assert not shown.isVisible()
    page.show_settings(Settings(library_folders=folders), FACTS)
    button(page, "Take /mnt/a off the list").click()
    assert told == [("library_folders", (folders[1],))]
    page.show_settings(Settings(), FACTS)
    assert not shown.isVisible()


def test_what_needs_a_dialog_is_asked_for(qtbot: QtBot, page: SettingsPage) -> None:
    group = page.downloads
    for name, signal in (
        ("Change the folder for new models", group.library_folder_requested),
        ("Add a folder…", group.folder_requested),
        ("Choose a file of certificates", group.certificates_requested),
    ):
        with qtbot.waitSignal(signal):
            button(page, name).click()


def test_a_file_of_certificates_can_be_given_up(page: SettingsPage) -> None:
    told: list[tuple[str, object]] = []
    page.changed.connect(lambda *what: told.append(what))
    page.show_settings(Settings(ca_file="/etc/company.pem"), FACTS)
    assert "/etc/company.pem" in texts(page)
    button(page, "Trust no more than the system does").click()
    assert told == [("ca_file", "")]


# --- with services behind it ---------------------------------------------------------------


class Stage:
    """The settings in a window over real services."""

    def __init__(self, services: Services, application: QApplication) -> None:
        theme = ui_stage.dress(application)
        self.services = services
        self.window = MainWindow(theme, Sidebar(theme))
        self.chat = ChatPage(theme, ChatHeader(theme), StatusLine(theme))
        self.page = SettingsPage(theme)
        self.window.add_page("chat", self.chat)
        self.window.add_page("settings", self.page)
        self.controller = SettingsController(
            services, self.window, self.page, self.chat, theme, "test", self.window
        )
        ui_stage.show(self.window, (1280, 800))
        self.controller.show_downloads()

    @property
    def settings(self) -> Settings:
        return self.services.settings.current

    def write(self, address: str) -> None:
        line = field(self.page, "Address of the Hub")
        line.setText(address)
        line.editingFinished.emit()


@pytest.fixture
def opened(tmp_path: Path, qapp: QApplication) -> Iterator[Stage]:
    wishes = HubWishes(environment={})
    services = open_services(DataPaths(tmp_path / "data"), CallbackQueue().post, hub=wishes)
    stage = Stage(services, qapp)
    yield stage
    services.close()
    ui_stage.strike(stage.window)


def test_the_foot_of_the_sidebar_follows_the_switch(opened: Stage) -> None:
    assert button(opened.window, "Online only when you ask").isVisible()
    opened.controller.change(offline=True)
    assert button(opened.window, "Offline: nothing is sent").isVisible()


def test_a_start_that_is_held_offline_says_so_in_the_foot(
    tmp_path: Path, qapp: QApplication
) -> None:
    wishes = HubWishes(environment={}, offline=True)
    services = open_services(DataPaths(tmp_path / "data"), CallbackQueue().post, hub=wishes)
    stage = Stage(services, qapp)
    assert button(stage.window, "Offline: nothing is sent").isVisible()
    assert any("told to stay offline" in text for text in texts(stage.page))
    services.close()
    ui_stage.strike(stage.window)


def test_an_address_is_kept_in_its_plain_form_and_can_be_taken_back(opened: Stage) -> None:
    opened.write("https://mirror.example/hub/")
    assert opened.settings.hub_endpoint == "https://mirror.example/hub"
    assert opened.services.models.endpoint == "https://mirror.example/hub"
    opened.window.toast._take_back()
    assert opened.settings.hub_endpoint == DEFAULT_ENDPOINT
    opened.write("https://mirror.example")
    opened.write("")
    assert opened.settings.hub_endpoint == DEFAULT_ENDPOINT


@pytest.mark.parametrize(
    "text", ["mirror", "ftp://mirror.example", "https://a:b@mirror.example", "https://x/?q=1"]
)
def test_what_is_no_address_changes_nothing_and_is_said(opened: Stage, text: str) -> None:
    opened.write(text)
    assert opened.settings.hub_endpoint == DEFAULT_ENDPOINT
    assert any("is no web address" in words for words in texts(opened.page))
    opened.write("https://mirror.example")
    assert not any("is no web address" in words for words in texts(opened.page))


@pytest.mark.parametrize(
    ("address", "warned"),
    [
        ("http://mirror.example", True),
        ("https://mirror.example", False),
        ("http://192.168.1.5:8080", False),
        ("http://localhost:8080", False),
    ],
)
def test_an_address_without_protection_is_warned_of(
    opened: Stage, address: str, warned: bool
) -> None:
    opened.write(address)
    assert any("Without https" in words for words in texts(opened.page)) is warned


def test_certificates_are_looked_at_before_they_are_trusted(
    opened: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = tmp_path / "company.pem"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_more: (str(chosen), ""))
    for content in (None, b"", b"no certificate", b"\x00" * 4096):
        if content is not None:
            chosen.write_bytes(content)
        button(opened.page, "Choose a file of certificates").click()
        assert opened.settings.ca_file == ""
        assert any("company.pem holds no certificates" in words for words in texts(opened.page))
    with hub(tls=True) as secure:
        chosen.write_bytes(secure.authority.read_bytes())
    button(opened.page, "Choose a file of certificates").click()
    assert opened.settings.ca_file == str(chosen)
    assert not any("holds no certificates" in words for words in texts(opened.page))


def test_further_folders(opened: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = tmp_path / "more"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_more: str(chosen))
    for _twice in range(2):
        button(opened.page, "Add a folder…").click()
        assert opened.settings.library_folders == (str(chosen),)
    chosen = opened.services.models.folder
    button(opened.page, "Add a folder…").click()
    assert len(opened.settings.library_folders) == 1
    assert "looked through already" in opened.window.banner.text


def test_a_dialog_that_is_closed_changes_nothing(
    opened: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_more: "")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_more: ("", ""))
    before = opened.settings
    button(opened.page, "Add a folder…").click()
    button(opened.page, "Choose a file of certificates").click()
    assert opened.settings == before


def test_the_limit_holds_for_the_downloads(opened: Stage) -> None:
    """The rate that transfers are told is that of the settings, also after a change."""
    limit = opened.services.models.download_limit
    assert limit() == 0
    opened.controller.change(download_limit_bytes=5_000_000)
    assert limit() == 5_000_000
