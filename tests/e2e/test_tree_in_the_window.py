"""A person edits, tries again, continues, goes between versions, branches, deletes and undoes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.engine.entities import SamplingParameters
from app.history.entities import Message, MessageState, Role
from tests.helpers.window import dispose, is_over, last_answer, open_session, wait_until
from ui.chat.answer_view import AnswerView
from ui.chat.branch_commands import Command, Verb
from ui.chat.editing_view import EditingView
from ui.chat.message_view import MessageView
from ui.session import Session


@pytest.fixture(scope="module")
def window(
    tmp_path_factory: pytest.TempPathFactory, starter_model: Path, qapp: object
) -> Iterator[Session]:
    """One window for all tests: loading the model takes longer than most of them."""
    made = open_session(tmp_path_factory.mktemp("tree") / "data")
    made.window.resize(1280, 800)
    yield made
    dispose(made)


@pytest.fixture
def session(window: Session) -> Session:
    """The window with a new chat."""
    window.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=12))
    window.chat.new_chat()
    window.page.composer.set_text("")
    window.window.activateWindow()
    return window


def ask(session: Session, text: str) -> Message:
    """Type a question and wait for its answer's end."""
    before = last_answer(session)
    field = session.page.composer.field
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait_until(lambda: last_answer(session) not in (None, before) and is_over(session), 90)
    answer = last_answer(session)
    assert answer is not None
    return answer


def finished(session: Session, before: Message) -> Message:
    """Wait for the answer that follows ``before``."""
    wait_until(
        lambda: (
            is_over(session)
            and last_answer(session) is not None
            and last_answer(session) != before
            and last_answer(session).state is not MessageState.STREAMING
        ),
        90,
    )
    answer = last_answer(session)
    assert answer is not None
    return answer


def view_of(session: Session, message_id: str) -> MessageView:
    item = next(each for each in session.page.transcript.items if each.message.id == message_id)
    return session.page.transcript.ready(item.number)


def edit(session: Session, message_id: str, text: str) -> EditingView:
    """Press Edit at a message and type other words."""
    view_of(session, message_id).footer._edit.click()
    view = view_of(session, message_id)
    assert isinstance(view, EditingView)
    assert view.field.hasFocus()
    view.field.selectAll()
    QTest.keyClicks(view.field, text)
    return view


def texts(session: Session) -> list[str]:
    return [each.text for each in session.chat.branch]


