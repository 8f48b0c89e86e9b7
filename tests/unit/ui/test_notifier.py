"""The desktop's notifications: who is told, and what a click on one does."""

from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.helpers import ui_stage
from ui.controllers.notifier import Notifier


def make(qtbot: QtBot) -> tuple[QWidget, Notifier]:
    window = QWidget()
    qtbot.addWidget(window)
    ui_stage.show(window, (200, 100))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window, Notifier(window)


def test_a_click_raises_the_window_and_acts_once(qtbot: QtBot, qapp: QApplication) -> None:
    window, notifier = make(qtbot)
    clicked: list[int] = []
    window.hide()
    ui_stage.settle()
    notifier.tell("Title", "Text", lambda: clicked.append(1))
    notifier._raise()
    assert window.isVisible()
    notifier._raise()
    assert clicked == [1]


def test_who_is_at_the_window_is_told_only_of_what_lies_elsewhere(
    qtbot: QtBot, qapp: QApplication
) -> None:
    _window, notifier = make(qtbot)
    clicked: list[str] = []
    assert not notifier.tell("Title", "Text", lambda: clicked.append("not told"))
    notifier._raise()
    assert clicked == []
    notifier.tell("Title", "Text", lambda: clicked.append("told"), even_active=True)
    notifier._raise()
    assert clicked == ["told"]
