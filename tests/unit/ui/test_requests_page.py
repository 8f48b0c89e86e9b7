"""The list of requests in the window: newest first, up to date, quick with thousands."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.logged_request import Ending, LoggedRequest
from app.model_rooms import HubWishes
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.services import Services, open_services
from models.http_clients import Purpose
from tests.helpers import hard_profile, ui_stage
from ui.controllers.requests import RequestsController
from ui.main_window import MainWindow
from ui.settings.requests_page import RequestsPage
from ui.settings.requests_table import column_widths
from ui.settings.requests_words import (
    BYTES,
    END,
    HOST,
    PURPOSE,
    TIME,
    amount_words,
    ending_words,
    purpose_words,
)
from ui.sidebar.sidebar import Sidebar

ONE = LoggedRequest(
    "1", 1_773_835_200_000, Purpose.SEARCH, "GET", "huggingface.co", "/api/models", 200, 64_000,
    Ending.COMPLETE,
)  # fmt: skip


def many(count: int) -> list[LoggedRequest]:
    return [replace(ONE, id=str(n), path=f"/{n}") for n in range(count)]


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> RequestsPage:
    widget = RequestsPage(ui_stage.dress(qapp))
    qtbot.addWidget(widget)
    ui_stage.show(widget, (1016, 800))
    return widget


# --- the page ------------------------------------------------------------------------------


def test_nothing_yet(page: RequestsPage) -> None:
    assert page.nothing.isVisible()
    assert page.nothing.text == "No request was ever made."
    assert not page.table.isVisible()
    assert not page.clear.isVisible()


def test_the_newest_stands_first_and_says_everything(page: RequestsPage) -> None:
    page.show_requests([replace(ONE, id="0", path="/old"), ONE])
    cells = [str(page.rows.index(0, column).data()) for column in range(5)]
    assert cells[1:] == ["huggingface.co", "Search", "64 kB", "Complete"]
    assert cells[0].startswith("2026-03-18 ")
    told = str(page.rows.index(0, HOST).data(Qt.ItemDataRole.ToolTipRole))
    assert "GET huggingface.co/api/models" in told
    assert page.summary.text().startswith("2 requests, 128 kB received.")
    page.show_requests([ONE])
    assert page.summary.text().startswith("One request, 64 kB received.")


def test_new_ones_come_above_and_what_is_read_stays(page: RequestsPage) -> None:
    requests = many(200)
    page.show_requests(requests[:150])
    read = QPersistentModelIndex(page.rows.index(75, HOST))
    page.table.scrollTo(page.rows.index(75, HOST), page.table.ScrollHint.PositionAtTop)
    before = page.table.rowViewportPosition(75)
    page.show_requests(requests)
    ui_stage.settle()
    assert read.row() == 125
    assert page.table.rowViewportPosition(125) == before
    page.table.verticalScrollBar().setValue(0)
    page.show_requests([*requests, replace(ONE, id="newest")])
    assert page.table.verticalScrollBar().value() == 0


def test_what_goes_on_changes_in_its_row(qtbot: QtBot, page: RequestsPage) -> None:
    running = replace(ONE, id="r", ending=Ending.UNDER_WAY, status=200, received_bytes=0)
    page.show_requests([ONE, running])
    page.table.setCurrentIndex(page.rows.index(1, 0))
    with qtbot.waitSignal(page.rows.dataChanged), qtbot.assertNotEmitted(page.rows.modelReset):
        page.show_requests([ONE, replace(running, received_bytes=5_000_000)])
    assert page.rows.index(0, BYTES).data() == "5 MB"
    assert page.table.currentIndex().row() == 1


def test_other_requests_take_the_place_of_the_old_ones(page: RequestsPage) -> None:
    page.show_requests(many(20))
    page.show_requests([ONE])
    assert page.rows.rowCount() == 1
    page.show_requests([replace(ONE, id="other")])
    assert page.rows.row_at(0).id == "other"
    page.show_requests([])
    assert page.nothing.isVisible()


def test_thousands_are_quick(page: RequestsPage) -> None:
    requests = many(20_000)
    began = time.monotonic()
    page.show_requests(requests)
    page.show_requests([*requests, replace(ONE, id="new")])
    page.table.scrollToBottom()
    ui_stage.settle()
    assert time.monotonic() - began < 3
    assert page.rows.rowCount() == 20_001


def test_the_keyboard_walks_and_leaves(qtbot: QtBot, page: RequestsPage) -> None:
    page.show_requests(many(5))
    page.setFocus()
    assert page.table.hasFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    assert page.table.currentIndex().row() in (1, 2)
    with qtbot.waitSignal(page.back_requested):
        qtbot.keyClick(page.table, Qt.Key.Key_Escape)
    with qtbot.waitSignal(page.clear_requested):
        page.clear.click()


@pytest.mark.parametrize(
    ("room", "columns"),
    [
        (956, {TIME, HOST, PURPOSE, BYTES, END}),
        (640, {TIME, HOST, PURPOSE, END}),
        (500, {TIME, HOST, END}),
        (418, {TIME, HOST, END}),
    ],
)
def test_in_a_narrow_window_the_least_telling_go(room: int, columns: set[int]) -> None:
    widths = column_widths(room)
    assert set(widths) == columns
    assert sum(widths.values()) == room


@pytest.mark.parametrize(
    ("status", "ending", "words"),
    [
        (200, Ending.COMPLETE, "Complete"),
        (302, Ending.COMPLETE, "Sent on"),
        (404, Ending.COMPLETE, "Declined (404)"),
        (0, Ending.BROKEN, "No answer"),
        (206, Ending.BROKEN, "Connection broke"),
        (200, Ending.STOPPED, "Stopped here"),
        (302, Ending.REFUSED, "Not followed"),
        (0, Ending.UNKNOWN, "Not noted"),
        (0, Ending.UNDER_WAY, "Under way"),
    ],
)
def test_how_a_request_ended(status: int, ending: Ending, words: str) -> None:
    assert ending_words(replace(ONE, status=status, ending=ending)) == words


def test_every_purpose_has_words() -> None:
    assert len({purpose_words(purpose) for purpose in Purpose}) == len(Purpose)


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (999_499, "999 kB"), (999_500, "1 MB"),
     (18_600_000_000, "18.6 GB")],
)  # fmt: skip
def test_amounts(count: int, words: str) -> None:
    assert amount_words(count) == words


# --- with services behind it ---------------------------------------------------------------


class Stage:
    """The page in a window over real services."""

    def __init__(self, services: Services, application: QApplication) -> None:
        theme = ui_stage.dress(application)
        self.log = services.models.network.requests
        self.window = MainWindow(theme, Sidebar(theme))
        self.page = RequestsPage(theme)
        for name in ("chat", "settings", "computer"):
            self.window.add_page(name, RequestsPage(theme))
        self.window.add_page("requests", self.page)
        self.controller = RequestsController(services, self.window, self.page, self.window)
        ui_stage.show(self.window, (1280, 800))

    def ask(self, path: str) -> None:
        self.log.begin(Purpose.SEARCH, "GET", "hub.example", path).end(Ending.COMPLETE)


@pytest.fixture
def opened(tmp_path: Path, qapp: QApplication) -> Iterator[Stage]:
    wishes = HubWishes(environment={})
    services = open_services(DataPaths(tmp_path / "data"), CallbackQueue().post, hub=wishes)
    stage = Stage(services, qapp)
    yield stage
    services.close()
    ui_stage.strike(stage.window)


def test_it_opens_with_what_was_asked_and_follows(qtbot: QtBot, opened: Stage) -> None:
    opened.ask("/a")
    opened.controller.open()
    assert opened.window.current_page == "requests"
    assert opened.window.sidebar._requests.isChecked()
    assert opened.page.rows.rowCount() == 1
    opened.ask("/b")
    qtbot.waitUntil(lambda: opened.page.rows.rowCount() == 2, timeout=10_000)
    assert opened.page.rows.row_at(0).path == "/b"


def test_nobody_looks_while_the_page_is_not_shown(qtbot: QtBot, opened: Stage) -> None:
    opened.controller.open()
    opened.window.show_page("computer")
    qtbot.waitUntil(lambda: not opened.controller._look.isActive(), timeout=10_000)


def test_clearing(opened: Stage) -> None:
    opened.ask("/a")
    opened.controller.open()
    opened.page.clear.click()
    assert opened.page.nothing.isVisible()
    assert opened.log.history() == ()
    assert opened.window.toast.isVisible()


def test_a_list_that_cannot_be_cleared_is_said(opened: Stage, tmp_path: Path) -> None:
    opened.ask("/a")
    opened.controller.open()
    file = tmp_path / "data" / "logs" / "requests.jsonl"
    file.unlink()
    (file / "x").mkdir(parents=True)
    opened.page.clear.click()
    assert "could not be removed" in opened.window.banner.text


def test_back_leads_to_where_it_was_asked_for(opened: Stage) -> None:
    for before, after in (("settings", "settings"), ("computer", "chat"), ("chat", "chat")):
        opened.window.show_page(before)
        opened.controller.open()
        opened.controller.open()
        opened.page.back_requested.emit()
        assert opened.window.current_page == after


def test_the_hard_profile_fills_the_page(page: RequestsPage) -> None:
    page.show_requests(hard_profile.requests())
    shown = {str(page.rows.index(row, END).data()) for row in range(page.rows.rowCount())}
    assert len(shown) >= 8
