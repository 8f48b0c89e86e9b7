"""The settings page: it shows what is, and tells each change once and typed."""

from typing import get_type_hints

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox, QWidget
from pytestqt.qtbot import QtBot

from app.engine.entities import SamplingParameters
from app.settings.schema import Settings
from tests.helpers import ui_stage
from ui.settings.facts import SettingsFacts
from ui.settings.settings_page import SettingsPage
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import Label
from ui.widgets.switch import Switch

FACTS = SettingsFacts(
    data_folder="/home/anna/.local/share/Moestro",
    logs_folder="/home/anna/.local/share/Moestro/logs",
    sandbox="no network, reads only its model",
    sandbox_known=True,
    keyring="Secret Service",
    version="0.1.0",
)


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> SettingsPage:
    widget = SettingsPage(ui_stage.dress(qapp))
    qtbot.addWidget(widget)
    widget.show_settings(Settings(), FACTS)
    ui_stage.show(widget, (1016, 800))
    return widget


def named(page: SettingsPage, kind: type[QWidget], name: str) -> QWidget:
    return next(w for w in page.findChildren(kind) if w.accessibleName() == name)


def texts(page: SettingsPage) -> list[str]:
    return [label.text() for label in page.findChildren(Label)]


def pick(page: SettingsPage, name: str, words: str) -> None:
    combo = named(page, QComboBox, name)
    assert isinstance(combo, QComboBox)
    index = combo.findText(words)
    assert index >= 0
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


def switch(page: SettingsPage, name: str) -> None:
    found = named(page, Switch, name)
    assert isinstance(found, Switch)
    found.click()


def spin(page: SettingsPage, name: str, value: float) -> None:
    found = named(page, QDoubleSpinBox, name)
    assert isinstance(found, QDoubleSpinBox)
    found.setValue(value)


def press(page: SettingsPage, name: str) -> None:
    found = next(b for b in page.findChildren(TextButton) if name in (b.text(), b.accessibleName()))
    found.click()


CHANGES = [
    (lambda p: pick(p, "Free the memory", "never by itself"), "unload_after_minutes", 0),
    (lambda p: switch(p, "Load the last model at start"), "load_last_model_at_start", True),
    (lambda p: pick(p, "Longest conversation", "16,384 tokens"), "context_tokens", 16384),
    (lambda p: press(p, "Colours: Dark"), "theme", "dark"),
    (lambda p: pick(p, "Size of everything", "125 %"), "zoom", 1.25),
    (lambda p: spin(p, "Size of the chat's text", 18), "chat_text_px", 18),
    (
        lambda p: spin(p, "How inventive answers are", 0.3),
        "sampling",
        SamplingParameters(temperature=0.3),
    ),
    (lambda p: spin(p, "Words to choose from", 20), "sampling", SamplingParameters(top_k=20)),
    (
        lambda p: pick(p, "Longest answer", "1,024 tokens"),
        "sampling",
        SamplingParameters(max_tokens=1024),
    ),
    (lambda p: switch(p, "Lock the model's process down"), "lock_worker_down", False),
    (lambda p: switch(p, "Work offline"), "offline", True),
    (lambda p: pick(p, "Fastest download", "10 MB/s"), "download_limit_bytes", 10_000_000),
]


@pytest.mark.parametrize(("act", "field", "value"), CHANGES, ids=lambda v: str(v)[:24])
def test_each_control_tells_its_field_once(
    page: SettingsPage, act: object, field: str, value: object
) -> None:
    told: list[tuple[str, object]] = []
    page.changed.connect(lambda *what: told.append(what))
    act(page)  # type: ignore[operator]
    assert told == [(field, value)]
    assert type(told[0][1]) is type(value)
    assert field in get_type_hints(Settings)


def test_showing_settings_tells_nothing(qtbot: QtBot, page: SettingsPage) -> None:
    with qtbot.assertNotEmitted(page.changed, wait=0):
        page.show_settings(
            Settings(
                theme="dark",
                zoom=1.33,
                chat_text_px=20,
                context_tokens=5000,
                unload_after_minutes=7,
                load_last_model_at_start=True,
                offline=True,
                hub_endpoint="https://mirror.example",
                library_folders=("/mnt/models",),
                download_limit_bytes=1_500_000,
                sampling=SamplingParameters(temperature=1.1, max_tokens=300, top_k=0),
            ),
            FACTS,
        )
    shown = {combo.currentText() for combo in page.findChildren(QComboBox)}
    assert shown == {"after 7 minutes", "5,000 tokens", "133 %", "300 tokens", "1.5 MB/s"}


def test_changes_of_the_answer_style_add_up(page: SettingsPage) -> None:
    told: list[object] = []
    page.changed.connect(lambda _field, value: told.append(value))
    spin(page, "How inventive answers are", 0.3)
    spin(page, "Avoid repeating", 1.2)
    assert told[-1] == SamplingParameters(temperature=0.3, repetition_penalty=1.2)
    press(page, "Reset")
    assert told[-1] == SamplingParameters()


def test_escape_and_the_arrow_go_back(qtbot: QtBot, page: SettingsPage) -> None:
    page.setFocus()
    with qtbot.waitSignal(page.back_requested):
        qtbot.keyClick(page, Qt.Key.Key_Escape)
    with qtbot.waitSignal(page.back_requested):
        page.findChildren(IconButton)[0].click()


def test_folders_open(page: SettingsPage) -> None:
    told: list[str] = []
    page.folder_requested.connect(told.append)
    press(page, "Open the data folder")
    press(page, "Open the folder of the logs")
    assert told == ["data", "logs"]
    assert FACTS.data_folder in texts(page)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (FACTS, "Active: no network, reads only its model."),
        (SettingsFacts(sandbox_known=True), "Nothing: this system offers no lock"),
        (SettingsFacts(), "Known once a model is loaded."),
        (FACTS, "In the system's keyring: Secret Service."),
        (SettingsFacts(), "no keyring, so no secret is kept"),
    ],
)
def test_privacy_says_what_is_true_here(
    page: SettingsPage, facts: SettingsFacts, words: str
) -> None:
    page.show_settings(Settings(), facts)
    assert any(words in text for text in texts(page))


def test_every_group_can_be_shown(page: SettingsPage) -> None:
    headings = []
    for number in range(page.group_count):
        page.show_group(number)
        headings.append(page._pages.currentIndex())
    assert headings == [0, 1, 2, 3, 4, 5]
    page.show_downloads()
    assert page._groups[page._pages.currentIndex()][0].title == "Downloads"


def test_privacy_leads_to_the_list_of_requests(qtbot: QtBot, page: SettingsPage) -> None:
    with qtbot.waitSignal(page.requests_requested):
        press(page, "Show the list of requests")
