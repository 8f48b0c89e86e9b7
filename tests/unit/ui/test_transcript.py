"""The transcript: follows the end, stays put when scrolled up, opens long chats at once."""

import time
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.engine.entities import Timings
from app.history.entities import AnswerDetails, Message, MessageState, Role
from ui.chat.answer_view import AnswerView
from ui.chat.markdown_view import MarkdownView
from ui.chat.message_footer import FOOTER_HEIGHT
from ui.chat.phases import Notice
from ui.chat.thinking_view import LIVE_HEIGHT, ROW_HEIGHT
from ui.chat.transcript import Transcript
from ui.chat.user_view import UserView
from ui.theme.theme import Theme

pytestmark = pytest.mark.usefixtures("qapp")

ANSWER = "# Head\n\nWords and `code`.\n\n- one\n- two\n\n```python\nprint(1)\n```\n\nEnd.\n\n"
NOON = 1_763_900_000_000


def user(number: int, text: str = "A question?") -> Message:
    return Message(f"u{number}", "c", None, Role.USER, text, created_ms=NOON)


def answer(
    number: int,
    text: str = ANSWER,
    *,
    state: MessageState = MessageState.COMPLETE,
    reasoning: str = "",
    model: str = "Qwen3",
    demo: bool = False,
    failure: str = "",
) -> Message:
    details = AnswerDetails(
        model_key="k",
        model_name=model,
        is_demo=demo,
        failure=failure,
        stop_reason="stop",
        timings=Timings(
            generated_tokens=1412,
            tokens_per_second=10.2,
            reasoning_tokens=480 if reasoning else 0,
            reasoning_seconds=12.0,
        ),
    )
    return Message(
        f"a{number}",
        "c",
        None,
        Role.ASSISTANT,
        text,
        reasoning=reasoning,
        state=state,
        created_ms=NOON,
        details=details,
    )


def live(number: int) -> Message:
    return replace(answer(number, "", state=MessageState.STREAMING))


def conversation(pairs: int) -> list[Message]:
    found: list[Message] = []
    for number in range(pairs):
        found += [user(number), answer(number, ANSWER * 2)]
    return found


@pytest.fixture
def transcript(qtbot: object) -> Transcript:
    made = Transcript(Theme())
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.resize(900, 640)
    made.show()
    return made


def answer_view(transcript: Transcript, number: int) -> AnswerView:
    view = transcript.view(f"a{number}")
    assert isinstance(view, AnswerView)
    return view


def settle(transcript: Transcript, number: int) -> None:
    """Render what streamed in without waiting for the tick."""
    body = answer_view(transcript, number).body
    assert body is not None
    body._render_pending()


def test_opens_at_the_end(transcript: Transcript) -> None:
    transcript.set_messages(conversation(10))
    bar = transcript.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    last = answer_view(transcript, 9)
    assert last.geometry().bottom() <= transcript.viewport().height()
    assert last.width() == 720
    assert not transcript.latest.isVisible()


def test_200_messages_open_without_making_200_widgets(transcript: Transcript) -> None:
    transcript.set_messages(conversation(1))
    begin = time.perf_counter()
    transcript.set_messages(conversation(100))
    transcript.grab()
    assert time.perf_counter() - begin < 2.0
    assert len(transcript._views) < 10
    bar = transcript.verticalScrollBar()
    while bar.value() > 0:
        bar.setValue(bar.value() - 2000)
    transcript._release_far()
    assert len(transcript._views) <= 32


def test_streaming_at_the_end_keeps_the_end_in_view(transcript: Transcript) -> None:
    transcript.set_messages([*conversation(3), user(4)])
    transcript.append_message(live(4))
    bar = transcript.verticalScrollBar()
    for count in range(30):
        transcript.update_streaming("a4", "A line.\n\n", "", count + 1, count / 10)
        settle(transcript, 4)
        assert bar.value() == bar.maximum()
    assert transcript.is_at_end


