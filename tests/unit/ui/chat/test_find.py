"""Find in the conversation: counts, marks, goes to hits wherever they are, and gives back."""

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.helpers import chat_samples, ui_stage
from tests.helpers.chat_samples import RICH, answer, answer_view, live, pairs, question
from ui.chat.chat_page import ChatPage
from ui.chat.code_view import CodeView
from ui.chat.document_view import DocumentView
from ui.chat.transcript_tabs import main_text
from ui.chat.user_view import UserView

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(qapp: QApplication) -> Iterator[ChatPage]:
    made = chat_samples.page_of(qapp, pairs(20))
    yield made
    ui_stage.strike(made)


def find(page: ChatPage, words: str) -> None:
    page.open_find()
    page.find_bar.field.setText(words)
    finish(page)


def finish(page: ChatPage) -> None:
    """Let it look through everything, and mark."""
    while page.finder._slice.isActive():
        page.finder._slice.stop()
        page.finder._advance()
    page.finder._refresh()


def marked(page: ChatPage, identity: str) -> list[str]:
    """The marked words of a message, in no order."""
    view = page.transcript.view(identity)
    assert view is not None
    return [
        each.cursor.selectedText()
        for text in view.findChildren(DocumentView)
        for each in text.extraSelections()
    ]


def strongest(page: ChatPage) -> list[str]:
    """What is marked as the current hit, in all messages."""
    return [
        each.cursor.selectedText()
        for view in page.transcript.present()
        for text in view.findChildren(DocumentView)
        for each in text.extraSelections()
        if each.format.background().color().alpha() == 255
    ]


def press(key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, keys)


def count(page: ChatPage) -> str:
    return page.find_bar.count.text()


def test_the_header_the_shortcut_and_the_menu_open_it(page: ChatPage) -> None:
    page.header._find.click()
    assert page.find_bar.isVisible()
    assert QApplication.focusWidget() is page.find_bar.field
    press(Qt.Key.Key_Escape)
    assert not page.find_bar.isVisible()
    page.composer.setFocus()
    press(Qt.Key.Key_F, CONTROL)
    assert page.find_bar.isVisible()


def test_the_bar_lies_in_the_upper_right_of_the_transcript(page: ChatPage) -> None:
    page.open_find()
    bar, area = page.find_bar.geometry(), page.transcript.geometry()
    assert 320 <= bar.width() <= 400
    assert area.contains(bar)
    assert bar.top() - area.top() == 8
    assert area.right() - bar.right() == 24


def test_hits_are_counted_and_marked_in_text_code_tables(page: ChatPage) -> None:
    find(page, "SORT")
    assert count(page).endswith(" of 140")
    assert sorted(marked(page, "a19")) == sorted(
        ["Sort", "sort", "sort", "sort", "sort", "sort", "sort"]
    )
    assert strongest(page) == ["sort"] or strongest(page) == ["Sort"]


def test_formulas_are_found_by_their_source(page: ChatPage) -> None:
    find(page, "O(n)")
    assert count(page).endswith(" of 20")
    assert marked(page, "a19") == ["\ufffc"]
    page.transcript.set_messages([answer(0, "Text.\n\n$$\n\\frac{a}{b}\n$$\n")])
    find(page, "frac")
    assert count(page) == "1 of 1"
    assert marked(page, "a0") == ["\ufffc"]


def test_keys_go_on_and_back_and_round(page: ChatPage) -> None:
    find(page, "manual")
    first = page.finder.current
    assert first is not None
    places = [count(page)]
    for key, keys in ((Qt.Key.Key_Return, SHIFT), (Qt.Key.Key_F3, SHIFT), (Qt.Key.Key_Return, None),
                      (Qt.Key.Key_F3, None), (Qt.Key.Key_G, CONTROL)):  # fmt: skip
        press(key, keys or Qt.KeyboardModifier.NoModifier)
        places.append(count(page))
    number = int(places[0].split()[0])
    steps = [number, number - 1, number - 2, number - 1, number, number % 20 + 1]
    assert places == [f"{each} of 20" for each in steps]


def test_it_begins_with_what_is_in_view(page: ChatPage) -> None:
    page.transcript.show_message(21)
    top = page.transcript.current_number()
    find(page, "question")
    assert page.finder.current is not None
    assert top <= page.finder.current.message <= top + 2


def test_a_hit_in_view_moves_nothing(page: ChatPage) -> None:
    bar = page.transcript.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    value = bar.value()
    find(page, "sort")
    assert page.finder.current is not None
    assert strongest(page)
    assert bar.value() == value


def test_a_hit_in_a_message_that_is_no_widget_comes_into_view(qapp: QApplication) -> None:
    messages = pairs(300)
    messages[101] = answer(50, "Line.\n\n" * 100 + "The needle is here.\n\n" + "Line.\n\n" * 100)
    page = chat_samples.page_of(qapp, messages)
    assert page.transcript.view("a50") is None
    find(page, "needle")
    assert count(page) == "1 of 1"
    assert strongest(page) == ["needle"]
    view = page.transcript.view("a50")
    assert view is not None
    text = main_text(view)
    assert text is not None
    selection = text.extraSelections()[0]
    area = text.cursorRect(selection.cursor)
    y = text.viewport().mapTo(page.transcript.viewport(), area.center()).y()
    assert page.find_bar.height() < y < page.transcript.viewport().height()
    ui_stage.strike(page)


