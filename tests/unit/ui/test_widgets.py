"""The small widgets: what they tell, what they do with keys, and what a screen reader gets."""

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QResizeEvent, QTextDocument, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QSlider, QWidget
from pytestqt.qtbot import QtBot

from tests.helpers import ui_stage
from ui.theme.theme import Theme
from ui.widgets.banner import Banner
from ui.widgets.bar import Bar
from ui.widgets.buttons import ElidedButton, IconButton, TextButton
from ui.widgets.choice import Choice
from ui.widgets.labels import ElidedLabel
from ui.widgets.number_field import NumberField
from ui.widgets.popover import Popover
from ui.widgets.segmented import Segmented
from ui.widgets.switch import Switch
from ui.widgets.toast import UndoToast
from ui.widgets.tooltips import plain_tooltip


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return ui_stage.dress(qapp)


@pytest.fixture
def stage(qtbot: QtBot, theme: Theme) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(800, 600)
    return widget


def test_elided_label_tells_everything_in_its_tooltip(stage: QWidget, theme: Theme) -> None:
    label = ElidedLabel(theme, "", parent=stage)
    label.setGeometry(0, 0, 80, 20)
    label.setText("Donaudampfschifffahrts\ngesellschaft")
    assert label.is_elided
    assert label.toolTip() == "Donaudampfschifffahrts gesellschaft"
    label.setText("Hi")
    assert label.toolTip() == ""


def test_elided_button_keeps_the_whole_text_for_screen_readers(
    stage: QWidget, theme: Theme
) -> None:
    button = ElidedButton(theme, "A title that is long", look="quiet", size=15, name="Rename")
    button.setParent(stage)
    button.setGeometry(0, 0, 90, 32)
    stage.show()
    assert button.is_elided
    assert button.text().endswith("…")
    assert button.accessibleName() == "Rename: A title that is long"
    assert button.toolTip() == "A title that is long"


def test_icon_button_has_a_name_and_a_tooltip_with_its_key(stage: QWidget, theme: Theme) -> None:
    button = IconButton(theme, "x", "Close", shortcut="Ctrl+W", parent=stage)
    assert button.accessibleName() == "Close"
    assert button.toolTip() == "Close  Ctrl+W"
    assert (button.width(), button.height()) == (32, 32)


def test_clicking_a_button_leaves_the_caret_where_it_is(
    qtbot: QtBot, stage: QWidget, theme: Theme
) -> None:
    field = QLineEdit(stage)
    button = TextButton(theme, "Stop", parent=stage)
    button.move(0, 60)
    ui_stage.show(stage, (400, 200))
    field.setFocus()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is field


def test_buttons_grow_with_the_zoom(stage: QWidget, theme: Theme) -> None:
    button = TextButton(theme, "Load", icon="play", parent=stage)
    small = button.sizeHint()
    theme.set_zoom(2.0)
    assert button.height() == 64
    assert button.sizeHint().width() > 1.7 * small.width()
    assert small.width() % 4 == 0


def test_bar_clamps(theme: Theme) -> None:
    bar = Bar(theme, width=80)
    bar.set_value(1.7, "bad")
    assert (bar.value, bar.ink, bar.width()) == (1.0, "bad", 80)
    bar.set_value(-1)
    assert bar.value == 0.0


def test_popover_closes_by_escape_and_gives_the_caret_back(
    qtbot: QtBot, stage: QWidget, theme: Theme
) -> None:
    before, anchor = QLineEdit(stage), TextButton(theme, "Open", parent=stage)
    anchor.move(300, 0)
    ui_stage.show(stage, (800, 600))
    before.setFocus()
    popover = Popover(theme, "Test", stage)
    inside = QLineEdit(popover.card)
    popover.body.addWidget(inside)
    popover.open_at(anchor, QSize(200, 100))
    inside.setFocus()
    qtbot.keyClick(inside, Qt.Key.Key_Escape)
    assert not popover.isVisible()
    assert QApplication.focusWidget() is before