def test_what_is_read_does_not_move_while_tokens_arrive(transcript: Transcript) -> None:
    transcript.set_messages([*conversation(6), user(7)])
    transcript.append_message(live(7))
    transcript.update_streaming("a7", "Begin.", "", 1, 0.0)
    settle(transcript, 7)
    bar = transcript.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    assert not transcript.is_at_end
    assert transcript.latest.isVisible()
    assert transcript.latest.size().toTuple() == (96, 32)
    before = transcript.grab().toImage()
    top = {key: view.y() for key, view in transcript._views.items() if view.isVisible()}
    for count in range(20):
        transcript.update_streaming("a7", "A line.\n\n", "", count, count / 10)
        transcript.set_stopping("a7")
    settle(transcript, 7)
    transcript.finish_message(answer(7, "Begin." + "A line.\n\n" * 20))
    assert transcript.grab().toImage() == before
    for key, y in top.items():
        view = transcript.view(key)
        assert view is not None
        assert view.y() == y


def test_reading_inside_the_streamed_answer_stays_too(transcript: Transcript) -> None:
    transcript.set_messages([user(1)])
    transcript.append_message(live(1))
    transcript.update_streaming("a1", "A line.\n\n" * 80, "", 100, 1.0)
    settle(transcript, 1)
    bar = transcript.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    view = answer_view(transcript, 1)
    y = view.y()
    transcript.update_streaming("a1", "A line.\n\n" * 40, "", 150, 2.0)
    settle(transcript, 1)
    assert view.y() == y
    assert bar.maximum() > bar.value()


def test_messages_measured_above_do_not_push_what_is_read(transcript: Transcript) -> None:
    transcript.set_messages(conversation(40))
    bar = transcript.verticalScrollBar()
    for _ in range(60):
        top = next(
            item
            for item in transcript._layout.items
            if (view := transcript.view(item.message.id)) and view.isVisible() and view.y() > 0
        )
        view = transcript.view(top.message.id)
        assert view is not None
        y, value = view.y(), bar.value()
        bar.setValue(value - 30)
        if value < 30:
            break
        assert view.y() == y + 30


def test_latest_goes_back_to_the_end_and_follows_again(transcript: Transcript) -> None:
    transcript.set_messages(conversation(10))
    bar = transcript.verticalScrollBar()
    bar.setValue(0)
    transcript.latest.click()
    assert bar.value() == bar.maximum()
    assert transcript.is_at_end
    assert not transcript.latest.isVisible()


def test_a_new_message_goes_to_the_end(transcript: Transcript) -> None:
    transcript.set_messages(conversation(10))
    transcript.verticalScrollBar().setValue(0)
    transcript.append_message(user(99))
    assert transcript.is_at_end


def test_keys_scroll(transcript: Transcript) -> None:
    transcript.set_messages(conversation(10))
    bar = transcript.verticalScrollBar()
    QTest.keyClick(transcript, Qt.Key.Key_Home)
    assert bar.value() == 0
    QTest.keyClick(transcript, Qt.Key.Key_PageDown)
    assert 0 < bar.value() < bar.maximum()
    QTest.keyClick(transcript, Qt.Key.Key_End)
    assert bar.value() == bar.maximum()


def test_keys_and_wheel_over_a_message_scroll_the_transcript(transcript: Transcript) -> None:
    transcript.set_messages(conversation(10))
    bar = transcript.verticalScrollBar()
    body = answer_view(transcript, 9).body
    assert body is not None
    QTest.keyClick(body, Qt.Key.Key_PageUp)
    assert bar.value() < bar.maximum()
    before = bar.value()
    window = transcript.windowHandle()
    where = QPointF(transcript.width() / 2, transcript.height() / 2)
    QTest.wheelEvent(window, where, QPoint(0, 120))
    assert bar.value() < before


def test_a_narrower_column_lays_out_again(transcript: Transcript) -> None:
    transcript.set_messages(conversation(5))
    transcript.resize(696, 640)
    assert answer_view(transcript, 4).width() == 648
    bar = transcript.verticalScrollBar()
    assert bar.value() == bar.maximum()


