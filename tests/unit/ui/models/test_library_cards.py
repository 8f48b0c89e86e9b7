"""The library as cards: the same models and verbs as in the table, by mouse and keyboard."""

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.helpers import models_samples, ui_checks, ui_stage
from ui.main_window import MainWindow
from ui.models.library_card import dots_area
from ui.models.library_tab import LibraryTab
from ui.models.page import ModelsPage
from ui.sidebar.sidebar import Sidebar
from ui.widgets.menu import Menu

LIBRARY = models_samples.library()


@pytest.fixture
def tab(qtbot: QtBot, qapp: QApplication) -> LibraryTab:
    made = LibraryTab(ui_stage.dress(qapp))
    qtbot.addWidget(made)
    made.show_library(LIBRARY)
    made.set_cards(True)
    ui_stage.show(made, (1016, 744))
    return made


@pytest.fixture
def close_menus(qapp: QApplication) -> Iterator[None]:
    yield
    for widget in qapp.topLevelWidgets():
        if isinstance(widget, Menu):
            widget.close()
    ui_stage.settle()


@pytest.mark.parametrize(
    ("dark", "size", "zoom"),
    ui_stage.APPEARANCES,
    ids=[f"{'dark' if d else 'light'}-{s[0]}-{z:.0%}" for d, s, z in ui_stage.APPEARANCES],
)
def test_cards_in_every_appearance(
    qapp: QApplication, dark: bool, size: tuple[int, int], zoom: float
) -> None:
    theme = ui_stage.dress(qapp, dark=dark, zoom=zoom)
    window, page = MainWindow(theme, Sidebar(theme)), ModelsPage(theme)
    window.add_page("models", page)
    page.library.show_library(LIBRARY)
    page.library.set_cards(True)
    ui_stage.show(window, size)
    found = ui_checks.all_problems(window, zoom)
    cards = page.library.cards
    right = max(cards.visualRect(page.library.rows.index(n, 0)).right() for n in range(14))
    assert right < cards.viewport().width()
    page.library.open_drawer("model-0")
    ui_stage.settle()
    found += ui_checks.all_problems(window, zoom)
    ui_stage.strike(window)
    assert found == []


def test_as_many_side_by_side_as_have_room(tab: LibraryTab) -> None:
    for width, columns in ((1016, 3), (900, 3), (640, 2), (480, 1)):
        tab.resize(width, 600)
        ui_stage.settle()
        tops = [tab.cards.visualRect(tab.rows.index(n, 0)).top() for n in range(14)]
        assert tops.count(tops[0]) == tab.cards.columns == columns, width


def test_the_button_changes_the_view_and_the_current_model_stays(
    qtbot: QtBot, tab: LibraryTab
) -> None:
    tab.cards.choose("model-3")
    assert tab.toolbar.view.text() == "Table"
    with qtbot.waitSignal(tab.cards_chosen) as told:
        tab.toolbar.view.click()
    assert told.args == [False]
    assert (tab.table.isVisible(), tab.cards.isVisible()) == (True, False)
    assert tab.table.current_key == "model-3"
    assert tab.toolbar.view.text() == "Cards"


def test_by_keyboard(qtbot: QtBot, tab: LibraryTab) -> None:
    tab.take_focus()
    assert tab.cards.hasFocus()
    assert tab.cards.current_key == "model-0"
    qtbot.keyClick(tab.cards, Qt.Key.Key_Right)
    qtbot.keyClick(tab.cards, Qt.Key.Key_Down)
    assert tab.cards.current_key == "model-4"
    qtbot.keyClick(tab.cards, Qt.Key.Key_Return)
    assert tab.drawer.key == "model-4"
    qtbot.keyClick(tab.cards, Qt.Key.Key_Right)
    assert tab.drawer.key == tab.cards.current_key == "model-5"
    qtbot.keyClick(tab.cards, Qt.Key.Key_Escape)
    assert not tab.is_drawer_open
    with qtbot.waitSignal(tab.asked) as asked:
        qtbot.keyClick(tab.cards, Qt.Key.Key_Delete)
    assert asked.args == ["delete", "model-5"]


def test_a_click_opens_the_drawer_and_the_dots_the_menu(
    qtbot: QtBot, tab: LibraryTab, close_menus: None
) -> None:
    area = tab.cards.visualRect(tab.rows.index(4, 0))
    dots = dots_area(tab._theme, area)
    qtbot.mouseClick(tab.cards.viewport(), Qt.MouseButton.LeftButton, pos=dots.center())
    menu = next(w for w in QApplication.topLevelWidgets() if isinstance(w, Menu) and w.isVisible())
    assert [each.text() for each in menu.actions() if each.text()] == ["Its page", "Forget it"]
    assert not tab.is_drawer_open
    menu.close()
    qtbot.mouseClick(tab.cards.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert tab.drawer.key == "model-4"


def test_chips_words_and_sums_hold_for_cards_too(tab: LibraryTab) -> None:
    tab.toolbar.chips["gpu"].click()
    assert tab.cards.model().rowCount() == 3
    tab.set_words("zzz")
    assert tab.state.isVisible()
    assert not tab.cards.isVisible()
    tab.set_words("")
    assert tab.cards.isVisible()


def test_more_known_of_a_model_moves_nothing(tab: LibraryTab) -> None:
    tab.resize(1016, 400)
    ui_stage.settle()
    tab.cards.choose("model-7")
    tab.cards.verticalScrollBar().setValue(120)
    tab.show_library(LIBRARY)
    ui_stage.settle()
    assert (tab.cards.current_key, tab.cards.verticalScrollBar().value()) == ("model-7", 120)


def test_five_hundred_cards_open_at_once(qtbot: QtBot, qapp: QApplication) -> None:
    made = LibraryTab(ui_stage.dress(qapp))
    qtbot.addWidget(made)
    made.set_cards(True)
    begin = time.perf_counter()
    made.show_library(models_samples.large_library())
    ui_stage.show(made, (1016, 744))
    made.grab()
    assert made.rows.rowCount() == 500
    assert time.perf_counter() - begin < 1.5, "0.3 s with a wide margin"
