"""The composer: keys, input methods, pasting, growth, Send that becomes Stop in place."""

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.helpers import ui_stage
from ui.chat.composer import LEAST_HEIGHT, MOST_HEIGHT, Composer, can_be_attached
from ui.composer.file_view import FileState, FileView
from ui.composer.message_field import LONG_PASTE
from ui.theme.theme import Theme

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(autouse=True)
def cleared() -> Iterator[None]:
    """Thousands of widgets that are left would be styled anew by every later test."""
    yield
    ui_stage.clear()


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


def dragged(*names: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(name) for name in names])
    data.setText(" ".join(names))
    return data


def test_dropped_models_are_left_to_the_window(composer: Composer) -> None:
    assert not composer.field.canInsertFromMimeData(dragged("/tmp/model.gguf"))
    assert not can_be_attached(dragged("/tmp/notes.txt", "/tmp/model.GGUF"))


def test_dropped_and_pasted_files_are_told_and_not_written(composer: Composer) -> None:
    told: list[list[str]] = []
    composer.field.files_given.connect(told.append)
    data = dragged("/tmp/notes.txt", "/tmp/report.pdf")
    assert composer.field.canInsertFromMimeData(data)
    composer.field.insertFromMimeData(data)
    drop = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    composer.dropEvent(drop)
    assert told == [["/tmp/notes.txt", "/tmp/report.pdf"]] * 2
    assert composer.text == ""


def test_a_picture_is_told_and_not_written(composer: Composer) -> None:
    told: list[bool] = []
    composer.field.picture_pasted.connect(lambda: told.append(True))
    data = QMimeData()
    data.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    assert composer.field.canInsertFromMimeData(data)
    composer.field.insertFromMimeData(data)
    assert told == [True]


@pytest.mark.parametrize("unit", ["word ", "line of words\n", "x"])
def test_a_million_characters_are_told_at_once_and_not_laid_out(
    composer: Composer, unit: str
) -> None:
    text = unit * (1_000_000 // len(unit))
    told: list[str] = []
    composer.field.long_pasted.connect(told.append)
    QGuiApplication.clipboard().setText(text)
    begin = time.perf_counter()
    composer.field.paste()
    composer.grab()
    assert time.perf_counter() - begin < 2.5  # 500 ms wanted
    assert told == [text]
    assert composer.text == ""


def test_a_text_that_is_just_short_enough_is_pasted(composer: Composer) -> None:
    text = "word " * (LONG_PASTE // 5)
    QGuiApplication.clipboard().setText(text)
    composer.field.paste()
    assert composer.text == text


@pytest.mark.parametrize("unit", ["word ", "line of words\n", "x"])
def test_a_million_characters_can_be_put_in_and_written_on(composer: Composer, unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    begin = time.perf_counter()
    composer.set_text(text)
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


def test_the_window_lends_a_third_of_its_height_to_the_text(composer: Composer) -> None:
    composer.set_text("line\n" * 50)
    composer.set_room(700, 266)
    assert composer.height() == 264
    composer.set_room(200, 266)
    assert composer.height() == 200


def test_files_stand_above_the_text_and_add_to_its_height(composer: Composer) -> None:
    files = [FileView(str(n), f"report-{n}.pdf", FileState.READY, "PDF, 1 MB") for n in range(4)]
    composer.show_files(files[:1])
    assert composer.height() == LEAST_HEIGHT + 12 + 48
    composer.show_files(files)
    assert composer.height() == LEAST_HEIGHT + 12 + 48 + 8 + 48
    composer.set_text("line\n" * 50)
    assert composer.height() == MOST_HEIGHT + 12 + 48 + 8 + 48
    composer.show_files([])
    assert composer.height() == MOST_HEIGHT


def test_with_files_another_signal_sends(composer: Composer, sent: list[str]) -> None:
    with_files: list[str] = []
    composer.sent_with_files.connect(with_files.append)
    composer.show_files([FileView("1", "a.txt", FileState.READY)])
    composer.set_text("look")
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert (sent, with_files) == ([], ["look"])


def test_enter_while_an_answer_is_written_queues(composer: Composer, sent: list[str]) -> None:
    queued: list[str] = []
    composer.queued.connect(queued.append)
    composer.set_answering(True)
    composer.set_text("and then?")
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert (sent, queued, composer.text) == ([], ["and then?"], "and then?")


def test_the_arrows_go_back_through_what_was_sent(composer: Composer) -> None:
    composer.field.set_sent(["first", "two\nlines", "last"])

    def press(key: Qt.Key) -> str:
        QTest.keyClick(composer.field, key)
        return composer.text

    up, down = Qt.Key.Key_Up, Qt.Key.Key_Down
    assert press(up) == "last"
    assert press(up) == "two\nlines"
    assert press(up) == "two\nlines", "first to its upper line"
    assert press(up) == "first"
    assert press(up) == "first", "there is none before"
    assert [press(down), press(down), press(down)] == ["two\nlines", "last", ""]
    assert press(down) == ""
    assert press(up) == "last"


def test_the_arrows_leave_alone_what_is_being_written(composer: Composer) -> None:
    composer.field.set_sent(["before"])
    QTest.keyClicks(composer.field, "mine")
    QTest.keyClick(composer.field, Qt.Key.Key_Up)
    assert composer.text == "mine"
    composer.set_text("")
    QTest.keyClick(composer.field, Qt.Key.Key_Up)
    QTest.keyClicks(composer.field, "!")
    QTest.keyClick(composer.field, Qt.Key.Key_Up)
    assert composer.text == "before!"
    composer.set_text("")
    QTest.keyClick(composer.field, Qt.Key.Key_Up)
    assert composer.text == "before", "emptied by hand it begins at the newest again"


def test_the_arrows_belong_to_an_input_method_while_it_composes(composer: Composer) -> None:
    composer.field.set_sent(["before"])
    QApplication.sendEvent(composer.field, QInputMethodEvent("にほん", []))
    QTest.keyClick(composer.field, Qt.Key.Key_Up)
    QTest.keyClick(composer.field, Qt.Key.Key_Escape)
    assert composer.text == ""


def test_a_slash_is_told_only_where_it_begins_a_line(composer: Composer) -> None:
    told: list[object] = []
    composer.field.slash_changed.connect(told.append)
    QTest.keyClicks(composer.field, "and/or")
    assert told == []
    composer.set_text("one\n")
    QTest.keyClicks(composer.field, "/tr")
    assert told == ["", "t", "tr"]
    composer.field.replace_slash("")
    assert composer.text == "one\n"
    assert told[-1] is None
    composer.field.undo()
    assert composer.text == "one\n/tr"


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
