"""The window's frame: sidebar, drawer, pages, shortcuts, dropped files, remembered shape."""

from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.helpers import hard_profile, ui_stage
from ui.main_window import MainWindow
from ui.sidebar.sidebar import Sidebar
from ui.theme.theme import Theme
from ui.widgets.grip import Grip
from ui.widgets.surface import Surface


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return ui_stage.dress(qapp)


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> MainWindow:
    sidebar = Sidebar(theme)
    sidebar.set_chats(hard_profile.listed(), today=date(2026, 3, 18))
    made = MainWindow(theme, sidebar)
    qtbot.addWidget(made)
    for name in ("chat", "settings"):
        page = Surface("page")
        field = QLineEdit(page)
        page.setFocusProxy(field)
        made.add_page(name, page)
    ui_stage.show(made, (1280, 800))
    return made


def test_wide_window_has_a_sidebar_of_264(window: MainWindow) -> None:
    assert window.sidebar.geometry().getRect() == (0, 0, 264, 800)
    assert window._main.geometry().getRect() == (264, 0, 1016, 800)
    assert window.minimumWidth() <= 900


def test_ctrl_b_hides_the_sidebar_and_tells(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.sidebar_changed) as told:
        qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert told.args == [264, False]
    assert not window.sidebar.isVisible()
    assert window._main.x() == 0


@pytest.mark.parametrize(("x", "width"), [(300, 300), (100, 216), (900, 360), (301, 300)])
def test_dragging_stays_within_limits(qtbot: QtBot, window: MainWindow, x: int, width: int) -> None:
    grip = window.findChild(Grip)
    assert isinstance(grip, Grip)
    qtbot.mousePress(grip, Qt.MouseButton.LeftButton)
    grip.dragged.emit(x)
    with qtbot.waitSignal(window.sidebar_changed) as told:
        qtbot.mouseRelease(grip, Qt.MouseButton.LeftButton)
    assert told.args == [width, True]
    assert window.sidebar.width() == width


def test_below_1000_the_sidebar_is_a_drawer(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(900, 600)
    ui_stage.settle()
    assert not window.sidebar.isVisible()
    assert window._main.width() == 900
    with qtbot.assertNotEmitted(window.sidebar_changed, wait=0):
        window.toggle_sidebar()
    assert window.sidebar.isVisible()
    assert window._main.width() == 900
    qtbot.mouseClick(window._scrim, Qt.MouseButton.LeftButton, pos=QPoint(800, 300))
    assert not window.sidebar.isVisible()


def test_the_drawer_closes_when_a_chat_is_chosen_or_by_escape(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.resize(900, 600)
    window.toggle_sidebar()
    window.sidebar.chat_chosen.emit("hard-01")
    assert not window.sidebar.isVisible()
    window.toggle_sidebar()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.sidebar.isVisible()


def test_the_drawer_depends_on_the_zoom(window: MainWindow, theme: Theme) -> None:
    theme.set_zoom(1.5)
    ui_stage.settle()
    assert window.is_narrow
    assert not window.sidebar.isVisible()


def test_ctrl_shift_f_is_for_the_search_page(qtbot: QtBot, window: MainWindow) -> None:
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    with qtbot.waitSignal(window.sidebar.search_requested):
        qtbot.keyClick(window, Qt.Key.Key_F, keys)


@pytest.mark.parametrize(
    ("key", "signal", "arguments"),
    [
        (Qt.Key.Key_K, "palette_requested", []),
        (Qt.Key.Key_Slash, "shortcuts_requested", []),
        (Qt.Key.Key_N, "new_chat_requested", []),
        (Qt.Key.Key_M, "models_requested", []),
        (Qt.Key.Key_E, "export_requested", []),
        (Qt.Key.Key_P, "print_requested", []),
        (Qt.Key.Key_Period, "panel_requested", []),
        (Qt.Key.Key_Comma, "settings_requested", []),
        (Qt.Key.Key_Equal, "zoom_requested", [1]),
        (Qt.Key.Key_Plus, "zoom_requested", [1]),
        (Qt.Key.Key_Minus, "zoom_requested", [-1]),
        (Qt.Key.Key_0, "zoom_requested", [0]),
    ],
)
def test_shortcuts(
    qtbot: QtBot, window: MainWindow, key: Qt.Key, signal: str, arguments: list[int]
) -> None:
    with qtbot.waitSignal(getattr(window, signal)) as told:
        qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
    assert told.args == arguments


def test_a_page_gets_the_caret_and_not_its_first_button(window: MainWindow) -> None:
    window.show_page("settings")
    assert window.current_page == "settings"
    focus = QApplication.focusWidget()
    assert isinstance(focus, QLineEdit)
    assert focus.isVisible()


def test_the_size_is_remembered_once_it_rests(qtbot: QtBot, window: MainWindow) -> None:
    told: list[tuple[int, int]] = []
    window.size_changed.connect(lambda *size: told.append(size))
    window.resize(1100, 700)
    window.resize(1200, 760)
    assert told == []
    qtbot.waitUntil(lambda: bool(told), timeout=5000)
    assert told == [(1200, 760)]


def test_banner_and_toast_move_nothing_and_follow_the_window(window: MainWindow) -> None:
    before = window._pages.geometry()
    window.banner.show_message("warning", "Something happened.")
    window.toast.offer("Chat deleted", None)
    assert window._pages.geometry() == before
    window.resize(1000, 600)
    ui_stage.settle()
    assert window._main.rect().contains(window.banner.geometry())
    assert window._main.rect().contains(window.toast.geometry())


def drop(window: MainWindow, paths: list[Path]) -> bool:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    arguments = (
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter = QDragEnterEvent(QPoint(600, 400), *arguments)
    QApplication.sendEvent(window, enter)
    if enter.isAccepted():
        QApplication.sendEvent(window, QDropEvent(QPointF(600, 400), *arguments))
    return enter.isAccepted()


def test_a_dropped_gguf_file_is_told(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    model = tmp_path / "Some Model.GGUF"
    with qtbot.waitSignal(window.model_file_dropped) as told:
        assert drop(window, [tmp_path / "notes.txt", model])
    assert told.args == [str(model)]


def test_several_files_and_folders_are_told_together(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    several = [tmp_path / "one.gguf", tmp_path / "two.gguf"]
    for paths in (several, [tmp_path]):
        with (
            qtbot.assertNotEmitted(window.model_file_dropped, wait=0),
            qtbot.waitSignal(window.models_dropped) as told,
        ):
            assert drop(window, paths)
        assert told.args == [[str(path) for path in paths]]


def test_other_files_are_not_taken(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    with qtbot.assertNotEmitted(window.model_file_dropped, wait=0):
        assert not drop(window, [tmp_path / "notes.txt"])


def test_closing_is_told_first(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.closing):
        window.close()
