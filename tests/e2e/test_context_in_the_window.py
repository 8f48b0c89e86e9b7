"""The meter, greyed messages and every choice about a full context, with the real tokenizer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.chat.events import TurnCounted
from app.engine.entities import SamplingParameters
from app.history.entities import (
    AnswerDetails,
    Conversation,
    Message,
    MessageState,
    Overflow,
    Role,
    Summary,
)
from app.ids import new_id
from tests.helpers.window import dispose, is_over, last_answer, open_session, wait_until
from ui.chat.branch_commands import Command, Verb
from ui.chat.message_item import Given
from ui.session import Session

CONTEXT = 512


@pytest.fixture(scope="module")
def window(
    tmp_path_factory: pytest.TempPathFactory, starter_model: Path, qapp: object
) -> Iterator[Session]:
    """One window for all tests: loading the model takes longer than most of them."""
    made = open_session(tmp_path_factory.mktemp("context") / "data")
    made.services.settings.change(context_tokens=CONTEXT)
    made.window.resize(1280, 800)
    load(made)
    yield made
    dispose(made)


@pytest.fixture
def session(window: Session) -> Session:
    """The window with a new chat."""
    window.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=8))
    window.chat.new_chat()
    window.page.composer.set_text("")
    window.window.activateWindow()
    return window


def ask(session: Session, text: str) -> None:
    before = last_answer(session)
    session.page.composer.set_text(text)
    QTest.keyClick(session.page.composer.field, Qt.Key.Key_Return)
    wait_until(lambda: last_answer(session) not in (None, before) and is_over(session), 90)


def fill(session: Session) -> None:
    """Four exchanges of about 110 tokens each, which are in the history; a fifth does not fit."""
    history, kept = session.services.history, []
    model = session.chat.model
    assert model is not None
    details = AnswerDetails(model_key=model.key, model_name=model.name)
    conversation = Conversation(new_id(), "Words", model_key=model.key)
    parent: str | None = None
    for number in range(4):
        words = f"Number {number}. " + "word " * 95
        question = Message(new_id(), conversation.id, parent, Role.USER, words)
        answer = Message(
            new_id(), conversation.id, question.id, Role.ASSISTANT, "Yes.", details=details
        )
        history.begin_turn(conversation, question, answer)
        parent = answer.id
    history.set_model(conversation.id, model.key, done=kept.append)
    wait_until(lambda: bool(kept))
    session.chat.open(conversation.id)
    load(session)
    wait_until(lambda: session.context.report is not None)


def load(session: Session) -> None:
    """The model with the short context, whatever the test before made of it."""
    host, model = session.services.host, session.chat.model
    facts = host.status.facts
    if facts is None or facts.context_tokens != CONTEXT:
        session.models.load(model.key)
        wait_until(lambda: host.status.facts is not None, 60)
        assert host.status.facts.context_tokens == CONTEXT


def counted(session: Session, text: str) -> None:
    """Write ``text`` and wait until it is counted."""
    session.page.composer.set_text(text)
    wait_until(lambda: session.context.report is not None and session.context._counted_text == text)


def overfill(session: Session) -> str:
    fill(session)
    text = "And now? " + "word " * 95
    counted(session, text)
    wait_until(lambda: bool(session.context.would_go))
    return text


def given(session: Session) -> list[Given]:
    return [each.given for each in session.page.transcript.items]


def heard_report(session: Session) -> list[TurnCounted]:
    found: list[TurnCounted] = []

    def listen(event: object) -> None:
        if isinstance(event, TurnCounted):
            found.append(event)

    session.services.turns.subscribe(listen)
    return found


def test_the_meter_tells_before_sending_what_is_sent(session: Session) -> None:
    ask(session, "What is the capital of France?")
    text = "And of Italy, in one word?"
    counted(session, text)
    report = session.context.report
    assert session.page.status.context.text() == f"{report.prompt_tokens} of {CONTEXT}"
    QTest.mouseClick(session.page.status.context_button, Qt.MouseButton.LeftButton)
    assert session.parts.isVisible()
    rows = dict(session.parts.rows)
    assert rows["What you are writing"] == str(report.tokens_of("draft"))
    assert rows["Room for the answer"] == "8"
    told = [
        int(rows[label])
        for label in ("Conversation", "What you are writing", "Marks of the chat format")
    ]
    assert sum(told) == report.prompt_tokens
    session.parts.close_popover()
    sent = heard_report(session)
    ask(session, text)
    assert sent[-1].report.prompt_tokens == report.prompt_tokens
    assert last_answer(session).details.timings.prompt_tokens == report.prompt_tokens


def test_what_would_not_fit_is_greyed_and_nothing_is_sent_before_a_choice(
    session: Session,
) -> None:
    text = overfill(session)
    assert given(session)[:2] == [Given.LEFT_OUT] * 2
    assert given(session)[-2:] == [Given.WHOLE] * 2
    bar = session.page.overflow
    assert bar.isVisible()
    assert "will not fit" in bar.offer.text
    assert session.page.status.meter.ink == "bad"
    view = session.page.transcript.ready(0)
    assert view.footer.figures == "No room: not sent to the model"
    assert "not sent to the model" in view.accessibleDescription()
    QTest.keyClick(session.page.composer.field, Qt.Key.Key_Return)
    assert session.services.turns.active is None
    assert session.page.composer.text == text, "nothing is lost"
    assert any(button.hasFocus() for button in bar.buttons)
    # A shorter question fits again, and nothing is greyed any more.
    counted(session, "Ok")
    assert Given.LEFT_OUT not in given(session)
    assert not bar.isVisible()


def test_the_oldest_are_left_out_and_that_is_remembered(session: Session) -> None:
    text = overfill(session)
    gone = session.context.would_go
    session.page.overflow.button(Overflow.OLDEST.value).click()
    wait_until(lambda: session.context.report is not None and session.context.report.fits)
    assert session.context.report.left_out == gone
    assert "are not sent" in session.page.overflow.offer.text
    ask(session, text)
    assert last_answer(session).state is MessageState.COMPLETE
    assert last_answer(session).details.left_out == len(gone)
    identity = session.chat.conversation.id
    session.chat.new_chat()
    session.chat.open(identity)
    assert session.chat.conversation.overflow is Overflow.OLDEST
    # It can be changed where the meter is.
    session.context.open_parts()
    choice = session.parts.choice
    assert choice.currentData() == Overflow.OLDEST.value
    choice.chosen.emit(Overflow.STOP.value)
    session.parts.close_popover()
    assert session.chat.conversation.overflow is Overflow.STOP


def test_the_middle_is_left_out_and_the_beginning_stays(session: Session) -> None:
    overfill(session)
    session.overflow.choose(Overflow.MIDDLE)
    wait_until(lambda: session.context.report is not None and session.context.report.fits)
    assert given(session)[:2] == [Given.WHOLE] * 2
    assert given(session)[2:4] == [Given.LEFT_OUT] * 2


def test_a_pinned_message_stays(session: Session) -> None:
    overfill(session)
    first = session.chat.branch[0]
    session.branches.do(Command(Verb.PIN, first.id))
    wait_until(lambda: session.chat.branch[0].pinned)
    session.overflow.choose(Overflow.OLDEST)
    wait_until(
        lambda: (
            session.context.report is not None
            and session.context.report.fits
            and bool(session.context.report.left_out)
        )
    )
    assert first.id not in session.context.report.left_out
    assert given(session)[0] is Given.WHOLE


def test_a_summary_is_written_shown_changed_and_sent(session: Session) -> None:
    text = overfill(session)
    session.page.overflow.button(Overflow.SUMMARISE.value).click()
    sheet = session.summary
    wait_until(lambda: sheet.isVisible() and not sheet.field.isReadOnly(), 120)
    assert sheet.field.toPlainText()
    sheet.field.setPlainText("The user said the word word.")
    sheet.keep.click()
    wait_until(lambda: session.chat.conversation.overflow is Overflow.SUMMARISE)
    wait_until(lambda: session.context.report is not None and session.context.report.summarised)
    kept = session.services.history.summaries(session.chat.conversation.id)
    assert [(each.text, each.edited) for each in kept] == [("The user said the word word.", True)]
    assert given(session)[0] is Given.SUMMARISED
    if session.context.report.fits:
        ask(session, text)
        assert last_answer(session).state is MessageState.COMPLETE
        assert last_answer(session).details.left_out >= 2


def test_a_summary_can_be_removed(session: Session) -> None:
    fill(session)
    history, identity = session.services.history, session.chat.conversation.id
    kept: list[object] = []
    summary = Summary(session.chat.branch[1].id, identity, "Words were said.")
    history.set_summary(summary, done=kept.append)
    wait_until(lambda: bool(kept))
    session.chat.set_overflow(Overflow.SUMMARISE)
    wait_until(lambda: session.context.report is not None and session.context.report.summarised)
    session.page.overflow.button("summary").click()
    assert session.summary.field.toPlainText() == "Words were said."
    session.summary.remove.click()
    wait_until(lambda: not history.summaries(identity))
    wait_until(lambda: Given.SUMMARISED not in given(session))


def test_a_longer_context_is_priced_and_loaded(session: Session) -> None:
    text = overfill(session)
    report = session.context.report
    assert report.growth is not None
    assert report.growth.context_tokens > CONTEXT
    button = session.page.overflow.button(Overflow.GROW.value)
    assert "long" in button.text()
    assert "more memory" in session.page.overflow.offer.more or (
        "speed" in session.page.overflow.offer.more
    )
    button.click()
    wait_until(
        lambda: (
            session.context.report is not None
            and "becomes"
            in (session.page.overflow.offer.text if session.page.overflow.offer else "")
        )
    )
    ask(session, text)
    answer = last_answer(session)
    assert answer.state is MessageState.COMPLETE
    assert answer.details.left_out == 0
    assert session.services.host.status.facts.context_tokens >= report.growth.context_tokens


def test_a_question_that_found_no_room_is_answered_after_the_choice(session: Session) -> None:
    fill(session)
    # As when the model was loaded only for this message: nothing was counted before.
    session.context._forget()
    session.page.composer.set_text("And now? " + "word " * 95)
    session.chat.send(session.page.composer.text)
    wait_until(lambda: is_over(session) and last_answer(session).state is MessageState.FAILED, 60)
    assert last_answer(session).details.failure == "chat.context_full"
    failed = last_answer(session)
    wait_until(lambda: bool(session.context.would_go))
    session.page.overflow.button(Overflow.OLDEST.value).click()
    wait_until(lambda: last_answer(session).id != failed.id and is_over(session), 60)
    assert last_answer(session).state is MessageState.COMPLETE
    assert last_answer(session).parent_id == failed.parent_id


def test_before_an_edit_that_reads_much_again_its_cost_is_said(session: Session) -> None:
    session.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=8))
    fill(session)
    first = session.chat.branch[0]
    session.page.transcript.begin_edit(first.id)
    view = session.page.transcript.ready(0)
    view.field.setPlainText("Other words. " + "thing " * 300)
    item = session.page.transcript.items[0]
    wait_until(lambda: bool(item.edit_cost) or session.services.turns.active is not None, 10)
    assert "the model reads again" in item.edit_cost
    QTest.keyClick(view.field, Qt.Key.Key_Escape)
