"""The pages of models together: tabs, search, going back, and every check in every appearance."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from tests.helpers import models_samples, ui_checks, ui_stage
from ui.main_window import MainWindow
from ui.models.page import ModelsPage
from ui.models.view import DownloadsView, LibraryView
from ui.sidebar.sidebar import Sidebar

TROUBLE = "huggingface.co did not answer in time; check the connection and try again."
LIBRARY, DISCOVER = models_samples.library(), models_samples.discover()
MODEL, DOWNLOADS = models_samples.model(), models_samples.downloads()
FEW = DownloadsView(rows=DOWNLOADS.rows[6:12])


def fill(page: ModelsPage, downloads: DownloadsView = FEW) -> None:
    page.library.show_library(LIBRARY)
    page.discover.show_discover(DISCOVER)
    page.show_downloads(downloads)


def usual(page: ModelsPage) -> dict[str, Callable[[], None]]:
    """What is seen every day."""
    return {
        "library": lambda: page.show_tab("library"),
        "drawer": lambda: page.library.open_drawer("model-0"),
        "discover": lambda: page.show_tab("discover"),
        "model": lambda: page.show_model(replace(MODEL, is_gated=True)),
        "downloads": lambda: page.show_tab("downloads"),
    }


def rare(page: ModelsPage) -> dict[str, Callable[[], None]]:
    """What is seen rarely."""
    empty = replace(DISCOVER, results=(), has_more=False)
    return {
        "drawer of another program's": lambda: page.library.open_drawer("model-8"),
        "drawer of a damaged one": lambda: page.library.open_drawer("model-6"),
        "drawer of an absent one": lambda: page.library.open_drawer("model-4"),
        "nothing like it": lambda: page.header.search.setText("zzz"),
        "empty library": lambda: (
            page.set_search(""), page.library.show_library(LibraryView(rows=(), now_ms=0)),
        )[-1],
        "offline": lambda: (
            page.show_tab("discover"),
            page.discover.show_discover(replace(DISCOVER, is_offline=True)),
        )[-1],
        "nothing found": lambda: page.discover.show_discover(replace(empty, words="x")),
        "searching": lambda: page.discover.show_discover(replace(empty, state="searching")),
        "trouble": lambda: page.discover.show_discover(
            replace(empty, state="trouble", trouble=TROUBLE)
        ),
        "first moment": lambda: page.show_model(models_samples.unread_model()),
        "estimates": lambda: page.show_model(models_samples.model(exact=False)),
        "folded": lambda: page.model.table.fold.click(),
        "no files": lambda: page.show_model(replace(MODEL, rows=(), recommended="", card="")),
        "gone": lambda: page.show_model(
            replace(MODEL, rows=(), recommended="", trouble=TROUBLE, card=None)
        ),
        "no downloads": lambda: (
            page.show_tab("downloads"), page.show_downloads(DownloadsView()),
        )[-1],
    }  # fmt: skip


def problems(window: MainWindow, page: ModelsPage, zoom: float) -> list[str]:
    """Of what is seen, from top to end; the card is a message like those of a chat."""
    found = []
    areas = (page.discover.area, page.model.area, page.downloads.area)
    bar = next((each.verticalScrollBar() for each in areas if each.isVisible()), None)
    places = (0, bar.maximum()) if bar is not None and bar.maximum() else (0,)
    for place in places:
        if bar is not None:
            bar.setValue(place)
        ui_stage.settle()
        found += ui_checks.all_problems(window, zoom, exempt=[page.model.card])
    return found


@pytest.mark.parametrize(
    ("dark", "size", "zoom"),
    ui_stage.APPEARANCES,
    ids=[f"{'dark' if d else 'light'}-{s[0]}-{z:.0%}" for d, s, z in ui_stage.APPEARANCES],
)
def test_every_tab_in_every_appearance(
    qapp: QApplication, dark: bool, size: tuple[int, int], zoom: float
) -> None:
    theme = ui_stage.dress(qapp, dark=dark, zoom=zoom)
    window, page = MainWindow(theme, Sidebar(theme)), ModelsPage(theme)
    window.add_page("models", page)
    fill(page)
    ui_stage.show(window, size)
    states = usual(page)
    if (dark, size, zoom) == (False, (900, 600), 1.0):
        # Where there is little room words are cut first.
        page.show_downloads(DOWNLOADS)
        states |= rare(page)
    found = []
    for name, show in states.items():
        show()
        ui_stage.settle()
        found += [f"{name}: {each}" for each in problems(window, page, zoom)]
    ui_stage.strike(window)
    assert found == []


def test_the_window_gives_the_keyboard_to_the_table(qtbot: QtBot, qapp: QApplication) -> None:
    theme = ui_stage.dress(qapp)
    window, made = MainWindow(theme, Sidebar(theme)), ModelsPage(theme)
    qtbot.addWidget(window)
    window.add_page("models", made)
    fill(made)
    ui_stage.show(window, (1280, 800))
    window.show_page("models")
    assert made.library.table.hasFocus()
    assert made.library.table.current_key == "model-0"


# --- tabs, search, going back ------------------------------------------------------------------


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> ModelsPage:
    made = ModelsPage(ui_stage.dress(qapp))
    qtbot.addWidget(made)
    fill(made)
    ui_stage.show(made, (1016, 800))
    return made


def test_a_segment_shows_its_tab_and_says_so(qtbot: QtBot, page: ModelsPage) -> None:
    for number, name in enumerate(("library", "discover", "downloads")):
        if name != page.tab:
            with qtbot.waitSignal(page.tab_changed) as told:
                page.header._segments[number].click()
            assert told.args == [name]
        shown = [part.isVisible() for part in (page.library, page.discover, page.downloads)]
        assert shown == [n == number for n in range(3)]
    with qtbot.assertNotEmitted(page.tab_changed, wait=0):
        page.show_tab("library")


def test_control_and_a_number_show_a_tab(qtbot: QtBot, page: ModelsPage) -> None:
    for key, name in ((Qt.Key.Key_2, "discover"), (Qt.Key.Key_3, "downloads"),
                      (Qt.Key.Key_1, "library")):  # fmt: skip
        qtbot.keyClick(page, key, Qt.KeyboardModifier.ControlModifier)
        assert page.tab == name
    qtbot.keyClick(page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.header.search.hasFocus()


def test_the_header_counts_what_is_not_done(page: ModelsPage) -> None:
    segment = page.header._segments[2]
    assert segment.text() == "Downloads 6"
    before = segment.geometry()
    page.show_downloads(DownloadsView())
    ui_stage.settle()
    assert (segment.text(), segment.geometry()) == ("Downloads", before)


def test_the_model_s_page_lies_over_discover(qtbot: QtBot, page: ModelsPage) -> None:
    page.show_model(MODEL)
    assert page.is_model_shown
    assert page.model.isVisible()
    assert not page.discover.isVisible()
    page.show_tab("library")
    assert not page.model.isVisible()
    page.show_tab("discover")
    assert page.model.isVisible(), "each tab keeps what it shows"
    with qtbot.waitSignal(page.model_left):
        page.model.head.back.click()
    assert page.discover.isVisible()
    page.show_model(MODEL)
    page.header._segments[1].click()
    assert not page.is_model_shown, "the segment that is pressed again leads back, too"
    assert page.header.tabs.value == "discover"


def test_esc_closes_what_is_open_and_then_leaves(qtbot: QtBot, page: ModelsPage) -> None:
    page.show_model(MODEL)
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert not page.is_model_shown
    page.show_tab("library")
    page.library.open_drawer("model-0")
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert not page.library.is_drawer_open
    page.focus_search()
    qtbot.keyClicks(page.header.search, "q")
    with qtbot.assertNotEmitted(page.back_requested, wait=0):
        qtbot.keyClick(page.header.search, Qt.Key.Key_Escape)
    assert page.search_text == ""
    with qtbot.waitSignal(page.back_requested):
        qtbot.keyClick(page.header.search, Qt.Key.Key_Escape)


def test_searching_tells_and_filters_the_library(qtbot: QtBot, page: ModelsPage) -> None:
    page.focus_search()
    with qtbot.waitSignal(page.search_changed) as told:
        qtbot.keyClicks(page.header.search, "g")
    assert told.args == ["g"]
    qtbot.keyClicks(page.header.search, "lm")
    assert page.library.rows.rowCount() == 1
    with qtbot.waitSignal(page.search_submitted) as sent:
        qtbot.keyClick(page.header.search, Qt.Key.Key_Return)
    assert sent.args == ["glm"]
    qtbot.keyClick(page.header.search, Qt.Key.Key_Down)
    assert page.library.table.hasFocus()
    assert page.library.table.current_key == "model-4"
    with qtbot.assertNotEmitted(page.search_changed, wait=0):
        page.set_search("")
    assert page.library.rows.rowCount() == 14


def test_searching_elsewhere_leads_to_the_results(qtbot: QtBot, page: ModelsPage) -> None:
    page.show_tab("downloads")
    page.header.search.setText("ollama run hf.co/unsloth/Qwen3-4B-GGUF:Q4_K_M")
    assert page.tab == "discover"
    page.show_model(MODEL)
    with qtbot.waitSignal(page.model_left):
        page.header.search.setText("qwen")
    assert not page.is_model_shown


def test_progress_leads_to_the_downloads(page: ModelsPage) -> None:
    page.show_tab("discover")
    page.discover.shelf.cards[2].fetch.click()
    assert page.tab == "downloads"
    page.show_model(MODEL)
    page.model.table.rows[0].button.click()
    assert page.tab == "downloads"


def test_empty_tabs_lead_to_discover(page: ModelsPage) -> None:
    page.show_downloads(DownloadsView())
    page.show_tab("downloads")
    page.downloads.state.buttons[0].click()
    assert page.tab == "discover"
    page.show_tab("library")
    page.library.show_library(LibraryView(rows=(), now_ms=0))
    page.library.state.buttons[0].click()
    assert page.tab == "discover"


def test_the_keyboard_reaches_every_control_of_each_tab(qtbot: QtBot, page: ModelsPage) -> None:
    page.library.open_drawer("model-0")
    ui_stage.settle()
    for tab in ("library", "discover"):
        page.show_tab(tab)
        ui_stage.settle()
        wanted = {
            each for each in ui_checks.controls(page)
            if each.isEnabled() and each.focusPolicy() != Qt.FocusPolicy.NoFocus
        }  # fmt: skip
        page.header.search.setFocus()
        reached = set()
        for _ in range(60):
            focused = QApplication.focusWidget()
            assert focused is not None
            reached.add(focused)
            qtbot.keyClick(focused, Qt.Key.Key_Tab)
        # Of alternatives one is a stop, and arrow keys go on from there.
        groups = [each.group() for each in reached if isinstance(each, QAbstractButton)]
        missing = [
            each.accessibleName() or each.text()
            for each in wanted - reached
            if not isinstance(each, QAbstractButton)
            or each.group() is None
            or each.group() not in groups
        ]
        assert missing == [], tab


def test_arrow_keys_go_through_the_chips(qtbot: QtBot, page: ModelsPage) -> None:
    chips = page.library.toolbar.chips
    chips["all"].setFocus()
    qtbot.keyClick(chips["all"], Qt.Key.Key_Right)
    assert chips["moe"].hasFocus()
    assert chips["moe"].isChecked()
    assert page.library.rows.rowCount() < 14


@pytest.mark.parametrize("zoom", [1.0, 1.5, 2.0])
def test_zooming_lays_everything_out_again(page: ModelsPage, zoom: float) -> None:
    page._theme.set_zoom(zoom)
    ui_stage.settle()
    page.show_tab("discover")
    ui_stage.settle()
    assert page.discover.list.height() == 12 * round(60 * zoom)
    assert page.discover.shelf.width() <= page.width() - 2 * round(16 * zoom)
