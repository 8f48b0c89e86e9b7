"""The search page without a history: typing, walking, opening, filtering, and how it looks."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.history.entities import Role
from app.history.found import Snippet
from tests.helpers import ui_checks, ui_stage
from ui.search import message_mark, result_row
from ui.search.message_mark import MessageMark
from ui.search.page import SearchPage
from ui.search.view import Period, ResultRow, Wishes
from ui.theme.theme import Theme

LONG = "A sentence about 混合专家模型 and 😀 that goes on and on for two lines at least. " * 3


def rows(count: int = 12) -> list[ResultRow]:
    found = []
    for number in range(count):
        title = Snippet(f"Chat {number} with a title", ((0, 4),) if number else ())
        found.append(ResultRow(f"c{number}", None, title, "2 March", note="Kitchen · 9 places"))
        for place in range(2):
            found.append(
                ResultRow(
                    f"c{number}", f"m{number}-{place}", Snippet(LONG, ((2, 10), (17, 23))),
                    "1 March", label=("You", "a-report-with-a-long-name.pdf")[place],
                )
            )  # fmt: skip
    return found


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return ui_stage.dress(qapp)


@pytest.fixture
def page(qtbot: QtBot, theme: Theme) -> SearchPage:
    made = SearchPage(theme)
    qtbot.addWidget(made)
    made.filters.set_models([("k1", "Qwen3 30B A3B with a name that never ends Q4_K_M")])
    made.filters.set_folders([("f1", "Kitchen")])
    ui_stage.show(made, (1016, 800))
    made.activateWindow()
    made.begin()
    return made


def opened(page: SearchPage) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    page.opened.connect(lambda *ids: told.append(ids))
    return told


def test_typing_and_filters_tell_what_is_wanted(page: SearchPage) -> None:
    told: list[Wishes] = []
    page.wishes_changed.connect(told.append)
    QTest.keyClicks(page.field, "ab")
    page.filters.role.chosen.emit("user")
    page.filters.folder.chosen.emit("")
    page.filters.period.chosen.emit(Period.WEEK)
    page.filters.model.chosen.emit("k1")
    assert told[:2] == [Wishes("a"), Wishes("ab")]
    assert told[-1] == Wishes("ab", "k1", Period.WEEK, "", Role.USER)
    assert page.filters.clear_button.isVisible()
    page.filters.clear_button.click()
    assert told[-1] == Wishes("ab")
    assert not page.filters.clear_button.isVisible()


def test_a_filter_that_is_gone_narrows_nothing(page: SearchPage) -> None:
    page.filters.folder.setCurrentIndex(1)
    page.filters.folder.chosen.emit("f1")
    assert page.wishes.folder == "f1"
    page.filters.set_folders([])
    assert page.wishes.folder is None


def test_the_best_place_is_chosen_and_enter_opens_it(page: SearchPage) -> None:
    told = opened(page)
    page.show_rows(rows(), "12 chats")
    QTest.keyClick(page.field, Qt.Key.Key_Return)
    assert told == [("c0", "m0-0")]


def test_a_title_that_was_found_is_chosen_first(page: SearchPage) -> None:
    told = opened(page)
    page.show_rows(rows()[3:], "11 chats")
    QTest.keyClick(page.field, Qt.Key.Key_Return)
    assert told == [("c1", "")]


def test_the_arrows_walk_while_the_caret_stays(page: SearchPage) -> None:
    told = opened(page)
    page.show_rows(rows(), "12 chats")
    for _ in range(3):
        QTest.keyClick(page.field, Qt.Key.Key_Down)
    QTest.keyClick(page.field, Qt.Key.Key_Up)
    assert page.field.hasFocus()
    QTest.keyClick(page.field, Qt.Key.Key_Return)
    assert told == [("c1", "")]


def test_letters_typed_in_the_list_go_on_in_the_field(page: SearchPage) -> None:
    page.field.setText("wor")
    page.show_rows(rows(), "12 chats")
    page.list.setFocus()
    QTest.keyClicks(page.list, "d")
    assert page.field.text() == "word"
    assert page.field.hasFocus()


def test_a_click_opens_a_place(qtbot: QtBot, page: SearchPage) -> None:
    told = opened(page)
    page.show_rows(rows(), "12 chats")
    ui_stage.settle()
    place = page.list.visualRect(page.rows.index(2)).center()
    qtbot.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told == [("c0", "m0-1")]


def test_escape_empties_the_field_and_then_leaves(qtbot: QtBot, page: SearchPage) -> None:
    page.field.setText("x")
    with qtbot.assertNotEmitted(page.back_requested, wait=0):
        QTest.keyClick(page.field, Qt.Key.Key_Escape)
    with qtbot.waitSignal(page.back_requested):
        QTest.keyClick(page.field, Qt.Key.Key_Escape)


def test_escape_in_the_list_leaves(qtbot: QtBot, page: SearchPage) -> None:
    page.show_rows(rows(), "12 chats")
    page.list.setFocus()
    with qtbot.waitSignal(page.back_requested):
        QTest.keyClick(page.list, Qt.Key.Key_Escape)


def test_what_was_found_is_marked_beyond_the_first_plane(theme: Theme) -> None:
    """Qt counts in UTF-16; the places are in characters."""
    text = "😀😀 word 混合 tail"
    layout = result_row._laid_out(Snippet(text, ((3, 7), (8, 10))), theme.font(), 1000, 2, theme)
    units = text.encode("utf-16-le")
    spans = [(each.start, each.start + each.length) for each in layout.formats()]
    assert [units[2 * a : 2 * b].decode("utf-16-le") for a, b in spans] == ["word", "混合"]


@pytest.mark.parametrize("width", [60, 200, 333, 640])
def test_a_long_text_keeps_to_its_lines(theme: Theme, width: int) -> None:
    layout = result_row._laid_out(Snippet(LONG, ((2, 10),)), theme.font(), width, 2, theme)
    assert layout.lineCount() <= 2
    assert layout.text().endswith("…")
    assert layout.lineAt(1).naturalTextWidth() <= width


def test_a_short_place_takes_one_line(page: SearchPage) -> None:
    page.show_rows(
        [
            ResultRow("c", None, Snippet("Title"), "Today"),
            ResultRow("c", "m", Snippet("short"), "", label="You"),
            ResultRow("c", "n", Snippet(LONG), "", label="You"),
        ],
        "1 chat",
    )
    ui_stage.settle()
    heights = [page.list.visualRect(page.rows.index(row)).height() for row in range(3)]
    assert heights == [44, 32, 52]


@pytest.mark.parametrize(("dark", "size", "zoom"), ui_stage.APPEARANCES)
def test_every_state_in_every_appearance(
    qapp: QApplication, qtbot: QtBot, dark: bool, size: tuple[int, int], zoom: float
) -> None:
    made = SearchPage(ui_stage.dress(qapp, dark=dark, zoom=zoom))
    qtbot.addWidget(made)
    made.filters.set_models([("k1", "Qwen3 30B A3B with a name that never ends Q4_K_M")])
    made.filters.set_folders([("f1", "Kitchen")])
    ui_stage.show(made, size)
    states: Sequence[object] = (
        lambda: made.say("Find words in titles, messages, thinking and files."),
        lambda: made.show_rows(rows(), "The best 30 chats; more words find fewer"),
        lambda: made.say("Nothing.", [("Clear filters", "plain", lambda: None)]),
    )
    for state in states:
        assert callable(state)
        state()
        made.filters.period.chosen.emit(Period.WEEK)
        ui_stage.settle()
        assert ui_checks.all_problems(made, zoom) == []


def test_a_mark_covers_its_message_and_goes(
    qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_mark, "SHOWN_MS", 50)
    message = QWidget()
    qtbot.addWidget(message)
    ui_stage.show(message, (200, 80))
    mark = MessageMark(theme, message)
    message.resize(300, 120)
    ui_stage.settle()
    assert mark.geometry() == message.rect()
    assert message.childAt(QPoint(10, 10)) is None, "a click goes to the message"
    qtbot.waitUntil(lambda: not isValid(mark), timeout=5000)
