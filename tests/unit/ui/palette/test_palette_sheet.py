"""The palette by keyboard alone, and that nothing moves under a hand."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout
from pytestqt.qtbot import QtBot

from tests.helpers import ui_checks, ui_stage
from ui.palette.entries import Entry, Kind, Section
from ui.palette.palette_sheet import PaletteSheet
from ui.widgets.fields import LineField
from ui.widgets.surface import Surface

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen: Herkunft und Länge, " * 2
CHATS = Section(
    "Chats",
    (Entry(Kind.CHAT, "c1", "Trip to Lisbon", ((8, 14),)), Entry(Kind.CHAT, "c2", LONG)),
)
COMMANDS = Section(
    "Commands", (Entry(Kind.COMMAND, "new", "New chat", keys="Ctrl+N"),
                 Entry(Kind.COMMAND, "dark", "Theme: dark"))
)  # fmt: skip
MODELS = Section("Models", (Entry(Kind.MODEL, "m", "gpt-oss-20b", detail="MXFP4"),))
MESSAGES = Section(
    "Messages",
    tuple(
        Entry(Kind.MESSAGE, f"x{n}", "𝛀 the tram in Lisbon " + LONG, ((14, 20),), LONG)
        for n in range(20)
    ),
)


class Stage:
    def __init__(self, application: QApplication, *, dark: bool = False, zoom: float = 1.0,
                 size: tuple[int, int] = (1280, 800)) -> None:  # fmt: skip
        theme = ui_stage.dress(application, dark=dark, zoom=zoom)
        self.window = Surface("page")
        self.field = LineField(theme, "Behind")
        QVBoxLayout(self.window).addWidget(self.field)
        self.sheet = PaletteSheet(theme, self.window)
        ui_stage.show(self.window, size)
        self.window.activateWindow()
        self.field.setFocus()
        self.chosen: list[Entry] = []
        self.sheet.chosen.connect(self.chosen.append)

    def open(self, *sections: Section) -> None:
        self.sheet.show_sections(sections)
        self.sheet.open_sheet()
        ui_stage.settle()

    def press(self, *keys: Qt.Key) -> None:
        for key in keys:
            QTest.keyClick(self.sheet.field, key)

    @property
    def at(self) -> str:
        return self.sheet.current.id if self.sheet.current else ""


@pytest.fixture
def stage(qapp: QApplication) -> Iterator[Stage]:
    made = Stage(qapp)
    yield made
    ui_stage.strike(made.window)


def test_arrows_go_over_headings_and_round_the_ends(stage: Stage) -> None:
    stage.open(CHATS, COMMANDS)
    assert stage.at == "c1"
    seen = []
    for _ in range(4):
        stage.press(Qt.Key.Key_Down)
        seen.append(stage.at)
    assert seen == ["c2", "new", "dark", "c1"]
    stage.press(Qt.Key.Key_Up)
    assert stage.at == "dark"


def test_pages_stop_at_the_ends(stage: Stage) -> None:
    stage.open(CHATS, MESSAGES)
    stage.press(Qt.Key.Key_PageDown)
    assert stage.at == "x4"
    stage.press(*[Qt.Key.Key_PageDown] * 9)
    assert stage.at == "x19"
    stage.press(*[Qt.Key.Key_PageUp] * 9)
    assert stage.at == "c1"


def test_enter_closes_then_chooses(stage: Stage) -> None:
    stage.open(CHATS, COMMANDS)
    visible = []
    stage.sheet.chosen.connect(lambda _entry: visible.append(stage.sheet.isVisible()))
    stage.press(Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert [each.id for each in stage.chosen] == ["c2"]
    assert visible == [False]
    assert QApplication.focusWidget() is stage.field


def test_enter_on_nothing_does_nothing(stage: Stage) -> None:
    stage.open()
    stage.sheet.show_sections([], nothing="Nothing has it.")
    stage.press(Qt.Key.Key_Return, Qt.Key.Key_Down)
    assert stage.chosen == []
    assert stage.sheet.isVisible()
    assert stage.sheet.nothing.isVisible()


def test_escape_closes_at_once_and_gives_the_keyboard_back(stage: Stage) -> None:
    stage.open(CHATS)
    QTest.keyClicks(stage.sheet.field, "lis")
    stage.press(Qt.Key.Key_Escape)
    assert not stage.sheet.isVisible()
    assert QApplication.focusWidget() is stage.field
    stage.open(CHATS)
    assert stage.sheet.field.text() == ""


def test_what_comes_later_moves_nothing(stage: Stage, qtbot: QtBot) -> None:
    stage.open(CHATS, COMMANDS)
    stage.press(Qt.Key.Key_Down, Qt.Key.Key_Down)
    place = stage.sheet.list.visualRect(stage.sheet.list.currentIndex())
    with qtbot.assertNotEmitted(stage.sheet.rows.modelReset, wait=0):
        stage.sheet.show_sections([CHATS, COMMANDS, MESSAGES])
    assert stage.at == "new"
    assert stage.sheet.list.visualRect(stage.sheet.list.currentIndex()) == place
    assert len(stage.sheet.rows.entries) == 24
    stage.sheet.show_sections([COMMANDS])
    assert stage.at == "new", "another search begins at its first"


def test_a_click_chooses_and_a_heading_does_not(stage: Stage) -> None:
    stage.open(CHATS, COMMANDS)
    view, rows = stage.sheet.list, stage.sheet.rows
    for number in (0, 1):
        at = view.visualRect(rows.index(number)).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert [each.id for each in stage.chosen] == ["c1"]


def test_what_a_screen_reader_says(stage: Stage) -> None:
    stage.open(COMMANDS, MODELS)
    assert stage.sheet.field.accessibleDescription() == "New chat, Command, Ctrl+N"
    index = stage.sheet.rows.index(4)
    said = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "gpt-oss-20b, MXFP4, Model"


@pytest.mark.parametrize(("dark", "size", "zoom"), ui_stage.APPEARANCES)
def test_the_look(qapp: QApplication, dark: bool, size: tuple[int, int], zoom: float) -> None:
    stage = Stage(qapp, dark=dark, size=size, zoom=zoom)
    stage.open(CHATS, MODELS, COMMANDS, MESSAGES)
    assert ui_checks.all_problems(stage.window, zoom) == []
    stage.sheet.show_sections([], nothing="Nothing has “x” in it; fewer words find more.")
    ui_stage.settle()
    assert ui_checks.all_problems(stage.window, zoom) == []
    ui_stage.strike(stage.window)