def test_popover_closes_by_a_press_elsewhere_but_not_inside(
    qtbot: QtBot, stage: QWidget, theme: Theme
) -> None:
    anchor, other = TextButton(theme, "Open", parent=stage), QWidget(stage)
    other.setGeometry(0, 500, 100, 50)
    ui_stage.show(stage, (800, 600))
    popover = Popover(theme, "Test", stage)
    popover.open_at(anchor, QSize(200, 100))
    with qtbot.assertNotEmitted(popover.closed, wait=0):
        qtbot.mousePress(popover.card, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(popover.closed):
        qtbot.mousePress(other, Qt.MouseButton.LeftButton)


def test_pressing_the_anchor_of_an_open_popover_only_closes(
    qtbot: QtBot, stage: QWidget, theme: Theme
) -> None:
    anchor = TextButton(theme, "Open", parent=stage)
    ui_stage.show(stage, (800, 600))
    popover = Popover(theme, "Test", stage)
    anchor.clicked.connect(lambda: popover.open_at(anchor, QSize(200, 100)))
    qtbot.mouseClick(anchor, Qt.MouseButton.LeftButton)
    assert popover.isVisible()
    qtbot.mouseClick(anchor, Qt.MouseButton.LeftButton)
    assert not popover.isVisible()


def test_popover_stays_inside_the_window(stage: QWidget, theme: Theme) -> None:
    anchor = TextButton(theme, "Open", parent=stage)
    anchor.move(760, 0)
    ui_stage.show(stage, (800, 300))
    popover = Popover(theme, "Test", stage)
    popover.open_at(anchor, QSize(400, 900))
    card = popover.card
    assert stage.rect().contains(card.mapTo(stage, QPoint(0, 0)))
    assert stage.rect().contains(card.mapTo(stage, card.rect().bottomRight()))


def test_toast_takes_back_once_and_then_is_gone(qtbot: QtBot, stage: QWidget, theme: Theme) -> None:
    undone: list[str] = []
    toast = UndoToast(theme, stage)
    ui_stage.show(stage, (800, 600))
    toast.offer("Chat deleted", lambda: undone.append("chat"))
    undo = next(b for b in toast.findChildren(TextButton) if b.text() == "Undo")
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert undone == ["chat"]
    assert not toast.isVisible()


def test_toast_goes_by_itself_and_undoes_nothing(
    qtbot: QtBot, stage: QWidget, theme: Theme
) -> None:
    undone: list[str] = []
    toast = UndoToast(theme, stage)
    ui_stage.show(stage, (800, 600))
    toast.offer("Chat deleted", lambda: undone.append("chat"), seconds=0.05)
    qtbot.waitUntil(lambda: not toast.isVisible(), timeout=5000)
    assert undone == []


def test_a_new_toast_replaces_the_old_one(qtbot: QtBot, stage: QWidget, theme: Theme) -> None:
    undone: list[str] = []
    toast = UndoToast(theme, stage)
    ui_stage.show(stage, (800, 600))
    toast.offer("First", lambda: undone.append("first"))
    toast.offer("Second", lambda: undone.append("second"))
    undo = next(b for b in toast.findChildren(TextButton) if b.text() == "Undo")
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert undone == ["second"]


def test_good_news_goes_by_itself_and_trouble_stays(theme: Theme, stage: QWidget) -> None:
    banner = Banner(theme, stage)
    ui_stage.show(stage, (800, 600))
    banner._enough.setInterval(30)
    banner.show_message("bad", "The disk is full.")
    QTest.qWait(150)
    assert not banner.isHidden()
    banner.show_message("good", "It is here.", [("Chat", lambda: None)])
    banner._buttons[0].setFocus()
    QTest.qWait(150)
    assert not banner.isHidden(), "somebody is at it"
    banner._buttons[0].clearFocus()
    QTest.qWait(150)
    assert banner.isHidden()


def test_banner_closes_before_it_acts(qtbot: QtBot, stage: QWidget, theme: Theme) -> None:
    seen: list[bool] = []
    banner = Banner(theme, stage)
    ui_stage.show(stage, (800, 600))
    banner.show_message(
        "bad", "It stopped.", [("Continue", lambda: seen.append(banner.isHidden()))]
    )
    button = next(b for b in banner.findChildren(TextButton) if b.text() == "Continue")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert seen == [True]


def test_banner_forgets_the_verbs_of_the_last_message(stage: QWidget, theme: Theme) -> None:
    banner = Banner(theme, stage)
    ui_stage.show(stage, (800, 600))
    banner.show_message("bad", "One.", [("Continue", lambda: None), ("Report", lambda: None)])
    banner.show_message("good", "Two.")
    ui_stage.settle()
    assert banner.findChildren(TextButton) == []
    assert banner.text == "Two."


def test_switch_is_a_named_check_box(qtbot: QtBot, theme: Theme) -> None:
    switch = Switch(theme, "Lock down")
    qtbot.addWidget(switch)
    switch.show()
    assert switch.height() >= 28
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton, pos=QPoint(38, 26))
    assert switch.isChecked()
    assert switch.accessibleName() == "Lock down"