def test_an_edited_question_is_a_branch_and_its_versions_are_a_click_apart(
    session: Session,
) -> None:
    first = ask(session, "Name a colour")
    question = session.chat.branch[0]
    field = edit(session, question.id, "Name an animal").field
    QTest.keyClick(field, Qt.Key.Key_Return)
    second = finished(session, first)
    branch = session.chat.branch
    assert [each.text for each in branch] == ["Name an animal", second.text]
    footer = view_of(session, branch[0].id).footer
    assert footer.arrows is not None
    assert footer.arrows.count.text() == "2/2"
    assert not footer.arrows.after.isEnabled()

    QTest.mouseClick(footer.arrows.before, Qt.MouseButton.LeftButton)
    wait_until(lambda: session.chat.branch[0].id == question.id)
    assert texts(session) == ["Name a colour", first.text], "nothing was overwritten"
    assert view_of(session, question.id).footer.arrows.count.text() == "1/2"

    # By keys alone, from the text of the message; the branch last seen there comes back.
    session.page.transcript.enter_message(0)
    QTest.keyClick(session.page.transcript, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    wait_until(lambda: session.chat.branch[0].id == branch[0].id)
    assert texts(session) == ["Name an animal", second.text]


def test_a_message_whose_arrows_are_used_does_not_move(session: Session) -> None:
    services = session.services
    for number in range(4):
        ask(session, f"Question {number}: tell me something")
    target = session.chat.branch[3]
    long = "\n\n".join(f"Paragraph {n} of an answer that is long." for n in range(60))
    services.branching.edit_answer(target.id, long)
    wait_until(lambda: len(services.history.siblings(target.id)) == 2)
    session.chat.reload()
    transcript = session.page.transcript
    transcript.verticalScrollBar().setValue(
        next(each for each in transcript.items if each.message.id == target.id).top - 200
        if target.id in [each.message.id for each in transcript.items]
        else 0
    )
    shown = session.chat.branch[3]
    for _ in range(4):
        view = view_of(session, shown.id)
        place = view.y()
        assert view.footer.arrows is not None
        step = -1 if view.footer.arrows.before.isEnabled() else 1
        view.footer.arrows.step(step)
        before = shown.id
        wait_until(lambda before=before: session.chat.branch[3].id != before)
        shown = session.chat.branch[3]
        assert view_of(session, shown.id).y() == place
        assert not transcript.is_at_end


def test_the_keyboard_stays_at_the_arrow(session: Session) -> None:
    first = ask(session, "Say one word")
    session.branches.do(Command(Verb.TRY_AGAIN, first.id, warmer=1.0))
    finished(session, first)
    shown = last_answer(session)
    arrows = view_of(session, shown.id).footer.arrows
    assert arrows is not None
    arrows.before.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(arrows.before, Qt.Key.Key_Return)
    wait_until(lambda: last_answer(session).id == first.id)
    arrows = view_of(session, first.id).footer.arrows
    assert arrows.after.hasFocus(), "the first version has no earlier one"
    QTest.keyClick(arrows.after, Qt.Key.Key_Return)
    wait_until(lambda: last_answer(session).id == shown.id)


def test_try_again_and_continue(session: Session) -> None:
    stopped = ask(session, "Count from one to twenty in words")
    assert stopped.details.stop_reason == "length"
    footer = view_of(session, stopped.id).footer
    assert not footer._on.isHidden(), "it can be written on"
    footer._on.click()
    longer = finished(session, stopped)
    assert longer.id == stopped.id
    assert longer.text.startswith(stopped.text)
    assert len(longer.text) > len(stopped.text)
    view = view_of(session, longer.id)
    assert isinstance(view, AnswerView)
    assert view.body.markdown == longer.text

    view.footer._again.click()
    other = finished(session, longer)
    assert other.id != longer.id
    assert session.services.history.siblings(other.id) == [longer.id, other.id]
    assert other.details.sampling.temperature == 0


def test_an_answer_in_other_words_is_a_version_and_is_gone_on_from(session: Session) -> None:
    answer = ask(session, "What is the capital of France?")
    view = edit(session, answer.id, "The capital of France is")
    view.go_on.click()
    wait_until(lambda: last_answer(session).id != answer.id, 30)
    edited = finished(session, answer)
    wait_until(lambda: len(last_answer(session).text) > len("The capital of France is"), 60)
    wait_until(lambda: is_over(session), 60)
    edited = last_answer(session)
    assert edited.text.startswith("The capital of France is")
    assert edited.details.edited
    shown = view_of(session, edited.id)
    assert isinstance(shown, AnswerView)
    assert "Edited by you" in shown.head
    assert session.services.history.message(answer.id).text == answer.text


def test_escape_leaves_a_message_as_it_was(session: Session) -> None:
    ask(session, "Say hello")
    question = session.chat.branch[0]
    field = edit(session, question.id, "Say goodbye").field
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not isinstance(view_of(session, question.id), EditingView)
    assert len(session.services.history.messages(session.chat.conversation.id)) == 2


def test_delete_with_undo_and_an_answer_for_what_is_left(session: Session) -> None:
    ask(session, "First question")
    ask(session, "Second question")
    whole = texts(session)
    third, fourth = session.chat.branch[2:]
    session.branches.do(Command(Verb.DELETE, third.id))
    wait_until(lambda: len(session.chat.branch) == 2)
    assert session.page.transcript.count == 2
    assert session.window.toast.isVisible()
    session.window.toast._button.click()
    wait_until(lambda: len(session.chat.branch) == 4)
    assert texts(session) == whole

    session.branches.do(Command(Verb.DELETE, fourth.id))
    wait_until(lambda: len(session.chat.branch) == 3)
    footer = view_of(session, third.id).footer
    assert footer._again.text() == "Answer"
    footer._again.click()
    wait_until(lambda: len(session.chat.branch) == 4 and is_over(session), 60)
    assert last_answer(session).parent_id == third.id


def test_everything_can_be_deleted_and_the_chat_goes_on(session: Session) -> None:
    ask(session, "First question")
    conversation = session.chat.conversation.id
    session.branches.do(Command(Verb.DELETE, session.chat.branch[0].id))
    wait_until(lambda: not session.chat.branch)
    assert session.page.empty.isVisible()
    ask(session, "Another question")
    assert session.chat.conversation.id == conversation
    assert texts(session)[0] == "Another question"


def test_a_branch_becomes_a_chat_of_its_own(session: Session) -> None:
    first = ask(session, "First question")
    ask(session, "Second question")
    source = session.chat.conversation
    session.branches.do(Command(Verb.FORK, first.id))
    wait_until(lambda: session.chat.conversation.id != source.id)
    assert texts(session) == ["First question", first.text]
    assert session.chat.conversation.title == f"{source.title} (branch)"
    assert len(session.services.history.branch(source.id)) == 4


def test_a_pin_is_kept_and_shown(session: Session) -> None:
    ask(session, "Remember the number seven")
    question = session.chat.branch[0]
    session.branches.do(Command(Verb.PIN, question.id))
    wait_until(lambda: session.chat.branch[0].pinned)
    footer = view_of(session, question.id).footer
    assert footer.figures == "Always sent to the model"
    assert footer.shows_figures
    session.branches.do(Command(Verb.UNPIN, question.id))
    wait_until(lambda: not session.chat.branch[0].pinned)
    assert footer.figures == ""


def test_a_message_typed_meanwhile_waits_and_is_sent(session: Session) -> None:
    session.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=60))
    field = session.page.composer.field
    QTest.keyClicks(field, "Tell me a story about a river")
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait_until(lambda: session.page.composer.is_answering, 60)
    for words in ("And then?", "The end?"):
        QTest.keyClicks(field, words)
        QTest.keyClick(field, Qt.Key.Key_Return)
        wait_until(lambda: session.page.composer.text == "")
    queue = session.page.queue
    assert queue.isVisible()
    assert [each.text for each in queue.waiting] == ["And then?", "The end?"]
    # One is taken back to be changed.
    queue.row(1)[1].click()
    wait_until(lambda: session.page.composer.text == "The end?")
    assert [each.text for each in queue.waiting] == ["And then?"]
    session.page.composer.set_text("")

    def both_answered() -> bool:
        asked = [each.text for each in session.chat.branch if each.role is Role.USER]
        return is_over(session) and len(asked) == 2

    wait_until(both_answered, 90)
    assert texts(session)[2] == "And then?"
    assert not queue.isVisible()


def test_after_a_stop_what_waits_is_sent_on_request_only(session: Session) -> None:
    session.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=400))
    field = session.page.composer.field
    QTest.keyClicks(field, "Tell me a long story")
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait_until(lambda: session.page.composer.is_answering, 60)
    QTest.keyClicks(field, "Stop it")
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait_until(lambda: len(session.page.queue.waiting) == 1)
    wait_until(lambda: session.services.turns.active.tokens > 2, 60)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    wait_until(lambda: is_over(session), 30)
    queue = session.page.queue
    assert [each.text for each in queue.waiting] == ["Stop it"]
    assert queue.send.isVisible()
    session.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=4))
    queue.send.click()
    wait_until(lambda: len(session.chat.branch) == 4 and is_over(session), 60)
    assert texts(session)[2] == "Stop it"
    assert not queue.isVisible()
