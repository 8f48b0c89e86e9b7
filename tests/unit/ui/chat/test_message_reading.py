"""Reading by keys and by ear; and what is read does not move, whatever arrives or is built."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.history.entities import MessageState
from tests.helpers import chat_samples, ui_stage
from tests.helpers.chat_samples import RICH, answer, answer_view, live, pairs, question
from ui.chat.chat_page import ChatPage
from ui.chat.code_view import CodeView
from ui.chat.document_view import DocumentView
from ui.chat.figures import time_of_day
from ui.chat.transcript import Transcript

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(qapp: QApplication) -> Iterator[ChatPage]:
    made = chat_samples.page_of(qapp, pairs(30))
    yield made
    ui_stage.strike(made)


def press(key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, keys)


def message_with_focus(transcript: Transcript) -> int:
    return transcript.current_number() if transcript.has_focus_inside() else -1


def in_view(transcript: Transcript, number: int) -> bool:
    view = transcript.view(transcript.items[number].message.id)
    return view is not None and view.geometry().intersects(transcript.viewport().rect())


# --- by keys -------------------------------------------------------------------------------


def test_tab_reaches_every_message_built_or_not(page: ChatPage) -> None:
    transcript = page.transcript
    transcript.enter_message(0)
    seen = [0]
    for _ in range(1000):
        press(Qt.Key.Key_Tab)
        number = message_with_focus(transcript)
        if number < 0:
            break
        assert in_view(transcript, number)
        if number != seen[-1]:
            seen.append(number)
    assert seen == list(range(60))


def test_and_back_from_the_last_to_the_first(page: ChatPage) -> None:
    transcript = page.transcript
    transcript.enter_message(59)
    seen = [59]
    for _ in range(1000):
        press(Qt.Key.Key_Backtab, SHIFT)
        number = message_with_focus(transcript)
        if number < 0:
            break
        if number != seen[-1]:
            seen.append(number)
    assert seen == list(range(59, -1, -1))


def test_alt_and_arrows_go_from_message_to_message(page: ChatPage) -> None:
    transcript = page.transcript
    transcript.setFocus()
    press(Qt.Key.Key_End, ALT)
    seen = [message_with_focus(transcript)]
    for _ in range(6):
        press(Qt.Key.Key_Up, ALT)
        seen.append(message_with_focus(transcript))
        assert in_view(transcript, seen[-1])
    press(Qt.Key.Key_Home, ALT)
    press(Qt.Key.Key_Up, ALT)
    press(Qt.Key.Key_Down, ALT)
    seen.append(message_with_focus(transcript))
    assert seen == [59, 58, 57, 56, 55, 54, 53, 1]


Effect = Callable[[ChatPage], object]
KEYS: list[tuple[str, Qt.Key, Qt.KeyboardModifier, Effect, object]] = [
    ("next message", Qt.Key.Key_Down, ALT, lambda p: p.transcript.current_number(), 30),
    ("message before", Qt.Key.Key_Up, ALT, lambda p: p.transcript.current_number(), 28),
    ("first message", Qt.Key.Key_Home, ALT, lambda p: p.transcript.current_number(), 0),
    ("last message", Qt.Key.Key_End, ALT, lambda p: p.transcript.current_number(), 59),
    ("all its text", Qt.Key.Key_A, CONTROL,
     lambda p: answer_view(p.transcript, 14).has_selection, True),
    ("one character", Qt.Key.Key_Right, SHIFT,
     lambda p: answer_view(p.transcript, 14).has_selection, True),
    ("to the last one", Qt.Key.Key_End, SHIFT, lambda p: p.transcript.chosen.head, -1),
    ("find", Qt.Key.Key_F, CONTROL, lambda p: p.find_bar.isVisible(), True),
    ("find with F3", Qt.Key.Key_F3, NONE, lambda p: p.find_bar.isVisible(), True),
    ("scroll down", Qt.Key.Key_PageDown, NONE,
     lambda p: p.transcript.verticalScrollBar().value() > 0, True),
]  # fmt: skip


@pytest.mark.parametrize(("name", "key", "keys", "effect", "expected"), KEYS,
                         ids=[each[0] for each in KEYS])  # fmt: skip
def test_the_keys_of_a_message(
    page: ChatPage, name: str, key: Qt.Key, keys: Qt.KeyboardModifier, effect: Effect,
    expected: object,
) -> None:  # fmt: skip
    page.transcript.enter_message(29)
    press(key, keys)
    assert effect(page) == expected, name


def test_the_caret_is_for_the_keyboard_only(page: ChatPage) -> None:
    body = answer_view(page.transcript, 29).body
    assert body is not None
    QTest.mouseClick(body.viewport(), Qt.MouseButton.LeftButton)
    body.setFocus(Qt.FocusReason.MouseFocusReason)
    assert body.cursorWidth() == 0
    page.composer.setFocus()
    page.transcript.enter_message(59)
    assert body.hasFocus()
    assert body.cursorWidth() == 2


# --- by ear --------------------------------------------------------------------------------


def test_messages_are_named_by_role_and_time_and_tell_their_number(page: ChatPage) -> None:
    time = time_of_day(chat_samples.NOON)
    mine, theirs = page.transcript.show_message(58), page.transcript.show_message(59)
    for view, name in ((mine, f"You, {time}"), (theirs, f"Qwen3, {time}, answer")):
        heard = QAccessible.queryAccessibleInterface(view)
        assert heard is not None
        assert heard.text(QAccessible.Text.Name) == name
    assert theirs.accessibleDescription() == "Message 60"
    text = answer_view(page.transcript, 29).body
    assert text is not None
    assert text.accessibleName() == theirs.accessibleName()


def test_they_tell_how_they_stand(page: ChatPage) -> None:
    transcript = page.transcript
    transcript.append_message(live(40))
    view = answer_view(transcript, 40)
    assert view.accessibleDescription() == "Message 61, being written"
    for state, words in ((MessageState.INTERRUPTED, "Message 61, interrupted"),
                         (MessageState.FAILED, "Message 61, without an answer"),
                         (MessageState.COMPLETE, "Message 61")):  # fmt: skip
        transcript.finish_message(replace(answer(40), state=state))
        assert view.accessibleDescription() == words


# --- nothing moves -------------------------------------------------------------------------

PIECES = ["Words ", "that ", "go ", "on.\n\n", "- one\n", "- two\n\n", "```python\n",
          "print(1)\n", "print(2)\n", "```\n\n", "| a | b |\n", "|---|---|\n", "| 1 | 2 |\n",
          "| 3 | 4 |\n\n", "# Head\n\n", "> quote\n\n", "$$\nx^2\n$$\n\n", "`code` ", "**b** ",
          "end.\n\n"]  # fmt: skip


def picture(transcript: Transcript) -> object:
    return transcript.viewport().grab().toImage()


def test_a_thousand_tokens_move_nothing_that_is_read(page: ChatPage) -> None:
    transcript = page.transcript
    transcript.append_message(live(40))
    transcript.update_streaming("a40", "Begin.\n\n", "", 1, 0.1)
    bar = transcript.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    before, value = picture(transcript), bar.value()
    for token in range(1000):
        transcript.update_streaming("a40", PIECES[token % len(PIECES)], "", token, token / 200)
        if token % 20 == 0 and transcript.view("a40") is not None:
            chat_samples.render(transcript, 40)
        assert bar.value() == value
    transcript.finish_message(answer(40, "Begin.\n\n" + "".join(PIECES * 50)))
    ui_stage.settle()
    assert bar.value() == value
    assert picture(transcript) == before


def test_reading_the_begin_of_the_arriving_answer_nothing_moves(page: ChatPage) -> None:
    transcript = page.transcript
    transcript.append_message(live(40))
    transcript.update_streaming("a40", "".join(PIECES * 4), "", 1, 0.1)
    chat_samples.render(transcript, 40)
    transcript.show_span(transcript.items[60].top, transcript.items[60].top + 10)
    bar = transcript.verticalScrollBar()
    bar.setValue(transcript.items[60].top - 20)
    ui_stage.settle()
    before = picture(transcript)
    for token in range(1000):
        transcript.update_streaming("a40", PIECES[token % len(PIECES)], "", token, token / 200)
        if token % 20 == 0:
            chat_samples.render(transcript, 40)
    chat_samples.render(transcript, 40)
    ui_stage.settle()
    assert picture(transcript) == before


def test_messages_above_that_become_taller_move_nothing(page: ChatPage) -> None:
    transcript = page.transcript
    long = "```\n" + "line\n" * 100 + "```\n"
    transcript.set_messages([answer(70, long), *pairs(8)])
    view = transcript.show_message(0)
    bar = transcript.verticalScrollBar()
    bar.setValue(transcript.items[0].bottom + 100)
    before = picture(transcript)
    value = bar.value()
    view.findChildren(CodeView)[0].unfold()
    ui_stage.settle()
    assert bar.value() > value + 1000
    assert picture(transcript) == before


def test_selecting_and_finding_move_nothing_that_is_in_view(page: ChatPage) -> None:
    transcript = page.transcript
    bar = transcript.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    value = bar.value()
    number = transcript.current_number() + 1
    transcript.chosen.select(number, number + 1)
    page.open_find()
    page.find_bar.field.setText("sorted")
    page.close_find()
    transcript.chosen.clear()
    assert abs(bar.value() - value) < transcript.viewport().height()
    texts = transcript.findChildren(DocumentView)
    assert texts
    assert not any(text.extraSelections() for text in texts)


def test_heights_of_ten_thousand_messages_are_settled_from_where_they_change(
    qapp: QApplication,
) -> None:
    page = chat_samples.page_of(qapp, [question(n) for n in range(9999)] + [live(0)])
    layout = page.transcript._layout
    tops = [item.top for item in layout.items]
    page.transcript.update_streaming("a0", RICH, "", 1, 0.1)
    assert [item.top for item in layout.items] == tops
    layout.measured(layout.items[5], layout.items[5].height + 7)
    layout.total()
    assert [item.top for item in layout.items] == tops[:6] + [top + 7 for top in tops[6:]]
    ui_stage.strike(page)


@pytest.mark.parametrize("moment_ms", [2**53, -(2**53)])
def test_a_time_that_no_clock_shows_is_none_the_less_a_time(moment_ms: int) -> None:
    assert len(time_of_day(moment_ms)) == len("14:02")