def test_number_field_tells_a_drag_once(qtbot: QtBot, theme: Theme) -> None:
    field = NumberField(theme, "Temperature", low=0, high=2, step=0.05, decimals=2)
    qtbot.addWidget(field)
    told: list[float] = []
    field.edited.connect(told.append)
    field.set_value(0.7)
    assert told == []
    slider = field.findChild(QSlider)
    assert isinstance(slider, QSlider)
    slider.setSliderDown(True)
    for position in (15, 16, 20):
        slider.setValue(position)
    assert told == []
    assert field.value == pytest.approx(1.0)
    slider.setSliderDown(False)
    assert told == [pytest.approx(1.0)]


def test_a_wheel_over_a_choice_changes_nothing(qtbot: QtBot, theme: Theme) -> None:
    choice = Choice(theme, "Zoom", [(1.0, "100 %"), (2.0, "200 %")])
    qtbot.addWidget(choice)
    choice.show()
    wheel = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, -120), QPoint(0, -120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(choice, wheel)
    assert choice.currentText() == "100 %"


def test_choice_shows_a_value_that_is_not_offered(qtbot: QtBot, theme: Theme) -> None:
    choice = Choice(theme, "Zoom", [(1.0, "100 %")])
    qtbot.addWidget(choice)
    choice.set_value(1.3, "130 %")
    assert choice.currentText() == "130 %"


def test_segmented_tells_only_what_a_person_picks(qtbot: QtBot, theme: Theme) -> None:
    segmented = Segmented(theme, "Colours", [("light", "Light"), ("dark", "Dark")])
    qtbot.addWidget(segmented)
    told: list[str] = []
    segmented.chosen.connect(told.append)
    segmented.set_value("light")
    assert told == []
    dark = next(b for b in segmented.findChildren(TextButton) if b.text() == "Dark")
    qtbot.mouseClick(dark, Qt.MouseButton.LeftButton)
    assert (told, segmented.value) == (["dark"], "dark")


def test_a_tooltip_with_a_strange_name_stays_text(theme: Theme, qapp: QApplication) -> None:
    name = '<img src="file:///x.png"> a model with a long name'
    label = ElidedLabel(theme, name)
    label.resize(60, 20)
    label.resizeEvent(QResizeEvent(QSize(60, 20), QSize(0, 0)))
    assert label.is_elided
    assert "<img" not in label.toolTip()
    document = QTextDocument()
    document.setHtml(label.toolTip())
    assert document.toPlainText() == name
    document.setHtml(plain_tooltip("2 < 3 &amp;\nplain"))
    assert document.toPlainText() == "2 < 3 &amp;\nplain"
    assert plain_tooltip("Plain & simple\n") == "Plain & simple\n"