def test_theme_changes_keep_messages_and_place(transcript: Transcript) -> None:
    theme = transcript._theme
    transcript.set_messages(conversation(8))
    transcript.append_message(live(9))
    transcript.update_streaming("a9", "Half an answer", "", 4, 0.2)
    theme.set_dark(True)
    theme.set_zoom(1.5)
    body = answer_view(transcript, 9).body
    assert body is not None
    assert body.markdown == "Half an answer"
    transcript.update_streaming("a9", ", and more", "", 6, 0.3)
    transcript.finish_message(answer(9, "Half an answer, and more"))
    assert body.markdown == "Half an answer, and more"


def test_tab_goes_through_messages_from_top_to_bottom(transcript: Transcript) -> None:
    texts = ("One.", "Two.\n\n```\ncode\n```")
    transcript.set_messages([user(1), answer(1, texts[0]), user(2), answer(2, texts[1])])
    transcript.activateWindow()
    transcript.setFocus()
    seen: list[str] = []
    for _ in range(40):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        for key, view in transcript._views.items():
            if view.isAncestorOf(focused) and (not seen or seen[-1] != key):
                seen.append(key)
    assert seen[:4] == ["u1", "a1", "u2", "a2"]


def test_buttons_reached_by_tab_are_painted(transcript: Transcript) -> None:
    transcript.set_messages([user(1), answer(1)])
    footer = answer_view(transcript, 1).footer
    hidden = footer.grab().toImage()
    footer.reveal(True)
    shown = footer.grab().toImage()
    assert hidden != shown
    footer.reveal(False)
    assert footer.grab().toImage() == hidden
    transcript.activateWindow()
    footer._copy.setFocus(Qt.FocusReason.TabFocusReason)
    assert footer.grab().toImage() != hidden


def test_messages_are_named_by_role_and_time(transcript: Transcript) -> None:
    transcript.set_messages([user(1), answer(1)])
    mine, view = transcript.view("u1"), transcript.view("a1")
    assert mine is not None
    assert view is not None
    assert mine.accessibleName().startswith("You, ")
    assert view.accessibleName().startswith("Qwen3, ")
    assert ":" in view.accessibleName()


def test_model_name_shows_where_it_changes_and_the_demo_everywhere(
    transcript: Transcript,
) -> None:
    transcript.set_messages(
        [
            answer(1, "x"),
            answer(2, "y"),
            answer(3, "z", model="SmolLM2", demo=True),
            answer(4, "z", model="SmolLM2", demo=True),
        ]
    )
    demo = "Demo model: shows that the program works, often wrong"
    assert [answer_view(transcript, number).head for number in (1, 2, 3, 4)] == [
        "Qwen3",
        "",
        f"SmolLM2 · {demo}",
        demo,
    ]


def test_own_message_is_a_card_at_the_right_with_its_lines(transcript: Transcript) -> None:
    transcript.set_messages([user(1, "short"), user(2, "**raw**\nsecond " + "long " * 80)])
    first, second = transcript.view("u1"), transcript.view("u2")
    assert isinstance(first, UserView)
    assert isinstance(second, UserView)
    assert first._card.right() == second._card.right() == 720
    assert first._card.width() < 120
    assert second._card.width() <= 560
    assert second.text_view.toPlainText().startswith("**raw**\nsecond")


def test_a_very_long_message_is_folded(transcript: Transcript) -> None:
    text = "word " * 200_000
    begin = time.perf_counter()
    transcript.set_messages([user(1, text)])
    assert time.perf_counter() - begin < 5.0
    view = transcript.view("u1")
    assert isinstance(view, UserView)
    assert view.is_folded
    assert "1,000,000" in view._unfold.text()
    told: list[str] = []
    transcript.copy_requested.connect(told.append)
    view.footer.copy_clicked.emit()
    assert told == [text]


def test_a_huge_word_can_be_shown_whole(transcript: Transcript) -> None:
    transcript.set_messages([user(1, "x" * 300_000)])
    view = transcript.view("u1")
    assert isinstance(view, UserView)
    begin = time.perf_counter()
    view.unfold()
    assert time.perf_counter() - begin < 5.0


