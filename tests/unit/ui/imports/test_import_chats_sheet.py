"""The import sheet: from where, how far, what would come, and what came."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.helpers import ui_checks, ui_stage
from ui.imports.sheet import ImportChatsSheet
from ui.imports.view import ChatRow, ImportView, SourceRow, Standing, Step, TroubleRow
from ui.theme.theme import Theme

SOURCES = ImportView(
    step=Step.SOURCES,
    title="Import chats",
    sources=(
        SourceRow("0", "LM Studio", "128 chats, latest: 12 March", "/home/somebody/.lmstudio"),
        SourceRow("1", "Jan", "1 chat, latest: Today", "/home/somebody/jan/threads/" + "x" * 120),
    ),
)
READING = ImportView(
    step=Step.READING, title="Reading conversations.json", progress="3,412 chats so far"
)
CHATS = tuple(
    ChatRow(
        str(n), "Rechtsschutzversicherungsgesellschaften im deutschsprachigen Raum " * 2,
        "12 March · 14 messages", list(Standing)[n % 4],
        "4 new messages" if n % 4 == 1 else "",
    )
    for n in range(40)
)  # fmt: skip
CHOOSING = ImportView(
    step=Step.CHOOSING, title="Found 40 chats", note="10 new",
    rows=(*CHATS, TroubleRow("chat 41", "It is no proper JSON, or it was cut off.")),
)  # fmt: skip
TAKING = ImportView(step=Step.TAKING, title="Importing 20 chats", share=0.4, progress="8 of 20")
RESULT = ImportView(
    step=Step.RESULT, title="20 chats imported", note="412 messages", rows=CHOOSING.rows[-1:],
    has_new=True,
)  # fmt: skip


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def made(window: QWidget, theme: Theme, size: tuple[int, int] = (1280, 800)) -> ImportChatsSheet:
    sheet = ImportChatsSheet(theme, window)
    ui_stage.show(window, size)
    window.activateWindow()
    sheet.show_view(SOURCES)
    sheet.open_sheet()
    sheet.take_focus()
    ui_stage.settle()
    return sheet


@pytest.fixture
def sheet(window: QWidget, qapp: QApplication) -> ImportChatsSheet:
    return made(window, ui_stage.dress(qapp))


def press(key: Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key)


def test_a_place_is_chosen_by_the_keyboard(qtbot: QtBot, sheet: ImportChatsSheet) -> None:
    press(Qt.Key.Key_Tab)
    with qtbot.waitSignal(sheet.source_chosen) as chosen:
        press(Qt.Key.Key_Return)
    assert chosen.args == ["1"]
    press(Qt.Key.Key_Tab)
    with qtbot.waitSignal(sheet.file_requested):
        press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Tab)
    with qtbot.waitSignal(sheet.folder_requested):
        press(Qt.Key.Key_Return)


def test_nothing_found_still_offers_a_file(sheet: ImportChatsSheet) -> None:
    sheet.show_view(replace(SOURCES, sources=(), is_looking=True))
    assert sheet.sources._found.text() == "Looking for chats on this computer"
    sheet.show_view(replace(SOURCES, sources=()))
    assert sheet.sources._found.text() == "No chats of another program were found here"
    sheet.take_focus()
    assert QApplication.focusWidget() is sheet.sources.file


def test_reading_can_be_cancelled(qtbot: QtBot, sheet: ImportChatsSheet) -> None:
    sheet.show_view(READING)
    assert sheet.progress.bar.isHidden(), "nobody knows how far it is"
    assert QApplication.focusWidget() is sheet.cancel
    with qtbot.waitSignal(sheet.cancel_requested):
        press(Qt.Key.Key_Return)


def test_enter_imports_all_that_is_new(qtbot: QtBot, sheet: ImportChatsSheet) -> None:
    sheet.show_view(CHOOSING)
    assert sheet.accept.text() == "Import 20 chats"
    with qtbot.waitSignal(sheet.accepted) as accepted:
        press(Qt.Key.Key_Return)
    assert len(accepted.args[0]) == 20


def test_chats_are_left_out_by_space_and_by_words(sheet: ImportChatsSheet) -> None:
    sheet.show_view(CHOOSING)
    sheet.list.setFocus()
    sheet.list.setCurrentIndex(sheet.rows.index(1))
    press(Qt.Key.Key_Space)
    assert sheet.accept.text() == "Import 19 chats"
    sheet.all.click()
    assert not sheet.accept.isEnabled()
    sheet.all.click()
    assert sheet.accept.text() == "Import 20 chats"


def test_what_was_left_out_stays_so_when_taking_over_did_not_work(
    sheet: ImportChatsSheet,
) -> None:
    sheet.show_view(CHOOSING)
    sheet.rows.toggle(sheet.rows.index(1))
    sheet.show_view(TAKING)
    sheet.show_view(replace(CHOOSING, note="The disk is full."))
    assert sheet.accept.text() == "Import 19 chats"


def test_a_result_leads_to_the_chats_and_back(qtbot: QtBot, sheet: ImportChatsSheet) -> None:
    sheet.show_view(RESULT)
    assert sheet.rows.rowCount() == 2, "what could not be read stays told"
    with qtbot.waitSignal(sheet.show_requested):
        press(Qt.Key.Key_Return)
    with qtbot.waitSignal(sheet.undo_requested):
        sheet.undo.click()
    sheet.show_view(replace(RESULT, has_new=False))
    assert sheet.undo.isHidden()
    with qtbot.waitSignal(sheet.closed):
        press(Qt.Key.Key_Return)


@pytest.mark.parametrize(("dark", "size", "zoom"), ui_stage.APPEARANCES)
def test_it_looks_right(
    window: QWidget, qapp: QApplication, dark: bool, size: tuple[int, int], zoom: float
) -> None:
    theme = ui_stage.dress(qapp, dark=dark, zoom=zoom)
    sheet = made(window, theme, (round(size[0] * zoom), round(size[1] * zoom)))
    looking = replace(SOURCES, note="conversations.json holds no chats; choose another file.")
    for view in (SOURCES, looking, READING, CHOOSING, TAKING, RESULT):
        sheet.show_view(view)
        ui_stage.settle()
        assert ui_checks.all_problems(window, zoom) == [], view.step
