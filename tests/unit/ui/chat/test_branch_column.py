"""Versions, edits and greying in the column of messages, without a history."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.history.entities import AnswerDetails, Message, MessageState, Role, Siblings
from tests.helpers import ui_stage
from ui.chat.branch_commands import Command, ModelChoice, Verb
from ui.chat.editing_view import EditingView
from ui.chat.message_item import Given
from ui.chat.transcript import Transcript
from ui.widgets.menu import Menu

LONG = "A paragraph that is read.\n\n" * 40


def question(number: int, words: str = "A question?") -> Message:
    return Message(f"u{number}", "c", None, Role.USER, words)


def answer(number: int, words: str = "Yes.", **changes: object) -> Message:
    details = AnswerDetails(model_key="k", model_name="Qwen3", stop_reason="stop")
    made = Message(f"a{number}", "c", None, Role.ASSISTANT, words, details=details)
    return replace(made, **changes)  # type: ignore[arg-type]


def alone(messages: list[Message]) -> dict[str, Siblings]:
    return {each.id: Siblings((each.id,), 0) for each in messages}


@pytest.fixture
def transcript(qapp: QApplication, qtbot: QtBot) -> Transcript:
    made = Transcript(ui_stage.dress(qapp))
    qtbot.addWidget(made)
    ui_stage.show(made, (900, 640))
    made.activateWindow()
    return made


@pytest.fixture
def told(transcript: Transcript) -> list[Command]:
    found: list[Command] = []
    transcript.commanded.connect(found.append)
    return found


@pytest.mark.parametrize("words", ["Short.", LONG, LONG * 4])
@pytest.mark.parametrize("number", [1, 3, 7])
def test_a_version_stands_where_the_other_stood(
    transcript: Transcript, words: str, number: int
) -> None:
    messages = [m for n in range(4) for m in (question(n), answer(n, LONG))]
    transcript.set_messages(messages)
    transcript.show_message(number)
    bar = transcript.verticalScrollBar()
    bar.setValue(transcript.items[number].top - 150)
    place = transcript.ready(number).y()
    other = replace(messages[number], id="other", text=words)
    branch = [*messages[:number], other]
    places = {**alone(branch), "other": Siblings((messages[number].id, "other"), 1)}
    transcript.show_branch(branch, places, hold_id="other")
    view = transcript.ready(number)
    assert view.item.message.id == "other"
    assert view.y() == place
    assert not transcript.is_at_end
    # And back: all that followed is there again, in its place.
    transcript.show_branch(messages, alone(messages), hold_id=messages[number].id)
    assert transcript.ready(number).y() == place
    assert transcript.count == 8


def test_what_both_branches_have_keeps_its_widgets(transcript: Transcript) -> None:
    messages = [question(1), answer(1), question(2), answer(2)]
    transcript.set_messages(messages)
    kept = transcript.ready(1)
    branch = [*messages[:2], question(3)]
    transcript.show_branch(branch, alone(branch))
    assert transcript.ready(1) is kept
    assert [each.message.id for each in transcript.items] == ["u1", "a1", "u3"]


def test_a_shorter_branch_has_no_room_behind_its_end(transcript: Transcript) -> None:
    messages = [m for n in range(4) for m in (question(n), answer(n, LONG))]
    transcript.set_messages(messages)
    transcript.show_branch(messages[:2], alone(messages[:2]))
    assert transcript.items[-1].is_last
    bar = transcript.verticalScrollBar()
    assert bar.maximum() == max(0, transcript._layout.total() - transcript.viewport().height())


def test_nothing_of_the_tree_is_offered_where_there_is_none(transcript: Transcript) -> None:
    transcript.set_messages([question(1), answer(1)])
    for number in (0, 1):
        footer = transcript.ready(number).footer
        assert footer._edit.isHidden()
        assert footer.arrows is None
    menu = Menu(transcript)
    transcript.message_actions.branching.add_lines(menu, transcript.items[1])
    assert menu.isEmpty()
    menu.close()


def test_enter_sends_an_edited_question_and_escape_does_not(
    transcript: Transcript, told: list[Command]
) -> None:
    messages = [question(1), answer(1)]
    transcript.show_branch(messages, alone(messages))
    transcript.begin_edit("u1")
    view = transcript.ready(0)
    assert isinstance(view, EditingView)
    QTest.keyClicks(view.field, " Really?")
    QTest.keyClick(view.field, Qt.Key.Key_Escape)
    assert told == []
    transcript.begin_edit("u1")
    view = transcript.ready(0)
    assert isinstance(view, EditingView)
    assert view.field.toPlainText() == "A question?"
    QTest.keyClicks(view.field, " Why?")
    QTest.keyClick(view.field, Qt.Key.Key_Return)
    assert told == [Command(Verb.SEND_EDITED, "u1", text="A question? Why?")]
    assert not isinstance(transcript.ready(0), EditingView)


def test_an_edited_answer_has_lines_and_two_ways_to_be_kept(
    transcript: Transcript, told: list[Command]
) -> None:
    messages = [question(1), answer(1)]
    transcript.show_branch(messages, alone(messages))
    transcript.begin_edit("a1")
    view = transcript.ready(1)
    assert isinstance(view, EditingView)
    QTest.keyClick(view.field, Qt.Key.Key_Return)
    QTest.keyClicks(view.field, "And no.")
    assert told == []
    view.go_on.click()
    transcript.begin_edit("a1")
    view = transcript.ready(1)
    assert isinstance(view, EditingView)
    view.keep.click()  # not a word is different
    assert told == [Command(Verb.GO_ON_EDITED, "a1", text="Yes.\nAnd no.")]


def test_what_is_being_written_survives_a_change_of_the_look(transcript: Transcript) -> None:
    messages = [question(1), answer(1)]
    transcript.show_branch(messages, alone(messages))
    transcript.begin_edit("u1")
    view = transcript.ready(0)
    assert isinstance(view, EditingView)
    QTest.keyClicks(view.field, " More.")
    transcript._restyle()
    again = transcript.ready(0)
    assert isinstance(again, EditingView)
    assert again is not view
    assert again.field.toPlainText() == "A question? More."


def test_an_answer_that_is_being_written_cannot_be_edited(transcript: Transcript) -> None:
    messages = [question(1), answer(1, "", state=MessageState.STREAMING)]
    transcript.show_branch(messages, alone(messages))
    transcript.begin_edit("a1")
    assert not isinstance(transcript.ready(1), EditingView)
    assert transcript.ready(1).footer._edit.isHidden()


@pytest.mark.parametrize(
    ("reason", "state", "offered"),
    [
        ("stop", MessageState.COMPLETE, False),
        ("length", MessageState.COMPLETE, True),
        ("cancelled", MessageState.COMPLETE, True),
    ],
)
def test_continue_is_offered_for_what_stopped(
    transcript: Transcript, told: list[Command], reason: str, state: MessageState, offered: bool
) -> None:
    details = AnswerDetails(model_key="k", model_name="Qwen3", stop_reason=reason)  # type: ignore[arg-type]
    messages = [question(1), answer(1, state=state, details=details)]
    transcript.show_branch(messages, alone(messages))
    button = transcript.ready(1).footer._on
    assert button.isHidden() is not offered
    button.click()
    assert told == [Command(Verb.CONTINUE, "a1")]


def test_greyed_messages_say_so_to_the_eye_and_the_ear(transcript: Transcript) -> None:
    messages = [question(1), answer(1), question(2), answer(2)]
    transcript.show_branch(messages, alone(messages))
    view = transcript.ready(0)
    clear = view.grab().toImage()
    transcript.set_given({"u1"}, {"a1"})
    assert [each.given for each in transcript.items[:3]] == [
        Given.LEFT_OUT, Given.SUMMARISED, Given.WHOLE,
    ]  # fmt: skip
    assert view.grab().toImage() != clear
    assert view.footer.figures == "No room: not sent to the model"
    assert "not sent to the model" in view.accessibleDescription()
    assert transcript.ready(1).footer.figures == "Sent as part of the summary"
    transcript.set_given((), ())
    assert view.footer.figures == ""
    assert "not sent" not in view.accessibleDescription()


def test_the_menu_offers_other_models(transcript: Transcript, told: list[Command]) -> None:
    messages = [question(1), answer(1)]
    transcript.show_branch(messages, alone(messages))
    branching = transcript.message_actions.branching
    branching.models = lambda: [ModelChoice("other", "Qwen & Co")]
    menu = Menu(transcript)
    branching.add_lines(menu, transcript.items[1])
    names = [each.text() for each in menu.actions() if each.text()]
    assert names == [
        "Edit…", "Try again", "Branch into a new chat", "Always send to the model", "Delete",
    ]  # fmt: skip
    again = next(each.menu() for each in menu.actions() if each.text() == "Try again")
    lines = {each.text(): each for each in again.actions()}  # type: ignore[union-attr]
    lines["With Qwen && Co"].trigger()
    lines["More careful"].trigger()
    assert told[0] == Command(Verb.TRY_AGAIN, "a1", model_key="other")
    assert told[1].warmer < 0
    menu.close()


def test_a_very_long_text_can_be_pasted_into_an_edit(transcript: Transcript) -> None:
    messages = [question(1), answer(1)]
    transcript.show_branch(messages, alone(messages))
    transcript.begin_edit("u1")
    view = transcript.ready(0)
    assert isinstance(view, EditingView)
    data = QMimeData()
    data.setText("word " * 40_000)
    view.field.insertFromMimeData(data)
    assert view.field.toPlainText().endswith("word " * 40_000)
