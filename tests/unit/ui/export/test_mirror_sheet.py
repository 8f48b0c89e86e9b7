"""The sheet about Markdown copies: what it says, its verbs, and how it looks."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.helpers import ui_checks, ui_stage
from ui.export.mirror_sheet import MirrorSheet
from ui.export.mirror_view import MirrorRow, MirrorsView
from ui.theme.theme import Theme

ROWS = (
    MirrorRow("a", "All chats", "/home/somebody/Notes/Moestro", "60 files, up to date"),
    MirrorRow("b", "Kitchen", "/media/stick/Kitchen", "The folder is not there.", is_bad=True),
)


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def made(window: QWidget, theme: Theme, size: tuple[int, int] = (1280, 800)) -> MirrorSheet:
    sheet = MirrorSheet(theme, window)
    ui_stage.show(window, size)
    window.activateWindow()
    return sheet


@pytest.fixture
def sheet(window: QWidget, qapp: QApplication) -> MirrorSheet:
    return made(window, ui_stage.dress(qapp))


def test_it_says_that_it_goes_one_way(sheet: MirrorSheet) -> None:
    sheet.begin(MirrorsView())
    assert "is not read back" in sheet.note.text()


def test_enter_begins_a_copy(qtbot: QtBot, sheet: MirrorSheet) -> None:
    sheet.begin(MirrorsView((), "Copy all chats to…"))
    focused = QApplication.focusWidget()
    assert focused is sheet.begin_button
    with qtbot.waitSignal(sheet.begin_requested):
        QTest.keyClick(focused, Qt.Key.Key_Return)


def test_a_copy_is_opened_and_stopped(qtbot: QtBot, sheet: MirrorSheet) -> None:
    sheet.begin(MirrorsView(ROWS))
    assert sheet.begin_button.isHidden()
    assert QApplication.focusWidget() is sheet.done
    with qtbot.waitSignal(sheet.open_requested) as opened:
        sheet.rows[1].open.click()
    assert opened.args == ["b"]
    sheet.rows[0].stop.setFocus()
    with qtbot.waitSignal(sheet.stop_requested) as stopped:
        QTest.keyClick(sheet.rows[0].stop, Qt.Key.Key_Return)
    assert stopped.args == ["a"]
    sheet.show_view(MirrorsView(ROWS[1:], "Copy all chats to…"))
    assert QApplication.focusWidget() is sheet.done, "the row that had the keyboard is gone"
    assert len(sheet.rows) == 1


def test_a_row_that_changes_keeps_the_keyboard(sheet: MirrorSheet) -> None:
    sheet.begin(MirrorsView(ROWS))
    before = list(sheet.rows)
    before[0].stop.setFocus()
    busy = replace(ROWS[0], state="Being written")
    mended = replace(ROWS[1], name="Cellar", state="3 files, up to date", is_bad=False)
    sheet.show_view(MirrorsView((busy, mended)))
    assert sheet.rows == before, "the rows are the same ones"
    assert QApplication.focusWidget() is before[0].stop
    assert before[0]._state.text() == "Being written"
    assert before[1]._name.text() == "Cellar"
    assert before[1].stop.accessibleName() == "Stop copying Cellar"
    assert before[1]._state.property("ink") == "muted"


@pytest.mark.parametrize(("dark", "size", "zoom"), ui_stage.APPEARANCES)
def test_it_looks_right(
    window: QWidget, qapp: QApplication, dark: bool, size: tuple[int, int], zoom: float
) -> None:
    theme = ui_stage.dress(qapp, dark=dark, zoom=zoom)
    sheet = made(window, theme, (round(size[0] * zoom), round(size[1] * zoom)))
    for view in (
        MirrorsView((), "Copy “Rechtsschutzversicherungsgesellschaften” to…"),
        MirrorsView(ROWS, "Copy all chats to…"),
        MirrorsView(ROWS * 4),
    ):
        sheet.begin(view)
        ui_stage.settle()
        assert ui_checks.all_problems(window, zoom) == []
    sheet.tell("A Markdown copy is kept in /home/somebody/Notes already; choose another folder.")
    ui_stage.settle()
    assert ui_checks.all_problems(window, zoom) == []
