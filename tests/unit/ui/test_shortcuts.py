"""Shortcuts say what they do, and the list of them is read from the window."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.helpers import ui_checks, ui_stage
from ui.main_window import MainWindow
from ui.shortcuts.named import Place, add_shortcut, shortcuts_of
from ui.shortcuts.shortcuts_sheet import ShortcutsSheet
from ui.sidebar.sidebar import Sidebar
from ui.widgets.surface import Surface


class Stage:
    def __init__(self, application: QApplication, *, dark: bool = False, zoom: float = 1.0,
                 size: tuple[int, int] = (1280, 800)) -> None:  # fmt: skip
        self.theme = ui_stage.dress(application, dark=dark, zoom=zoom)
        self.window = MainWindow(self.theme, Sidebar(self.theme))
        self.window.add_page("chat", Surface("page"))
        self.sheet = ShortcutsSheet(self.theme, self.window, self.window.ground)
        ui_stage.show(self.window, size)
        self.window.activateWindow()


@pytest.fixture
def stage(qapp: QApplication) -> Iterator[Stage]:
    made = Stage(qapp)
    yield made
    ui_stage.strike(made.window)


def test_the_list_is_what_is_in_the_window_now(stage: Stage) -> None:
    stage.sheet.open_sheet()
    before = dict(stage.sheet.lines)
    assert before["Search everything"] == "Ctrl+K"
    assert before["Keyboard shortcuts"] == "Ctrl+/ or F1"
    stage.sheet.close_sheet()
    pressed = []
    made = add_shortcut(stage.window, ("Ctrl+J",), "Jump", lambda: pressed.append(1), Place.CHAT)
    stage.sheet.open_sheet()
    assert dict(stage.sheet.lines) == {**before, "Jump": "Ctrl+J"}
    QTest.keyClick(stage.window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert pressed == [1]
    stage.sheet.close_sheet()
    made.setParent(None)
    stage.sheet.open_sheet()
    assert dict(stage.sheet.lines) == before


def test_by_place_and_each_once(stage: Stage) -> None:
    for _ in range(2):  # as in two lists
        add_shortcut(stage.window.ground, ("Ctrl+J",), "Jump", int, Place.CHAT,
                     Qt.ShortcutContext.WidgetShortcut)  # fmt: skip
    found = shortcuts_of(stage.window)
    assert [each.words for each in found].count("Jump") == 1
    places = [list(Place).index(each.place) for each in found]
    assert places == sorted(places)


def test_keys_scroll_and_escape_closes(stage: Stage) -> None:
    stage.window.resize(900, 600)
    stage.window.sidebar.setFocus()
    stage.sheet.open_sheet()
    ui_stage.settle()
    bar, add = stage.sheet._area.verticalScrollBar(), QApplication.focusWidget()
    assert add is not None
    for _ in range(20):
        add_shortcut(stage.window.ground, ("Ctrl+J",), f"Jump {_}", int, Place.CHAT)
    stage.sheet.open_sheet()
    ui_stage.settle()
    assert bar.maximum() > 0
    QTest.keyClick(add, Qt.Key.Key_Down)
    QTest.keyClick(add, Qt.Key.Key_PageDown)
    assert bar.value() > 28
    QTest.keyClick(add, Qt.Key.Key_Escape)
    assert not stage.sheet.isVisible()


@pytest.mark.parametrize(("dark", "size", "zoom"), ui_stage.APPEARANCES)
def test_the_look_of_the_list(
    qapp: QApplication, dark: bool, size: tuple[int, int], zoom: float
) -> None:
    stage = Stage(qapp, dark=dark, size=size, zoom=zoom)
    stage.sheet.open_sheet()
    ui_stage.settle()
    assert ui_checks.all_problems(stage.window, zoom) == []
    ui_stage.strike(stage.window)
