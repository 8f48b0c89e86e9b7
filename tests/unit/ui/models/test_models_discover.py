"""Discover: the shelf, filters, results, and what it says when there are none."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.helpers import models_samples, ui_checks, ui_stage
from ui.models.discover_tab import DiscoverTab
from ui.models.result_list_model import detail_words, mark_words, spoken
from ui.models.view import DiscoverView, Filters

VIEW = models_samples.discover()


@pytest.fixture
def tab(qtbot: QtBot, qapp: QApplication) -> DiscoverTab:
    made = DiscoverTab(ui_stage.dress(qapp))
    qtbot.addWidget(made)
    ui_stage.show(made, (1016, 744))
    made.show_discover(VIEW)
    ui_stage.settle()
    return made


# --- the shelf ---------------------------------------------------------------------------------


def test_three_cards_of_312_by_168(tab: DiscoverTab) -> None:
    assert [(card.width(), card.height()) for card in tab.shelf.cards] == [(312, 168)] * 3
    assert ui_checks.accent_buttons(tab) == [tab.shelf.cards[0].fetch]


def test_cards_flow_with_the_width(tab: DiscoverTab) -> None:
    for width, beside in ((1016, 3), (640, 2), (450, 1)):
        tab.resize(width, 744)
        ui_stage.settle()
        tops = [card.y() for card in tab.shelf.cards]
        assert tops.count(0) == beside


def test_a_card_downloads_chats_or_shows_its_progress(qtbot: QtBot, tab: DiscoverTab) -> None:
    best, fastest, smallest = tab.shelf.cards
    assert best.fetch.text() == "Download, 18.6 GB"
    with qtbot.waitSignal(tab.fetch_requested) as fetched:
        best.fetch.click()
    assert fetched.args == ["Qwen/Qwen3-30B-A3B-Instruct-2507"]
    with qtbot.waitSignal(tab.chat_requested):
        fastest.fetch.click()
    assert smallest.fetch.text() == "Downloading 43\u00a0%"
    with qtbot.waitSignal(tab.progress_requested):
        smallest.fetch.click()
    with qtbot.waitSignal(tab.model_chosen) as opened:
        qtbot.mouseClick(best, Qt.MouseButton.LeftButton)
    assert opened.args == fetched.args


def test_a_search_has_no_shelf(tab: DiscoverTab) -> None:
    tab.show_discover(replace(VIEW, words="qwen"))
    assert tab.shelf.isHidden()
    tab.show_discover(VIEW)
    assert not tab.shelf.isHidden()


# --- filters -----------------------------------------------------------------------------------


def test_every_part_is_seen_below_the_one_before_it(tab: DiscoverTab) -> None:
    parts = [tab.shelf, tab.filters, tab.count, tab.list, tab._more_line]
    assert all(part.isVisible() for part in parts)
    edges = [edge for part in parts for edge in (part.y(), part.y() + part.height())]
    assert edges == sorted(edges)
    assert tab.area.content.height() >= edges[-1]


def test_filters_tell_what_is_wanted(qtbot: QtBot, tab: DiscoverTab) -> None:
    bar = tab.filters
    assert bar.filters == Filters()
    assert bar.runs_here.isChecked(), "on from the start"
    told: list[Filters] = []
    tab.filters_changed.connect(told.append)
    bar.runs_here.click()
    bar.moe.click()
    bar.sizes.most.setValue(20)
    bar.licence.setCurrentIndex(1)
    bar.licence.activated.emit(1)
    bar.order.setCurrentIndex(3)
    bar.order.activated.emit(3)
    assert told[-1] == Filters(
        runs_here=False, moe=True, most_gb=20, licence="apache-2.0", sort="updated"
    )
    assert len(told) == 5
    bar.set_filters(Filters(least_gb=4))
    assert (bar.sizes.least.value(), bar.sizes.most.text()) == (4, "any")
    assert len(told) == 5, "what the controller sets is no wish"


def test_a_chip_is_as_wide_on_as_off(tab: DiscoverTab) -> None:
    chip = tab.filters.moe
    before = chip.geometry(), tab.filters.sizes.geometry()
    chip.click()
    ui_stage.settle()
    assert (chip.geometry(), tab.filters.sizes.geometry()) == before


# --- results -----------------------------------------------------------------------------------


def test_eight_results_are_visible_at_the_usual_size(tab: DiscoverTab) -> None:
    top = tab.list.mapTo(tab, tab.list.rect().topLeft()).y()
    assert (tab.height() - top) // 60 >= 7
    assert tab.height() - top >= 7.9 * 60


def test_a_result_in_words() -> None:
    row = VIEW.results[0]
    assert mark_words(row) == "In your library  ·  MoE"
    assert detail_words(row) == "7 publishers  ·  30.5B, 3.3B active  ·  1.2M downloads"
    assert detail_words(VIEW.results[7]).startswith("unsloth  ·  3.1B")
    assert spoken(VIEW.results[3]).endswith("10.7–32.3 GB  ·  ≈ 9–12 tok/s  ·  GPU and RAM")


def test_a_click_or_enter_opens(qtbot: QtBot, tab: DiscoverTab) -> None:
    area = tab.list.visualRect(tab.results.index(1))
    with qtbot.waitSignal(tab.model_chosen) as opened:
        qtbot.mouseClick(tab.list.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert opened.args == ["base/gpt-oss-120b"]
    tab.take_focus()
    qtbot.keyClick(tab.list, Qt.Key.Key_Down)
    with qtbot.waitSignal(tab.model_chosen) as opened:
        qtbot.keyClick(tab.list, Qt.Key.Key_Return)
    assert opened.args == [VIEW.results[2].key]


def test_the_page_scrolls_along_with_the_keyboard(qtbot: QtBot, tab: DiscoverTab) -> None:
    tab.take_focus()
    bar = tab.area.verticalScrollBar()
    qtbot.keyClick(tab.list, Qt.Key.Key_End)
    assert bar.value() > 0
    seen = tab.list.mapTo(tab, tab.list.visualRect(tab.list.currentIndex()).bottomLeft())
    assert seen.y() <= tab.height()
    qtbot.keyClick(tab.list, Qt.Key.Key_Home)
    seen = tab.list.mapTo(tab, tab.list.visualRect(tab.list.currentIndex()).topLeft())
    assert seen.y() >= 0


def test_searching_keeps_every_result_where_it_is(tab: DiscoverTab) -> None:
    tab.show_discover(replace(VIEW, words="q"))
    ui_stage.settle()
    parts = [tab.filters, tab.count, tab.list]
    before = ui_checks.geometry(parts, tab)
    tab.show_discover(DiscoverView(words="qw", state="searching"))
    ui_stage.settle()
    assert ui_checks.geometry(parts, tab) == before
    assert tab.count.text() == "Searching…"
    assert tab.results.rowCount() == 12


def test_more_results_move_none_and_keep_the_current_one(qtbot: QtBot, tab: DiscoverTab) -> None:
    tab.take_focus()
    tab.list.setCurrentIndex(tab.results.index(4))
    more = replace(VIEW.results[0], key="base/another", name="Another")
    with qtbot.waitSignal(tab.more_requested):
        tab.more.click()
    tab.show_discover(replace(VIEW, is_loading_more=True))
    assert (tab.more.text(), tab.more.isEnabled()) == ("Loading…", False)
    tab.show_discover(replace(VIEW, results=(*VIEW.results, more), has_more=False))
    assert tab.list.currentIndex().row() == 4
    assert tab.results.row_at(12).name == "Another"
    assert tab._more_line.isHidden()


def test_a_speed_that_becomes_exact_stays_in_its_row(tab: DiscoverTab) -> None:
    tab.list.setCurrentIndex(tab.results.index(3))
    rows = tuple(replace(row, is_exact=True) for row in VIEW.results)
    tab.show_discover(replace(VIEW, results=rows))
    assert tab.list.currentIndex().row() == 3
    assert tab.results.row_at(3).is_exact


# --- nothing to show ---------------------------------------------------------------------------


def test_what_it_says_when_there_are_no_results(qtbot: QtBot, tab: DiscoverTab) -> None:
    none = replace(VIEW, results=(), has_more=False, filtered_out=0, words="qwertz")
    tab.show_discover(none)
    assert tab.state.text.startswith("Nothing on the Hub matches “qwertz”")
    tab.show_discover(replace(none, state="searching"))
    assert tab.state.text == "Asking the Hub…"
    tab.show_discover(replace(none, is_offline=True))
    assert "try again when you are online" in tab.state.text
    tab.show_discover(replace(none, state="trouble", trouble="It broke; try again."))
    assert tab.state.text == "It broke; try again."
    with qtbot.waitSignal(tab.try_again_requested):
        tab.state.buttons[0].click()


def test_results_that_the_filters_hide_can_be_shown(qtbot: QtBot, tab: DiscoverTab) -> None:
    tab.show_discover(replace(VIEW, results=(), has_more=False, filtered_out=12))
    assert tab.state.text == "12 models were found, but the filters hide all of them."
    with qtbot.waitSignal(tab.filters_changed) as told:
        tab.state.buttons[0].click()
    assert told.args == [Filters(runs_here=False)]
    assert not tab.filters.runs_here.isChecked()


def test_offline_shows_what_is_known_and_says_so(qtbot: QtBot, tab: DiscoverTab) -> None:
    tab.show_discover(replace(VIEW, is_offline=True))
    assert tab.offline.isVisible()
    assert tab.results.rowCount() == 12
    with qtbot.waitSignal(tab.online_requested):
        tab.offline.button.click()
