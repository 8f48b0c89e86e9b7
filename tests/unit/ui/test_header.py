"""The chat's header and status line: they say everything and nothing ever moves."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.helpers import hard_profile, ui_stage
from ui.chat.header import ChatHeader
from ui.chat.model_button import ModelState
from ui.chat.status_line import StatusLine
from ui.theme.theme import Theme
from ui.widgets.fields import LineField

STATES = (
    ModelState(),
    ModelState("unloaded", "gpt-oss-20b", "MXFP4"),
    ModelState("loading", "gpt-oss-20b", "MXFP4"),
    ModelState("loading", "gpt-oss-20b", "MXFP4", 0.999, 1234),
    ModelState("ready", "a" * 90, "IQ4_XS"),
    ModelState("failed", "gpt-oss-20b", "MXFP4", reason="The file ends too early."),
)


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return ui_stage.dress(qapp)


@pytest.fixture
def header(qtbot: QtBot, theme: Theme) -> ChatHeader:
    widget = ChatHeader(theme)
    qtbot.addWidget(widget)
    widget.set_title("A title", has_chat=True)
    ui_stage.show(widget, (1016, 48))
    return widget


def places(root: QWidget) -> list[QRect]:
    return [child.geometry() for child in root.findChildren(QWidget)]


def test_nothing_moves_whatever_the_model_does(header: ChatHeader) -> None:
    before = places(header)
    for state in STATES:
        header.set_model_state(state)
        ui_stage.settle()
        header.grab()
        assert places(header) == before, state


def test_the_model_button_is_centred_and_says_its_state(header: ChatHeader) -> None:
    button = header.model_button
    assert abs(button.geometry().center().x() - header.rect().center().x()) <= 4
    words = []
    for state in STATES:
        header.set_model_state(state)
        words.append(button.state_words)
    assert words == [
        "", "loads when you send", "Loading 0 %", "Loading 100 %, 1234 s", "ready", "did not load",
    ]  # fmt: skip
    assert button.toolTip() == "The file ends too early."
    assert button.accessibleName() == "Model: gpt-oss-20b MXFP4, did not load"


@pytest.mark.parametrize("title", ["Hello", "Hi", "Trip to Lisbon in May", "iii", "WWW"])
def test_a_short_title_is_shown_whole(header: ChatHeader, title: str) -> None:
    header.set_title(title, has_chat=True)
    ui_stage.settle()
    assert header._title.text() == title


def test_a_long_model_name_is_elided_with_a_tooltip(header: ChatHeader) -> None:
    header.set_model_state(STATES[4])
    assert header.model_button.is_elided
    assert "a" * 90 in header.model_button.toolTip()


def test_renaming_in_place(qtbot: QtBot, header: ChatHeader) -> None:
    header.edit_title()
    field = header.findChild(LineField)
    assert isinstance(field, LineField)
    field.setText("  Another\ttitle ")
    with qtbot.waitSignal(header.title_edited) as edited:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert edited.args == ["Another title"]
    assert not field.isVisible()


@pytest.mark.parametrize("text", ["", "   ", "A title"])
def test_an_empty_or_unchanged_title_is_not_told(
    qtbot: QtBot, header: ChatHeader, text: str
) -> None:
    header.edit_title()
    field = header.findChild(LineField)
    assert isinstance(field, LineField)
    field.setText(text)
    with qtbot.assertNotEmitted(header.title_edited, wait=0):
        qtbot.keyClick(field, Qt.Key.Key_Return)


def test_escape_gives_up_renaming(qtbot: QtBot, header: ChatHeader) -> None:
    header.edit_title()
    field = header.findChild(LineField)
    assert isinstance(field, LineField)
    field.setText("Other")
    with qtbot.assertNotEmitted(header.title_edited, wait=0):
        qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not field.isVisible()


def test_without_a_chat_nothing_can_be_renamed_or_exported(header: ChatHeader) -> None:
    header.set_title("", has_chat=False)
    header.edit_title()
    assert header.findChild(LineField).isHidden()  # type: ignore[union-attr]
    assert not header._export.isEnabled()


def test_the_button_asks_for_an_export(qtbot: QtBot, header: ChatHeader) -> None:
    with qtbot.waitSignal(header.export_requested):
        qtbot.keyClick(header._export, Qt.Key.Key_Return)


@pytest.mark.parametrize("width", [450, 540, 640, 900, 1016])
@pytest.mark.parametrize("zoom", [1.0, 2.0])
def test_nothing_overlaps_at_any_width(
    header: ChatHeader, theme: Theme, width: int, zoom: float
) -> None:
    theme.set_zoom(zoom)
    header.set_title(hard_profile.conversations()[1].title, has_chat=True)
    header.resize(round(width * zoom), header.height())
    ui_stage.settle()
    shown = [
        w.geometry() for w in header.findChildren(QWidget)
        if w.isVisible() and w.parentWidget() is header
    ]  # fmt: skip
    assert len(shown) >= 4
    for number, one in enumerate(shown):
        assert header.rect().contains(one)
        assert not any(one.intersects(other) for other in shown[number + 1 :])


@pytest.fixture
def status(qtbot: QtBot, theme: Theme) -> StatusLine:
    widget = StatusLine(theme)
    qtbot.addWidget(widget)
    ui_stage.show(widget, (1016, 28))
    return widget


@pytest.mark.parametrize(
    ("used", "window", "words"),
    [
        (0, 4096, "0 of 4k"),
        (812, 4096, "812 of 4k"),
        (3174, 16384, "3.1k of 16k"),
        (131072, 131072, "128k of 128k"),
    ],
)
def test_context_in_few_characters(status: StatusLine, used: int, window: int, words: str) -> None:
    status.set_context(used, window)
    assert status.context.text() == words
    assert status.meter.value == pytest.approx(used / window)


def test_an_unknown_window_is_not_told_as_none(status: StatusLine) -> None:
    status.set_context(0, 0)
    assert (status.context.text(), status.context.toolTip()) == ("", "")


def test_meter_warns_before_it_is_too_late(status: StatusLine) -> None:
    status.set_context(3000, 4096)
    assert status.meter.ink == "accent"
    status.set_context(3300, 4096)
    assert status.meter.ink == "warning"
    status.set_context(3300, 4096, next_fits=False)
    assert status.meter.ink == "bad"


def test_exact_tokens_are_in_the_tooltip(status: StatusLine) -> None:
    status.set_context(3174, 16384)
    assert "3,174 of 16,384" in status.context.toolTip()


def test_status_keeps_its_geometry(status: StatusLine) -> None:
    before = places(status)
    for used, speed in ((0, None), (999, 0.04), (102_399, 9.96), (1_048_576, 1234.0)):
        status.set_context(used, 1_048_576)
        status.set_speed(speed)
        status.set_place("12 of 48 expert layers on RTX 4060, 36 in RAM")
        ui_stage.settle()
        assert places(status) == before
        for label in (status.context, status.speed):
            assert label.sizeHint().width() <= label.width(), label.text()


def test_speed_has_figures_that_mean_something(status: StatusLine) -> None:
    said = []
    for speed in (None, 0.44, 9.96, 10.4):
        status.set_speed(speed)
        said.append(status.speed.text())
    assert said == ["", "0.4 tok/s", "10.0 tok/s", "10 tok/s"]


def test_the_place_is_a_button_where_its_words_are(qtbot: QtBot, status: StatusLine) -> None:
    status.set_place("Running on the processor", "This computer has no GPU.")
    ui_stage.settle()
    place = status.place
    assert place.toolTip() == "This computer has no GPU."
    assert place.accessibleName() == "Where the model runs: Running on the processor"
    with qtbot.waitSignal(status.place_pressed):
        qtbot.mouseClick(place, Qt.MouseButton.LeftButton, pos=QPoint(place.width() - 20, 14))
    with qtbot.assertNotEmitted(status.place_pressed, wait=0):
        qtbot.mouseClick(place, Qt.MouseButton.LeftButton, pos=QPoint(4, 14))
    with qtbot.waitSignal(status.place_pressed):
        qtbot.keyClick(place, Qt.Key.Key_Return)


def test_no_place_is_nothing_to_press(qtbot: QtBot, status: StatusLine) -> None:
    status.set_place("")
    place = status.place
    with qtbot.assertNotEmitted(status.place_pressed, wait=0):
        qtbot.mouseClick(place, Qt.MouseButton.LeftButton, pos=QPoint(place.width() - 20, 14))


def test_a_long_place_is_whole_in_its_tooltip(status: StatusLine) -> None:
    words = "12 of 48 expert layers on RTX 4060, 36 in RAM, and more than any line can hold " * 3
    status.set_place(words, "Why")
    ui_stage.settle()
    assert status.place.is_elided
    assert status.place.toolTip() == words + "\nWhy"