def test_unfolding_a_message_shows_all_of_it(transcript: Transcript) -> None:
    transcript.set_messages([user(1, "line\n" * 60)])
    view = transcript.view("u1")
    assert isinstance(view, UserView)
    before = view.height()
    view._unfold.click()
    assert view.height() > before
    assert view.text_view.toPlainText() == "line\n" * 60


def test_phases_are_told_at_the_place_of_the_answer(transcript: Transcript) -> None:
    transcript.set_messages([user(1)])
    transcript.append_message(live(1))
    view = answer_view(transcript, 1)
    assert view.progress is not None
    assert view.progress.words == "Starting"
    height = view.height()
    transcript.set_loading("a1", "SmolLM2", 0.43)
    assert view.progress.words == "Loading SmolLM2: 43\u00a0%"
    transcript.set_reading("a1", 0, 12400, 0.0)
    assert view.progress.words == "Reading 12,400 tokens: 0\u00a0%"
    transcript.set_reading("a1", 4712, 12400, 31.0)
    assert view.progress.words == ("Reading 12,400 tokens: 38\u00a0%, about 51\u00a0s left")
    assert view.height() == height
    transcript.update_streaming("a1", "Words", "", 1, 0.0)
    assert view.progress.isHidden()


def test_thinking_is_live_then_one_row_that_unfolds(transcript: Transcript) -> None:
    transcript.set_messages([user(1)])
    transcript.append_message(live(1))
    for count in range(1, 6):
        transcript.update_streaming("a1", "", "Let me think about this. " * 20, count * 40, count)
        view = answer_view(transcript, 1)
        assert view.thinking is not None
        assert view.thinking.is_live
        assert view.thinking.height() == LIVE_HEIGHT
    transcript.update_streaming("a1", "Yes.", "", 210, 6.0)
    assert not view.thinking.is_live
    assert view.thinking.height() == ROW_HEIGHT
    assert view.thinking._row.text() == "Thought for 5\u00a0s, 200 tokens"
    assert view.thinking._full is None
    view.thinking._row.click()
    assert view.thinking.height() > ROW_HEIGHT
    assert isinstance(view.thinking._full, MarkdownView)
    view.thinking._row.click()
    assert view.thinking.height() == ROW_HEIGHT


def test_stored_thinking_shows_its_stored_figures(transcript: Transcript) -> None:
    transcript.set_messages([user(1), answer(1, "Yes.", reasoning="Hm.")])
    thinking = answer_view(transcript, 1).thinking
    assert thinking is not None
    assert thinking._row.text() == "Thought for 12\u00a0s, 480 tokens"


def test_figures_stand_under_the_last_answer_only(transcript: Transcript) -> None:
    transcript.set_messages([answer(1, "x"), user(2), answer(2, "y")])
    assert not answer_view(transcript, 1).footer.shows_figures
    assert answer_view(transcript, 2).footer.shows_figures
    assert answer_view(transcript, 2).footer.figures == "10\u00a0tok/s, 1,412 tokens"
    assert answer_view(transcript, 1).footer.height() == FOOTER_HEIGHT
    transcript.append_message(user(3))
    assert not answer_view(transcript, 2).footer.shows_figures


def test_try_again_names_the_answer(transcript: Transcript) -> None:
    transcript.set_messages([user(1), answer(1, "x")])
    told: list[str] = []
    transcript.try_again_requested.connect(told.append)
    answer_view(transcript, 1).footer._again.click()
    assert told == ["a1"]


def test_nothing_can_be_copied_or_tried_again_before_there_is_text(
    transcript: Transcript,
) -> None:
    transcript.set_messages([user(1)])
    transcript.append_message(live(1))
    footer = answer_view(transcript, 1).footer
    assert footer._copy.isHidden()
    assert footer._again.isHidden()
    transcript.finish_message(answer(1, "x"))
    assert not footer._copy.isHidden()
    assert not footer._again.isHidden()


def test_an_interrupted_answer_says_so_and_offers_try_again(transcript: Transcript) -> None:
    transcript.set_messages([user(1), answer(1, "Half", state=MessageState.INTERRUPTED)])
    view = answer_view(transcript, 1)
    assert view.notice is not None
    notice = view.notice.notice
    assert notice is not None
    assert notice.tone == "warning"
    assert notice.text.startswith("This answer stopped before it was finished, at ")
    told: list[str] = []
    transcript.try_again_requested.connect(told.append)
    view.notice._buttons[0].click()
    assert told == ["a1"]


