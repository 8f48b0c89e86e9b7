"""The composer: keys, input methods, pasting, growth, Send that becomes Stop in place."""

import time

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from ui.chat.composer import LEAST_HEIGHT, MOST_HEIGHT, Composer
from ui.theme.theme import Theme

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def composer(qtbot: object) -> Composer:
    made = Composer(Theme())
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.height_changed.connect(lambda: made.resize(720, made.wanted_height()))
    made.resize(720, LEAST_HEIGHT)
    made.show()
    made.activateWindow()
    made.field.setFocus()
    return made


@pytest.fixture
def sent(composer: Composer) -> list[str]:
    told: list[str] = []
    composer.sent.connect(told.append)
    return told


def test_enter_sends_and_shift_enter_breaks_the_line(composer: Composer, sent: list[str]) -> None:
    QTest.keyClicks(composer.field, "one")
    QTest.keyClick(composer.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(composer.field, "two")
    assert sent == []
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert sent == ["one\ntwo"]


def test_the_enter_of_the_number_pad_sends_too(composer: Composer, sent: list[str]) -> None:
    QTest.keyClicks(composer.field, "x")
    QTest.keyClick(composer.field, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    assert sent == ["x"]


def test_the_text_stays_until_it_is_accepted(composer: Composer, sent: list[str]) -> None:
    QTest.keyClicks(composer.field, "precious")
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert composer.text == "precious"
    composer.accepted("precious")
    assert composer.text == ""


def test_what_is_typed_while_a_message_is_stored_stays(composer: Composer, sent: list[str]) -> None:
    QTest.keyClicks(composer.field, "one")
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    QTest.keyClicks(composer.field, " two")
    composer.accepted("one")
    assert composer.text == " two"
    composer.set_text("something else")
    composer.accepted("one")
    assert composer.text == "something else"
    composer.set_text("🙂 tail")
    composer.accepted("🙂 ")
    assert composer.text == "tail"


def test_nothing_but_white_space_is_not_sent(composer: Composer, sent: list[str]) -> None:
    QTest.keyClicks(composer.field, "   ")
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert sent == []


def test_enter_confirms_a_word_of_an_input_method(composer: Composer, sent: list[str]) -> None:
    QTest.keyClicks(composer.field, "a")
    QApplication.sendEvent(composer.field, QInputMethodEvent("にほん", []))
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert sent == []
    confirmed = QInputMethodEvent()
    confirmed.setCommitString("日本")
    QApplication.sendEvent(composer.field, confirmed)
    assert "日本" in composer.text
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert len(sent) == 1


def test_pasting_takes_the_words_only(composer: Composer) -> None:
    data = QMimeData()
    data.setHtml("<b>bold</b><img src='file:///etc/passwd'>")
    data.setText("bold")
    composer.field.insertFromMimeData(data)
    assert composer.text == "bold"


def test_dropped_files_are_left_to_the_window(composer: Composer) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/model.gguf")])
    data.setText("file:///tmp/model.gguf")
    assert not composer.field.canInsertFromMimeData(data)


@pytest.mark.parametrize("unit", ["word ", "line of words\n", "x"])
def test_a_million_characters_can_be_pasted_and_written_on(composer: Composer, unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    QGuiApplication.clipboard().setText(text)
    begin = time.perf_counter()
    composer.field.paste()
    composer.grab()
    QTest.keyClicks(composer.field, "end")
    assert time.perf_counter() - begin < 60.0
    assert composer.text == text + "end"
    assert composer.height() == MOST_HEIGHT


def test_it_grows_from_56_to_240_and_back(composer: Composer) -> None:
    assert composer.wanted_height() == LEAST_HEIGHT
    composer.set_text("one\ntwo\nthree")
    grown = composer.height()
    assert LEAST_HEIGHT < grown < MOST_HEIGHT
    composer.set_text("line\n" * 50)
    assert composer.height() == MOST_HEIGHT
    composer.accepted("line\n" * 50)
    assert composer.height() == LEAST_HEIGHT


def test_a_wrapped_line_takes_room_too(composer: Composer) -> None:
    composer.set_text("word " * 60)
    assert composer.height() > LEAST_HEIGHT


def test_send_becomes_stop_in_place(composer: Composer, sent: list[str]) -> None:
    stops: list[bool] = []
    composer.stop_requested.connect(lambda: stops.append(True))
    composer.set_text("hello")
    place = composer.button.geometry()
    assert composer.button.accessibleName() == "Send"
    assert place.size().toTuple() == (36, 36)
    before = composer.button.grab().toImage()
    composer.set_answering(True)
    assert composer.button.geometry() == place
    assert composer.button.accessibleName() == "Stop"
    assert composer.button.grab().toImage() != before
    composer.button.click()
    QTest.keyClick(composer.field, Qt.Key.Key_Escape)
    assert len(stops) == 2
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert sent == []
    assert composer.text == "hello"
    composer.set_answering(False)
    composer.button.click()
    assert sent == ["hello"]


def test_escape_does_nothing_while_nothing_is_answered(composer: Composer) -> None:
    stops: list[bool] = []
    composer.stop_requested.connect(lambda: stops.append(True))
    QTest.keyClick(composer.field, Qt.Key.Key_Escape)
    assert stops == []


def test_a_reason_keeps_it_from_sending_and_is_told(composer: Composer, sent: list[str]) -> None:
    composer.set_text("hello")
    composer.set_enabled_reason("Choose a model first")
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    composer.button.click()
    assert sent == []
    assert composer.button.toolTip() == "Choose a model first"
    composer.set_enabled_reason("")
    composer.button.click()
    assert sent == ["hello"]


def test_an_empty_field_cannot_be_sent_by_the_button(composer: Composer) -> None:
    assert not composer.button.isEnabled()
    QTest.keyClicks(composer.field, "x")
    assert composer.button.isEnabled()


def test_tab_leaves_the_field(composer: Composer) -> None:
    QTest.keyClicks(composer.field, "x")
    QTest.keyClick(composer.field, Qt.Key.Key_Tab)
    assert composer.text == "x"
    assert composer.button.hasFocus()
