"""What the model saw, a summary inside a turn, and what waits with its files, in the window."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.chat.events import TurnEvent, TurnSummarising
from app.engine.entities import SamplingParameters
from app.history.entities import (
    AnswerDetails,
    Conversation,
    Message,
    MessageState,
    Overflow,
    Role,
)
from app.ids import new_id
from tests.helpers.short_model import with_layers
from tests.helpers.window import dispose, is_over, last_answer, open_session, wait_until
from ui.chat.answer_view import AnswerView
from ui.chat.message_item import Given
from ui.chat.phases import Summarising
from ui.session import Session
from ui.widgets.menu import Menu

CONTEXT = 512


@pytest.fixture(scope="module")
def window(
    tmp_path_factory: pytest.TempPathFactory, starter_model: Path, qapp: object
) -> Iterator[Session]:
    root = tmp_path_factory.mktemp("prompt")
    short = with_layers(starter_model, root / starter_model.name, 2)
    made = open_session(root / "data", starter=short)
    made.services.settings.change(context_tokens=CONTEXT, automatic_titles=False)
    made.window.resize(1280, 800)
    made.models.load(made.chat.model.key)
    wait_until(lambda: made.services.host.status.facts is not None, 60)
    yield made
    dispose(made)


@pytest.fixture
def session(window: Session) -> Session:
    """The window with a new chat."""
    sampling(window, 8)
    window.chat.new_chat()
    window.page.composer.set_text("")
    window.window.activateWindow()
    return window


def sampling(session: Session, tokens: int) -> None:
    session.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=tokens))


def send(session: Session, text: str) -> None:
    session.page.composer.set_text(text)
    QTest.keyClick(session.page.composer.field, Qt.Key.Key_Return)


def ask(session: Session, text: str) -> Message:
    before = last_answer(session)
    send(session, text)
    wait_until(lambda: last_answer(session) not in (None, before) and is_over(session), 60)
    answer = last_answer(session)
    assert answer is not None
    return answer


def counted(session: Session, text: str) -> None:
    session.page.composer.set_text(text)
    wait_until(lambda: session.context.report is not None and session.context._counted_text == text)


def fill(session: Session) -> None:
    """Three exchanges of about 110 tokens each, in the history."""
    history, kept = session.services.history, []
    model = session.chat.model
    details = AnswerDetails(model_key=model.key, model_name=model.name)
    conversation = Conversation(new_id(), "Words", model_key=model.key)
    parent: str | None = None
    for number in range(3):
        words = f"Number {number}. " + "word " * 95
        question = Message(new_id(), conversation.id, parent, Role.USER, words)
        answer = Message(
            new_id(), conversation.id, question.id, Role.ASSISTANT, "", details=details,
            state=MessageState.STREAMING,
        )  # fmt: skip
        history.begin_turn(conversation, question, answer)
        history.finish_answer(answer.id, "Yes.", "", MessageState.COMPLETE, details)
        parent = answer.id
    history.set_model(conversation.id, model.key, done=kept.append)
    wait_until(lambda: bool(kept))
    session.chat.open(conversation.id)


@contextlib.contextmanager
def hearing(session: Session, listener: Callable[[TurnEvent], None]) -> Iterator[None]:
    listeners = session.services.turns._listeners
    listeners.append(listener)
    try:
        yield
    finally:
        listeners.remove(listener)


def seen(session: Session) -> str:
    wait_until(lambda: session.prompt._sheet.prompt != "")
    return session.prompt._sheet.prompt


def open_from_menu(session: Session, message: Message) -> None:
    """By the ⋯ menu under an answer."""
    transcript = session.page.transcript
    place = next(each for each in transcript.items if each.message.id == message.id)
    transcript.ready(place.number).footer._open_menu()
    menus = [each for each in QApplication.topLevelWidgets() if isinstance(each, Menu)]
    menus += session.window.findChildren(Menu)
    (line,) = {
        each for menu in menus for each in menu.actions() if each.text() == "What the model saw…"
    }
    line.trigger()
    for menu in menus:
        menu.close()


def test_what_an_answer_was_written_from_is_shown_letter_by_letter(session: Session) -> None:
    session.chat._instructions_changed("Be kind.")
    answer = ask(session, "Say <|im_end|> and <b>bold</b>.")
    ask(session, "And then?")
    open_from_menu(session, answer)
    prompt, sheet = seen(session), session.prompt._sheet
    assert prompt == (
        "<|im_start|>system\nBe kind.<|im_end|>\n"
        "<|im_start|>user\nSay <|im_end|> and <b>bold</b>.<|im_end|>\n"
        "<|im_start|>assistant\n"
    )
    assert sheet.field.toPlainText() == prompt
    assert f"{answer.details.timings.prompt_tokens} tokens" in sheet.about
    assert "Instructions 3" in sheet.parts
    assert sheet.remark.isHidden()
    sheet.copy.click()
    assert QGuiApplication.clipboard().text() == prompt
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert sheet.isHidden()
    assert sheet.prompt == ""
    # Something else would be sent now, and that is said.
    session.chat._instructions_changed("Be very kind to everybody.")
    open_from_menu(session, answer)
    seen(session)
    assert str(answer.details.timings.prompt_tokens) in sheet.remark.text()
    sheet.close_sheet()


def test_what_the_next_message_would_send_is_shown(session: Session) -> None:
    ask(session, "Hello")
    counted(session, "And now?")
    session.context.open_parts()
    QTest.mouseClick(session.parts.prompt, Qt.MouseButton.LeftButton)
    assert not session.parts.isVisible()
    prompt = seen(session)
    assert prompt.endswith(
        "<|im_end|>\n<|im_start|>user\nAnd now?<|im_end|>\n<|im_start|>assistant\n"
    )
    assert str(session.context.report.prompt_tokens) in session.prompt._sheet.about
    assert "What you are writing 3" in session.prompt._sheet.parts
    session.prompt._sheet.close_sheet()


def test_without_a_model_it_is_said_what_to_do(session: Session) -> None:
    answer = ask(session, "Hello")
    session.services.host.unload()
    try:
        session.prompt.show_of_answer(answer.id)
        assert "load a model" in session.prompt._sheet.about
        session.prompt._sheet.close_sheet()
    finally:
        session.models.load(session.chat.model.key)
        wait_until(lambda: session.services.host.status.facts is not None, 60)


def test_a_summary_inside_a_turn_is_shown_while_it_is_written(session: Session) -> None:
    fill(session)
    session.chat.set_overflow(Overflow.SUMMARISE)
    shown: list[tuple[str, str, bool]] = []

    def heard(event: TurnEvent) -> None:
        if isinstance(event, TurnSummarising):
            item = session.page.transcript.items[-1]
            view = session.page.transcript.ready(item.number)
            assert isinstance(item.phase, Summarising)
            assert isinstance(view, AnswerView)
            progress = view.progress
            assert progress is not None
            shown.append((progress.words, progress.tail, session.page.composer.is_answering))

    with hearing(session, heard):
        answer = ask(session, "And now? " + "word " * 150)
    assert {words for words, _tail, _stop in shown} == {"Summarising the oldest messages first"}
    assert all(stop for _words, _tail, stop in shown), "Stop is there"
    assert any(tail for _words, tail, _stop in shown)
    assert answer.state is MessageState.COMPLETE
    assert answer.details.left_out >= 2
    assert session.page.transcript.items[0].given is Given.SUMMARISED


def test_a_summary_inside_a_turn_is_stopped_by_esc(session: Session) -> None:
    fill(session)
    session.chat.set_overflow(Overflow.SUMMARISE)
    pressed: list[bool] = []

    def heard(event: TurnEvent) -> None:
        if isinstance(event, TurnSummarising) and not pressed:
            pressed.append(True)
            QTest.keyClick(session.page.composer.field, Qt.Key.Key_Escape)

    with hearing(session, heard):
        answer = ask(session, "And now? " + "word " * 150)
    assert pressed
    assert answer.text == ""
    assert session.services.history.summaries(answer.conversation_id) == []
    assert not session.page.composer.is_answering


def test_what_is_queued_takes_its_files_along_and_gives_them_back(
    session: Session, tmp_path: Path
) -> None:
    sampling(session, 200)
    send(session, "Write a long story.")
    wait_until(lambda: session.page.composer.is_answering)
    note = tmp_path / "note.txt"
    note.write_text("The door code is 4711.", encoding="utf-8")
    session.files.attach([str(note)])
    wait_until(lambda: bool(session.files.files) and session.files.files[0].attachment is not None)
    send(session, "What is the code?")
    queue = session.page.queue
    wait_until(lambda: bool(queue.waiting))
    assert [each.name for each in queue.waiting[0].attachments] == ["note.txt"]
    assert "note.txt" in queue.row(0)[0].text()
    assert session.page.composer.text == ""
    assert session.files.files == []
    # Taken back to be changed, they are in the draft again; queued again, they are sent.
    queue.row(0)[1].click()
    wait_until(lambda: not queue.waiting)
    assert session.page.composer.text == "What is the code?"
    assert [each.name for each in session.files.files] == ["note.txt"]
    send(session, "What is the code?")
    wait_until(lambda: bool(queue.waiting) or session.services.turns.active is None)
    sampling(session, 8)
    wait_until(lambda: len(session.chat.branch) == 4 and is_over(session), 60)
    question = session.chat.branch[2]
    assert [each.text for each in question.attachments] == ["The door code is 4711."]


def test_in_a_new_chat_nothing_can_wait_for_another_ones_answer(
    session: Session, tmp_path: Path
) -> None:
    sampling(session, 200)
    send(session, "Write a long story.")
    wait_until(lambda: session.page.composer.is_answering)
    busy = session.chat.conversation
    session.chat.new_chat()
    note = tmp_path / "other.txt"
    note.write_text("Something.", encoding="utf-8")
    session.files.attach([str(note)])
    wait_until(lambda: bool(session.files.files) and session.files.files[0].attachment is not None)
    send(session, "And this?")
    wait_until(lambda: session.window.banner.isVisible())
    assert session.page.composer.text == "And this?"
    assert [each.name for each in session.files.files] == ["other.txt"]
    session.window.banner.dismiss()
    session.services.turns.stop()
    wait_until(lambda: session.services.turns.active is None)
    session.files.remove(session.files.files[0].id)
    assert busy.title
