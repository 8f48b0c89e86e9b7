"""Text is selected within a message, whole messages across them; both by mouse and by keys."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.helpers import chat_samples, ui_stage
from tests.helpers.chat_samples import RICH, answer, answer_view, live, pairs, question
from ui.chat.chat_page import ChatPage
from ui.chat.document_view import DocumentView
from ui.chat.selection_range import MessageRange
from ui.chat.transcript import Transcript
from ui.chat.transcript_tabs import main_text

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def page(qapp: QApplication) -> Iterator[ChatPage]:
    made = chat_samples.page_of(qapp, [question(0), answer(0, "First words."), question(1),
                                       answer(1, "Second words.")])  # fmt: skip
    yield made
    ui_stage.strike(made)


@pytest.fixture
def transcript(page: ChatPage) -> Transcript:
    return page.transcript


def text_of(transcript: Transcript, identity: str) -> DocumentView:
    view = transcript.view(identity)
    assert view is not None
    text = main_text(view)
    assert text is not None
    return text


def send(target: QWidget, kind: QEvent.Type, where: QPoint, *, shift: bool = False) -> None:
    """A mouse event at a point of the screen, given to the widget that has the button."""
    place = QPointF(target.mapFromGlobal(where))
    held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else LEFT
    button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else LEFT
    keys = SHIFT if shift else Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(target, QMouseEvent(kind, place, QPointF(where), button, held, keys))


def begin_of(text: DocumentView) -> QPoint:
    return text.viewport().mapToGlobal(text.cursorRect().center())


def drag(text: DocumentView, stops: list[QPoint]) -> None:
    send(text.viewport(), QEvent.Type.MouseButtonPress, begin_of(text))
    for stop in stops:
        send(text.viewport(), QEvent.Type.MouseMove, stop)


def release(text: DocumentView, where: QPoint) -> None:
    send(text.viewport(), QEvent.Type.MouseButtonRelease, where)


def press(key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, keys)


def copied(page: ChatPage) -> str:
    QApplication.clipboard().clear()
    press(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    return QApplication.clipboard().text()


def test_a_drag_within_a_message_selects_its_words(transcript: Transcript) -> None:
    text = text_of(transcript, "a0")
    end = begin_of(text) + QPoint(40, 0)
    drag(text, [end])
    release(text, end)
    assert transcript.chosen.is_empty
    assert "First words".startswith(text.textCursor().selectedText())
    assert text.textCursor().hasSelection()


def test_a_drag_across_messages_selects_whole_ones(page: ChatPage) -> None:
    transcript = page.transcript
    text = text_of(transcript, "a0")
    end = begin_of(text_of(transcript, "a1"))
    plain = transcript.grab().toImage()
    drag(text, [begin_of(text) + QPoint(30, 0), end])
    assert list(transcript.chosen.numbers) == [1, 2, 3]
    assert not text.textCursor().hasSelection()
    release(text, end)
    assert transcript.grab().toImage() != plain
    assert copied(page) == (
        "**Qwen3**\n\nFirst words.\n\n**You**\n\nA question?\n\n**Qwen3**\n\nSecond words."
    )


def test_upwards_too(page: ChatPage) -> None:
    text = text_of(page.transcript, "a1")
    end = begin_of(text_of(page.transcript, "u1"))
    drag(text, [end])
    release(text, end)
    assert list(page.transcript.chosen.numbers) == [2, 3]


def test_back_in_its_message_a_drag_selects_words_again(transcript: Transcript) -> None:
    text = text_of(transcript, "a0")
    drag(text, [begin_of(text_of(transcript, "a1")), begin_of(text) + QPoint(40, 0)])
    assert transcript.chosen.is_empty
    words = text.textCursor().selectedText()
    assert words
    assert "First words".startswith(words)


def test_a_drag_may_begin_beside_the_text(transcript: Transcript) -> None:
    area = transcript.viewport()
    begin = QPoint(4, text_of(transcript, "u0").parentWidget().y() + 4)
    end = area.mapFromGlobal(begin_of(text_of(transcript, "a0")))
    QTest.mousePress(area, LEFT, pos=begin)
    QTest.mouseMove(area, end)
    send(area, QEvent.Type.MouseMove, area.mapToGlobal(end))
    QTest.mouseRelease(area, LEFT, pos=end)
    assert list(transcript.chosen.numbers) == [0, 1]


def test_a_click_takes_the_selection_away(transcript: Transcript) -> None:
    transcript.chosen.select(0, 2)
    QTest.mouseClick(text_of(transcript, "a1").viewport(), LEFT, pos=QPoint(2, 2))
    assert transcript.chosen.is_empty


def test_a_click_elsewhere_takes_selected_words_away(transcript: Transcript) -> None:
    text_of(transcript, "a0").selectAll()
    QTest.mouseClick(text_of(transcript, "a1").viewport(), LEFT, pos=QPoint(2, 2))
    assert not text_of(transcript, "a0").textCursor().hasSelection()


def test_shift_and_click_select_up_to_there(transcript: Transcript) -> None:
    QTest.mouseClick(text_of(transcript, "u0").viewport(), LEFT, pos=QPoint(2, 2))
    for identity, expected in (("u1", [0, 1, 2]), ("a0", [0, 1])):
        text = text_of(transcript, identity)
        send(text.viewport(), QEvent.Type.MouseButtonPress, begin_of(text), shift=True)
        release(text, begin_of(text))
        assert list(transcript.chosen.numbers) == expected
        assert not text.textCursor().hasSelection()


def test_shift_and_click_in_the_same_message_extend_its_words(transcript: Transcript) -> None:
    text = text_of(transcript, "a0")
    QTest.mouseClick(text.viewport(), LEFT, pos=QPoint(1, 10))
    send(text.viewport(), QEvent.Type.MouseButtonPress, begin_of(text) + QPoint(50, 0), shift=True)
    assert transcript.chosen.is_empty
    assert text.textCursor().hasSelection()


def test_holding_a_drag_beyond_the_edge_scrolls_on(qapp: QApplication) -> None:
    page = chat_samples.page_of(qapp, pairs(30))
    transcript = page.transcript
    bar = transcript.verticalScrollBar()
    text = text_of(transcript, "a29")
    above = transcript.viewport().mapToGlobal(QPoint(300, -60))
    drag(text, [above])
    assert transcript._drag._tick.isActive()
    before, first = bar.value(), transcript.chosen.head
    for _ in range(80):
        transcript._drag._scroll()
    assert bar.value() < before - 500
    assert transcript.chosen.head < first
    assert transcript.chosen.anchor == 59
    page.composer.setFocus()
    for number in range(60):
        transcript.ready(number)
    bar.setValue(0)
    transcript._release_far()
    assert len(transcript._views) < 60
    assert transcript.view("a29") is not None, "it has the mouse button"
    release(text, above)
    assert not transcript._drag._tick.isActive()
    ui_stage.strike(page)


def test_a_drag_inside_one_long_message_scrolls_too(qapp: QApplication) -> None:
    page = chat_samples.page_of(qapp, [answer(0, "A line of words.\n\n" * 200)])
    transcript = page.transcript
    transcript.verticalScrollBar().setValue(0)
    text = text_of(transcript, "a0")
    drag(text, [transcript.viewport().mapToGlobal(QPoint(300, transcript.height() + 80))])
    length = len(text.textCursor().selectedText())
    for _ in range(20):
        transcript._drag._scroll()
    assert transcript.verticalScrollBar().value() > 0
    assert len(text.textCursor().selectedText()) > length
    ui_stage.strike(page)


def test_messages_that_are_no_widgets_are_selected_and_copied(qapp: QApplication) -> None:
    page = chat_samples.page_of(qapp, pairs(500))
    transcript = page.transcript
    transcript.setFocus()
    press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(transcript.chosen.numbers) == 1000
    text = copied(page)
    assert text.count("**You**") == text.count("**Qwen3**") == 500
    assert len(transcript._views) < 40
    ui_stage.strike(page)


def test_shift_and_arrows_select_messages_from_the_end_of_a_text(page: ChatPage) -> None:
    transcript = page.transcript
    transcript.enter_message(1)
    press(Qt.Key.Key_Down, SHIFT)
    text = text_of(transcript, "a0")
    if text.textCursor().hasSelection():
        assert transcript.chosen.is_empty
        press(Qt.Key.Key_Down, SHIFT)
    assert list(transcript.chosen.numbers) == [1, 2]
    assert not text.textCursor().hasSelection()
    press(Qt.Key.Key_Down, SHIFT)
    assert list(transcript.chosen.numbers) == [1, 2, 3]
    press(Qt.Key.Key_Up, SHIFT)
    press(Qt.Key.Key_Home, SHIFT)
    assert list(transcript.chosen.numbers) == [0, 1]
    press(Qt.Key.Key_Escape)
    assert transcript.chosen.is_empty
    assert transcript.current_number() == 0


def test_selecting_all_twice_means_the_conversation(transcript: Transcript) -> None:
    transcript.enter_message(1)
    press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert text_of(transcript, "a0").is_all_selected
    assert transcript.chosen.is_empty
    press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(transcript.chosen.numbers) == 4


def test_escape_takes_the_selection_away_before_it_stops(page: ChatPage) -> None:
    stopped: list[bool] = []
    page.composer.stop_requested.connect(lambda: stopped.append(True))
    page.composer.set_answering(True)
    page.transcript.take_focus()
    page.transcript.chosen.select(0, 1)
    press(Qt.Key.Key_Escape)
    assert page.transcript.chosen.is_empty
    assert not stopped
    press(Qt.Key.Key_Escape)
    assert stopped


def test_one_selected_message_is_copied_as_its_source(page: ChatPage) -> None:
    page.transcript.set_messages([question(0), answer(0)])
    page.transcript.take_focus()
    page.transcript.chosen.select(1, 1)
    assert copied(page) == RICH


def test_another_conversation_has_no_selection(transcript: Transcript) -> None:
    transcript.chosen.select(0, 3)
    transcript.set_messages([question(5)])
    assert transcript.chosen.is_empty
    transcript.grab()


def test_words_in_the_finished_part_stay_selected_while_text_arrives(qapp: QApplication) -> None:
    page = chat_samples.page_of(qapp, [question(0)])
    transcript = page.transcript
    transcript.append_message(live(0))
    transcript.update_streaming("a0", "A finished paragraph.\n\nAnother one.\n\n", "", 9, 0.1)
    chat_samples.render(transcript, 0)
    text = answer_view(transcript, 0).body
    assert text is not None
    end = begin_of(text) + QPoint(80, 0)
    drag(text, [end])
    release(text, end)
    by_mouse = text.textCursor().selectedText()
    assert by_mouse
    pieces = ["Words ", "and more.\n\n", "```python\nprint(1)\n", "```\n\n", "| a |\n|---|\n",
              "| 1 |\n\n"] * 20  # fmt: skip
    for piece in pieces:
        transcript.update_streaming("a0", piece, "", 10, 0.2)
        chat_samples.render(transcript, 0)
        assert text.textCursor().selectedText() == by_mouse
    text.setFocus(Qt.FocusReason.TabFocusReason)
    text.moveCursor(QTextCursor.MoveOperation.Start)
    for _ in range(5):
        press(Qt.Key.Key_Right, SHIFT)
    assert text.textCursor().selectedText() == "A fin"
    for piece in pieces:
        transcript.update_streaming("a0", piece, "", 10, 0.2)
        chat_samples.render(transcript, 0)
    source = "A finished paragraph.\n\nAnother one.\n\n" + "".join(pieces * 2)
    transcript.finish_message(answer(0, source))
    assert text.textCursor().selectedText() == "A fin"
    ui_stage.strike(page)


def test_a_range_tells_only_changes() -> None:
    told: list[range] = []
    chosen = MessageRange()
    chosen.changed.connect(lambda: told.append(chosen.numbers))
    chosen.clear()
    chosen.select(3, 1)
    chosen.select(3, 1)
    chosen.clear()
    assert told == [range(1, 4), range(0)]