def test_a_failed_answer_says_its_sentence(transcript: Transcript) -> None:
    failed = answer(1, "", state=MessageState.FAILED, failure="general.unexpected")
    transcript.set_messages([user(1), failed])
    view = answer_view(transcript, 1)
    assert view.notice is not None
    notice = view.notice.notice
    assert notice is not None
    assert notice.tone == "bad"
    assert "your chats are saved" in notice.text
    assert view.footer._copy.isHidden()


def test_a_notice_from_outside_comes_first_and_tells_its_verb(transcript: Transcript) -> None:
    transcript.set_messages([user(1), answer(1, "x")])
    told: list[tuple[str, str]] = []
    transcript.action_requested.connect(lambda message, action: told.append((message, action)))
    transcript.set_notice("a1", Notice("Too long.", "bad", (("shorten", "Shorten"),)))
    view = answer_view(transcript, 1)
    assert view.notice is not None
    view.notice._buttons[0].click()
    assert told == [("a1", "shorten")]
    transcript.set_notice("a1", None)
    assert view.notice.isHidden()


def test_code_of_a_message_can_be_copied_saved_wrapped_and_unfolded(
    transcript: Transcript,
) -> None:
    code = "\n".join(f"value_{number} = {number} * 2  # {'long ' * 40}" for number in range(210))
    transcript.set_messages([user(1), answer(1, f"```python\n{code}\n```")])
    body = answer_view(transcript, 1).body
    assert body is not None
    cover = body.cover(0)
    assert cover is not None
    assert cover.is_folded
    assert cover._unfold.text() == "Show all 210 lines"
    assert cover.height() == 32 + 4 + 24 * 20 + 12 + 32
    assert cover.text_view.horizontalScrollBar().value() == 0
    copied: list[str] = []
    saved: list[tuple[str, str]] = []
    transcript.copy_requested.connect(copied.append)
    transcript.save_requested.connect(lambda text, language: saved.append((text, language)))
    cover._copy.click()
    cover._copy_below.click()
    cover._save.click()
    assert copied == [code, code]
    assert saved == [(code, "python")]
    cover._unfold.click()
    assert cover.height() == 32 + 4 + 210 * 20 + 12 + 32
    cover._wrap.click()
    assert cover.height() > 32 + 4 + 210 * 20 + 12 + 32
    assert cover.text_view.horizontalScrollBar().maximum() == 0


def test_a_wide_table_scrolls_sideways_in_its_place(transcript: Transcript) -> None:
    wide = "|" + " heading |" * 40 + "\n|" + "---|" * 40 + "\n|" + " cell |" * 40
    transcript.set_messages([user(1), answer(1, wide)])
    body = answer_view(transcript, 1).body
    assert body is not None
    cover = body.cover(0)
    assert cover is not None
    assert cover.width() == 720
    assert cover.text_view.horizontalScrollBar().maximum() > 0
    assert body.horizontalScrollBar().maximum() == 0


def test_links_in_messages_and_tables_are_told(transcript: Transcript) -> None:
    transcript.set_messages([user(1), answer(1, "| a |\n|---|\n| [x](https://t.org) |")])
    body = answer_view(transcript, 1).body
    assert body is not None
    cover = body.cover(0)
    assert cover is not None
    told: list[str] = []
    transcript.link_activated.connect(told.append)
    body.link_activated.emit("https://b.org")
    cover.link_activated.emit("https://t.org")
    assert told == ["https://b.org", "https://t.org"]


def test_clear_and_unknown_ids_are_harmless(transcript: Transcript) -> None:
    transcript.set_messages(conversation(2))
    transcript.clear()
    assert transcript.count == 0
    transcript.update_streaming("nobody", "x", "", 1, 1.0)
    transcript.set_phase("nobody", None)
    transcript.finish_message(answer(9))
    transcript.append_message(user(1))
    assert transcript.count == 1