def test_what_is_folded_unfolds_for_its_hit(page: ChatPage) -> None:
    code = "```\n" + "line\n" * 60 + "the needle\n```\n"
    long = "words\n" * 60 + "a needle"
    page.transcript.set_messages([question(0, long), answer(0, code)])
    find(page, "needle")
    for _ in range(2):
        press(Qt.Key.Key_Return)
    view = page.transcript.view("u0")
    assert isinstance(view, UserView)
    assert not view.is_folded
    assert not answer_view(page.transcript, 0).findChildren(CodeView)[0].is_folded
    assert count(page) in ("1 of 2", "2 of 2")
    assert strongest(page) == ["needle"]


def test_accents_case_and_marks_do_not_matter(page: ChatPage) -> None:
    page.transcript.set_messages([answer(0, "A **très** bon café.\nNext."), question(1, "tres")])
    find(page, "TRES BON CAFE. next")
    assert count(page) == "1 of 1"
    assert marked(page, "a0") == ["très bon café.\u2028Next"]


def test_nothing_found_says_so(page: ChatPage) -> None:
    find(page, "absent words")
    assert count(page) == "No hits"
    assert not page.find_bar.on.isEnabled()
    press(Qt.Key.Key_Return)
    page.find_bar.field.clear()
    assert count(page) == ""


def test_arriving_text_is_counted_and_marked(page: ChatPage) -> None:
    page.transcript.append_message(live(99))
    find(page, "novelty")
    assert count(page) == "No hits"
    for number in range(1, 4):
        page.transcript.update_streaming("a99", "A novelty.\n\n", "", number, 0.1)
        chat_samples.render(page.transcript, 99)
        finish(page)
        assert count(page).endswith(f" of {number}")
        assert len(marked(page, "a99")) == number
    page.transcript.append_message(question(100, "Which novelty?"))
    finish(page)
    assert count(page).endswith(" of 4")


def test_closing_takes_the_marks_away_and_gives_the_keyboard_back(page: ChatPage) -> None:
    page.transcript.enter_message(39)
    before = QApplication.focusWidget()
    find(page, "sort")
    press(Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is before
    assert not any(marked(page, view.item.message.id) for view in page.transcript.present())
    page.find_bar.field.setText("one")
    assert not any(marked(page, view.item.message.id) for view in page.transcript.present())


def test_escape_closes_the_bar_before_it_stops_an_answer(page: ChatPage) -> None:
    stopped: list[bool] = []
    page.composer.stop_requested.connect(lambda: stopped.append(True))
    page.composer.set_answering(True)
    for part in (page.find_bar.field, page.find_bar.close_button):
        page.open_find()
        part.setFocus()
        press(Qt.Key.Key_Escape)
        assert not page.find_bar.isVisible()
        assert not stopped


def test_selected_words_are_looked_for_at_once(page: ChatPage) -> None:
    text = main_text(page.transcript.show_message(39))
    assert text is not None
    text.setTextCursor(text.document().find("manual"))
    page.open_find()
    finish(page)
    assert page.find_bar.field.text() == "manual"
    assert count(page).endswith(" of 20")


def test_another_conversation_is_looked_through_anew(page: ChatPage) -> None:
    find(page, "manual")
    page.transcript.set_messages(pairs(2))
    finish(page)
    assert count(page).endswith(" of 2")
    page.transcript.clear()
    assert not page.find_bar.isVisible()
    page.open_find()
    assert not page.find_bar.isVisible(), "there is nothing to find"


def test_a_theme_change_marks_anew(page: ChatPage, qtbot: QtBot) -> None:
    find(page, "manual")
    page._theme.set_dark(True)
    qtbot.waitUntil(lambda: strongest(page) == ["manual"])


def test_scrolling_marks_what_comes_into_view(page: ChatPage, qtbot: QtBot) -> None:
    find(page, "manual")
    page.transcript.verticalScrollBar().setValue(0)
    qtbot.waitUntil(lambda: marked(page, "a0") == ["manual"])


def test_typing_in_ten_thousand_messages_never_takes_long(qapp: QApplication) -> None:
    page = chat_samples.page_of(qapp, pairs(5000, RICH * 4))
    page.open_find()
    longest = 0.0
    for words in ("s", "so", "sor", "sort"):
        begin = time.thread_time()
        page.find_bar.field.setText(words)
        longest = max(longest, time.thread_time() - begin)
    steps = 0
    while page.finder._slice.isActive():
        page.finder._slice.stop()
        begin = time.thread_time()
        page.finder._advance()
        longest = max(longest, time.thread_time() - begin)
        steps += 1
    assert count(page).endswith(" of 140,000")
    assert steps > 3
    assert longest < 0.25
    begin = time.thread_time()
    page.finder.go(True)
    assert time.thread_time() - begin < 0.5
    ui_stage.strike(page)
