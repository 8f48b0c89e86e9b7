"""The library's table and drawer: what they show, what a person can do, and that it is quick."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.helpers import models_samples, ui_checks, ui_stage
from ui.models.library_tab import LibraryTab
from ui.models.library_table import column_widths
from ui.models.library_words import (
    CONTEXT,
    HERE,
    MENU,
    NAME,
    SIZE,
    USED,
    VERIFIED,
    cell_text,
    cell_tooltip,
    trouble,
)
from ui.models.view import LibraryRow, LibraryView
from ui.widgets.menu import Menu

LIBRARY = models_samples.library()
TALL = (1016, 900)


@pytest.fixture
def tab(qtbot: QtBot, qapp: QApplication) -> LibraryTab:
    made = LibraryTab(ui_stage.dress(qapp))
    qtbot.addWidget(made)
    made.show_library(LIBRARY)
    ui_stage.show(made, TALL)
    return made


@pytest.fixture
def close_menus(qapp: QApplication) -> Iterator[None]:
    yield
    for widget in qapp.topLevelWidgets():
        if isinstance(widget, Menu):
            widget.close()
    ui_stage.settle()


def row(state: str) -> LibraryRow:
    return next(each for each in LIBRARY.rows if each.state == state)


def names(tab: LibraryTab) -> list[str]:
    return [tab.rows.row_at(number).key for number in range(tab.rows.rowCount())]


def click(qtbot: QtBot, tab: LibraryTab, number: int, column: int) -> None:
    area = tab.table.visualRect(tab.rows.index(number, column))
    qtbot.mouseClick(tab.table.viewport(), Qt.MouseButton.LeftButton, pos=area.center())


# --- cells -------------------------------------------------------------------------------------


def test_every_cell_in_words() -> None:
    first = LIBRARY.rows[0]
    assert [cell_text(first, column, LIBRARY.now_ms) for column in range(7)] == [
        "Qwen3-30B-A3B-Instruct-2507  ·  Q4_K_M", "18.6 GB", "9–12 tok/s", "41k", "Today",
        "Verified", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "words", "next_step"),
    [
        ("absent", "Not here", "connect it"),
        ("incomplete", "2 of 8 files are missing", "download them"),
        ("damaged", "Damaged", "download it again"),
        ("verifying", "Verifying 43\u00a0%", "when that is done"),
        ("adding", "Adding 7\u00a0%", "when that is done"),
    ],
)
def test_what_cannot_answer_says_why_and_what_to_do(state: str, words: str, next_step: str) -> None:
    each = row(state)
    assert cell_text(each, HERE, 0) == words
    assert next_step in trouble(each)
    assert cell_tooltip(each, HERE) == trouble(each)


def test_a_model_that_is_too_large_says_so() -> None:
    large = next(each for each in LIBRARY.rows if each.key == "model-12")
    assert cell_text(large, HERE, 0) == "Too large"


def test_another_program_s_model_is_used_in_place(tab: LibraryTab) -> None:
    peer = next(each for each in LIBRARY.rows if each.program)
    assert "in LM Studio, used in place" in cell_tooltip(peer, NAME)
    tab.open_drawer(peer.key)
    assert tab.drawer.button("delete").isHidden()
    assert not peer.can_delete


def test_screen_readers_get_what_is_painted(tab: LibraryTab) -> None:
    spoken = [
        tab.rows.index(4, column).data(Qt.ItemDataRole.AccessibleTextRole) for column in range(6)
    ]
    assert "GLM-4.5-Air" in spoken[NAME]
    assert "Backup (E:) is not connected" in spoken[NAME]
    first = tab.rows.index(0, HERE).data(Qt.ItemDataRole.AccessibleTextRole)
    assert first == "0 of 48 expert layers on RTX 4060, 48 in RAM  ·  9–12 tok/s"


# --- the table ---------------------------------------------------------------------------------


@pytest.mark.parametrize("room", range(360, 969, 8))
def test_columns_fill_the_room_at_every_width(room: int) -> None:
    widths = column_widths(room)
    assert sum(widths.values()) == room or widths[NAME] == 120
    assert {NAME, SIZE, HERE, MENU} <= set(widths)


def test_columns_at_full_width() -> None:
    assert column_widths(968) == {
        NAME: 352, SIZE: 80, HERE: 248, CONTEXT: 80, USED: 104, VERIFIED: 56, MENU: 48,
    }  # fmt: skip


def test_thirteen_rows_are_visible_at_the_usual_size(tab: LibraryTab) -> None:
    tab.resize(1016, 744)
    ui_stage.settle()
    assert tab.table.viewport().height() // tab.table.rowHeight(0) >= 13


def test_chips_and_words_filter(qtbot: QtBot, tab: LibraryTab) -> None:
    assert len(names(tab)) == 14
    tab.toolbar.chips["gpu"].click()
    assert names(tab) == ["model-1", "model-9", "demo"]
    tab.toolbar.chips["unused"].click()
    assert set(names(tab)) == {"model-9", "model-10", "model-11", "model-12", "demo"}
    tab.toolbar.chips["moe"].click()
    assert "model-9" not in names(tab)
    tab.toolbar.chips["all"].click()
    tab.set_words("qwen q8")
    assert names(tab) == ["model-9"]
    tab.set_words("lm studio phi")
    assert names(tab) == ["model-8"]


def test_nothing_found_offers_the_hub_and_no_such_kind_offers_all(
    qtbot: QtBot, tab: LibraryTab
) -> None:
    tab.set_words("zzz")
    assert tab.state.text == "No model in your library matches “zzz”."
    with qtbot.waitSignal(tab.discover_requested):
        tab.state.buttons[0].click()
    tab.set_words("")
    tab.show_library(replace(LIBRARY, rows=LIBRARY.rows[:1]))
    tab.toolbar.chips["gpu"].click()
    assert tab.state.text == "None of your models is of this kind."
    tab.state.buttons[0].click()
    assert len(names(tab)) == 1


def test_an_empty_library_says_what_to_do(qtbot: QtBot, tab: LibraryTab) -> None:
    tab.show_library(LibraryView(rows=(), now_ms=0))
    offers = [button.text() for button in tab.state.buttons]
    assert offers == ["Discover models", "Import files…", "Look in other programs"]
    for signal, button in zip(
        (tab.discover_requested, tab.import_requested, tab.look_requested),
        tab.state.buttons,
        strict=True,
    ):
        with qtbot.waitSignal(signal):
            button.click()
    tab.show_library(LibraryView(rows=(), now_ms=0, is_reading=True))
    assert "Looking at your models" in tab.state.text


def test_headings_order_the_rows(qtbot: QtBot, tab: LibraryTab) -> None:
    tab.table.choose("model-9")
    tab.table.horizontalHeader().sectionClicked.emit(SIZE)
    assert names(tab)[:2] == ["model-12", "model-4"], "the largest first"
    assert tab.table.current_key == "model-9", "what was chosen stays chosen"
    tab.table.horizontalHeader().sectionClicked.emit(SIZE)
    assert names(tab)[0] == "demo"
    tab.table.horizontalHeader().sectionClicked.emit(HERE)
    assert names(tab)[0] == "model-1"
    assert names(tab)[-1] in {"model-4", "model-5", "model-6", "model-7", "model-11"}
    heading = tab.rows.headerData(HERE, Qt.Orientation.Horizontal)
    assert heading == "Here ↑"


def test_more_known_of_a_model_moves_nothing(tab: LibraryTab) -> None:
    tab.table.choose("model-7")
    bar = tab.table.verticalScrollBar()
    tab.resize(1016, 400)
    ui_stage.settle()
    bar.setValue(100)
    rows = tuple(
        replace(each, progress=0.9) if each.state == "verifying" else each for each in LIBRARY.rows
    )
    tab.show_library(replace(LIBRARY, rows=rows))
    ui_stage.settle()
    assert (bar.value(), tab.table.current_key) == (100, "model-7")
    assert tab.rows.index(7, HERE).data() == "Verifying 90\u00a0%"


def test_five_hundred_models_open_at_once(qtbot: QtBot, qapp: QApplication) -> None:
    made = LibraryTab(ui_stage.dress(qapp))
    qtbot.addWidget(made)
    begin = time.perf_counter()
    made.show_library(models_samples.large_library())
    ui_stage.show(made, TALL)
    made.grab()
    seconds = time.perf_counter() - begin
    assert made.rows.rowCount() == 500
    assert seconds < 1.5, "0.3 s with a wide margin"


# --- the drawer --------------------------------------------------------------------------------


def test_a_click_opens_the_drawer_and_the_arrows_go_on(qtbot: QtBot, tab: LibraryTab) -> None:
    click(qtbot, tab, 0, NAME)
    assert tab.is_drawer_open
    assert tab.drawer.key == "model-0"
    assert tab.drawer.width() == 400
    tab.table.setFocus()
    qtbot.keyClick(tab.table, Qt.Key.Key_Down)
    assert tab.drawer.key == "model-1"
    assert tab.drawer.notes.toPlainText() == "Best one for code reviews."
    qtbot.keyClick(tab.table, Qt.Key.Key_Escape)
    assert not tab.is_drawer_open
    qtbot.keyClick(tab.table, Qt.Key.Key_Return)
    assert tab.drawer.key == "model-1"


def test_the_drawer_does_not_move_the_table(tab: LibraryTab) -> None:
    before = tab.table.y()
    tab.open_drawer("model-0")
    ui_stage.settle()
    assert tab.table.y() == before
    assert tab.table.geometry().right() < tab.drawer.x()


def test_in_a_narrow_page_the_drawer_lies_over_the_table(tab: LibraryTab) -> None:
    tab.resize(900, 544)
    wide = tab.table.width()
    tab.open_drawer("model-0")
    ui_stage.settle()
    assert tab.table.width() == wide
    assert tab._scrim.isVisible()
    tab._scrim.pressed.emit()
    assert not tab.is_drawer_open


@pytest.mark.parametrize(
    ("state", "verbs"),
    [
        ("ready", {"chat", "placement", "verify", "open_folder", "source", "updates", "delete"}),
        ("absent", {"source", "forget"}),
        ("incomplete", {"download", "open_folder", "source", "delete"}),
        ("damaged", {"download", "verify", "open_folder", "source", "updates", "delete"}),
        ("verifying", {"stop_verify", "open_folder", "source"}),
        ("adding", {"stop_adding", "open_folder", "source"}),
    ],
)
def test_what_can_be_done_in_each_state(tab: LibraryTab, state: str, verbs: set[str]) -> None:
    tab.open_drawer(row(state).key)
    every = ("chat", "placement", "download", "progress", "verify", "stop_verify", "stop_adding",
             "open_folder", "source", "updates", "forget", "delete")  # fmt: skip
    assert {verb for verb in every if not tab.drawer.button(verb).isHidden()} == verbs


def test_buttons_tell_verb_and_model(qtbot: QtBot, tab: LibraryTab) -> None:
    tab.open_drawer("model-0")
    assert tab.drawer.button("delete").text() == "Delete, frees 18.6 GB"
    for verb in ("chat", "placement", "verify", "delete"):
        with qtbot.waitSignal(tab.asked) as asked:
            tab.drawer.button(verb).click()
        assert asked.args == [verb, "model-0"]


def test_notes_are_told_when_the_keyboard_leaves(qtbot: QtBot, tab: LibraryTab) -> None:
    tab.open_drawer("model-0")
    tab.drawer.notes.setFocus()
    qtbot.keyClicks(tab.drawer.notes, "slow at night")
    tab.show_library(LIBRARY)
    assert tab.drawer.notes.toPlainText() == "slow at night", "an update must not take it away"
    with qtbot.waitSignal(tab.notes_changed) as told:
        tab.table.setFocus()
    assert told.args == ["model-0", "slow at night"]


def test_a_model_that_is_gone_closes_its_drawer(tab: LibraryTab) -> None:
    tab.open_drawer("model-0")
    tab.show_library(replace(LIBRARY, rows=LIBRARY.rows[1:]))
    assert not tab.is_drawer_open


def test_delete_key_deletes_only_what_moestro_recorded(qtbot: QtBot, tab: LibraryTab) -> None:
    tab.table.choose("model-8")
    with qtbot.assertNotEmitted(tab.asked, wait=0):
        qtbot.keyClick(tab.table, Qt.Key.Key_Delete)
    tab.table.choose("model-0")
    with qtbot.waitSignal(tab.asked) as asked:
        qtbot.keyClick(tab.table, Qt.Key.Key_Delete)
    assert asked.args == ["delete", "model-0"]


def test_the_dots_open_the_menu_and_not_the_drawer(
    qtbot: QtBot, tab: LibraryTab, close_menus: None
) -> None:
    click(qtbot, tab, 4, MENU)
    menu = next(w for w in QApplication.topLevelWidgets() if isinstance(w, Menu) and w.isVisible())
    assert [each.text() for each in menu.actions() if each.text()] == ["Its page", "Forget it"]
    assert not tab.is_drawer_open
    with qtbot.waitSignal(tab.asked) as asked:
        menu.actions()[1].trigger()
    assert asked.args == ["forget", "model-4"]


def test_files_and_folders_can_be_dropped(qtbot: QtBot, tab: LibraryTab) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/models"), QUrl.fromLocalFile("/tmp/a b.gguf")])
    place, copy = QPoint(50, 200), Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place, copy, data, left, none)
    tab.dragEnterEvent(enter)
    assert enter.isAccepted()
    assert tab._target.isVisible()
    with qtbot.waitSignal(tab.dropped) as dropped:
        tab.dropEvent(QDropEvent(QPointF(place), copy, data, left, none))
    assert dropped.args == [["/tmp/models", "/tmp/a b.gguf"]]
    assert not tab._target.isVisible()
    web = QMimeData()
    web.setUrls([QUrl("https://example.org/model.gguf")])
    refused = QDragEnterEvent(place, copy, web, left, none)
    refused.ignore()
    tab.dragEnterEvent(refused)
    assert not refused.isAccepted()


def test_the_page_has_one_filled_button_at_most(tab: LibraryTab) -> None:
    tab.open_drawer("model-0")
    ui_stage.settle()
    assert ui_checks.accent_buttons(tab) == [tab.drawer.button("chat")]
