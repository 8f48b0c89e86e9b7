"""What a conversation sets, in the real window with the real worker and the starter model."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.engine.entities import SamplingParameters
from app.history.entities import Message, Role
from tests.helpers.retold_model import retold
from tests.helpers.window import dispose, is_over, last_answer, open_session, wait_until
from ui.chat.answer_view import AnswerView
from ui.session import Session

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"colour": {"enum": ["red", "blue"]}, "warm": {"type": "boolean"}},
        "required": ["colour", "warm"],
    }
)


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory, qapp: object) -> Iterator[Session]:
    """One window for all tests: loading the model takes longer than most of them."""
    made = open_session(tmp_path_factory.mktemp("settings") / "data")
    made.window.resize(1280, 800)
    made.services.settings.change(panel_shown=True)
    yield made
    dispose(made)


@pytest.fixture
def session(window: Session) -> Session:
    """The window with a new chat."""
    window.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=12))
    window.chat.new_chat()
    window.page.composer.set_text("")
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


def answer_view(session: Session, answer: Message) -> AnswerView:
    wait_until(lambda: isinstance(session.page.transcript.view(answer.id), AnswerView))
    view = session.page.transcript.view(answer.id)
    assert isinstance(view, AnswerView)
    return view


def settle(session: Session) -> None:
    """Wait until everything that was written is on the disk."""
    done: list[object] = []
    session.services.history.mark_interrupted()
    session.services.databases[0].writer.submit(lambda _connection: None, done.append)
    wait_until(lambda: bool(done))


# --- a new conversation is new -------------------------------------------------------------


def test_a_new_chat_inherits_no_instructions_sampling_or_schema(session: Session) -> None:
    panel = session.page.panel
    panel.instructions.setPlainText("Answer like a pirate.")
    panel._tell()
    panel.form.change(temperature=1.5, thinking_budget=256)
    panel.schema.text.setPlainText(SCHEMA)
    panel.schema._look()
    ask(session, "Name a colour.")
    kept = session.services.history.conversation(session.chat.conversation.id)
    assert kept.system_prompt == "Answer like a pirate."
    assert kept.sampling is not None
    assert kept.sampling.json_schema == SCHEMA
    session.chat.new_chat()
    assert session.chat.conversation.system_prompt == ""
    assert session.chat.conversation.sampling is None
    assert panel.instructions.toPlainText() == ""
    assert panel.schema.text.toPlainText() == ""
    assert session.chat.sampling == session.services.settings.current.sampling
    session.chat.open(kept.id)
    assert panel.schema.text.toPlainText() == SCHEMA
    assert panel.form.temperature.value == pytest.approx(1.5)


# --- answers as JSON -----------------------------------------------------------------------


def test_an_answer_is_shown_as_json_that_was_checked(session: Session) -> None:
    panel = session.page.panel
    panel.schema.text.setPlainText(SCHEMA)
    panel.schema._look()
    assert panel.schema.state.text() == "Every answer is made to fit this schema."
    panel.form.change(max_tokens=None)
    answer = ask(session, "Name a colour.")
    assert set(json.loads(answer.text)) == {"colour", "warm"}
    view = answer_view(session, answer)
    assert "JSON, fits the schema" in view._figures()
    assert view.body is not None
    assert '"colour"' in session.page.transcript.items[-1].message.text


def test_an_answer_that_was_cut_off_is_said_to_be_no_json(session: Session) -> None:
    panel = session.page.panel
    panel.form.change(max_tokens=3, json_schema=SCHEMA)
    view = answer_view(session, ask(session, "Name a colour."))
    notice = view._own_notice()
    assert notice is not None
    assert "no whole JSON" in notice.text
    assert view.notice is not None
    assert not view.notice.isHidden()


def test_a_schema_that_cannot_be_enforced_is_said_at_once(session: Session) -> None:
    form = session.page.panel.schema
    form.text.setPlainText('{"type": "string", "pattern": "(a+)+$"}')
    wait_until(lambda: "pattern" in form.state.text(), 10)
    assert session.chat.sampling.json_schema == ""
    session.chat.new_chat()
    assert form.text.toPlainText() == ""
    assert form.state.isHidden()


# --- an opening message --------------------------------------------------------------------


def test_a_chat_begins_with_an_opening_message(session: Session) -> None:
    opening = session.page.panel.opening
    assert not opening.isHidden()
    opening.text.setPlainText("Welcome! What shall we cook?")
    opening.begin.click()
    wait_until(lambda: len(session.chat.branch) == 1)
    assert opening.isHidden()
    identity = session.chat.conversation.id
    ask(session, "Soup.")
    branch = session.services.history.branch(identity)
    assert [each.role for each in branch] == [Role.ASSISTANT, Role.USER, Role.ASSISTANT]
    assert branch[0].text == "Welcome! What shall we cook?"
    assert branch[1].parent_id == branch[0].id


# --- temporary -----------------------------------------------------------------------------

SECRET = "xylophonic pumpernickel"


def test_nothing_of_a_temporary_chat_reaches_the_disk(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {each.id for each in session.services.history.conversations()}
    session.window.sidebar.temporary_chat_requested.emit()
    assert session.chat.conversation.temporary
    assert not session.page.temporary.isHidden()
    session.page.panel.instructions.setPlainText(f"Say {SECRET} often.")
    session.page.panel._tell()
    session.page.panel.opening.text.setPlainText(f"{SECRET} to you")
    session.page.panel.opening.begin.click()
    first = ask(session, f"What is {SECRET}")
    assert len(session.chat.branch) == 3
    session.page.transcript.try_again_requested.emit(first.id)
    wait_until(lambda: is_over(session) and last_answer(session) != first, 90)
    assert len(session.chat.branch) == 3
    QTest.keyClicks(session.page.composer.field, f"a draft of {SECRET}")
    session.drafts.save()
    settle(session)
    assert {each.id for each in session.services.history.conversations()} == before
    folder = session.services.paths.root
    files = [each for each in folder.rglob("*") if each.is_file()]
    assert any(each.name == "history.sqlite3" for each in files)
    for each in files:
        assert SECRET.encode() not in each.read_bytes(), f"it is in {each.name}"
    forgotten: list[bool] = []
    monkeypatch.setattr(session.services.host, "forget", lambda: forgotten.append(True))
    session.chat.new_chat()
    assert session.page.temporary.isHidden()
    assert SECRET not in session.page.composer.text
    assert forgotten == [True], "nor does it stay in the worker's memory"


# --- titles --------------------------------------------------------------------------------


@pytest.fixture
def titled(tmp_path: Path, starter_model: Path, qapp: object) -> Iterator[Session]:
    """A window with an ordinary model: the demo model gives no titles."""
    path = tmp_path / "ordinary.gguf"
    retold(starter_model, path, {"general.name": "Ordinary 135M"})
    made = open_session(tmp_path / "data")
    made.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=12))
    made.models.open_file(path)
    wait_until(lambda: made.chat.model is not None and not made.chat.model.is_demo, 60)
    wait_until(lambda: made.services.host.is_ready(made.chat.model.key), 90)
    yield made
    dispose(made)


def test_the_first_answer_brings_a_title_and_a_person_has_the_last_word(titled: Session) -> None:
    ask(titled, "Why is the sky blue and the grass green?")
    identity = titled.chat.conversation.id
    history = titled.services.history
    question = "Why is the sky blue and the grass green?"
    wait_until(lambda: history.conversation(identity).title != question, 60)
    title = history.conversation(identity).title
    wait_until(lambda: titled.chat.conversation.title == title)
    assert title
    assert "\n" not in title
    assert len(title) <= 60
    titled.conversations.rename(identity, "Mine")
    wait_until(lambda: history.conversation(identity).title == "Mine")
    ask(titled, "And the sea?")
    wait_until(lambda: not titled.services.titler.is_busy)
    settle(titled)
    assert history.conversation(identity).title == "Mine"


def test_the_next_turn_does_not_wait_for_a_title_and_reads_nothing_again(titled: Session) -> None:
    ask(titled, "Tell me about the sea and its many waves.")
    titled.services.titler.stop()
    second = ask(titled, "And the wind?")
    assert second.details is not None
    assert second.details.timings is not None
    first = titled.chat.branch[1]
    assert first.details is not None
    assert first.details.timings is not None
    assert second.details.timings.reused_tokens >= first.details.timings.prompt_tokens


def test_a_title_under_way_gives_way_to_the_next_turn(titled: Session) -> None:
    titler = titled.services.titler
    field = titled.page.composer.field
    QTest.keyClicks(field, "Name three rivers.")
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait_until(lambda: titler.is_busy, 90)
    identity, first = titled.chat.conversation.id, last_answer(titled)
    titled.chat.send("And three lakes.")
    wait_until(lambda: last_answer(titled) != first and is_over(titled), 90)
    assert not titler.is_busy
    settle(titled)
    assert titled.services.history.conversation(identity).title == "Name three rivers."


def test_no_title_is_asked_for_when_that_is_off(titled: Session) -> None:
    titled.services.settings.change(automatic_titles=False)
    asked: list[bool] = []
    titled.services.turns.subscribe(lambda _event: asked.append(titled.services.titler.is_busy))
    ask(titled, "What is a river made of?")
    assert not titled.services.titler.is_busy
    assert not any(asked)
    assert titled.chat.conversation.title == "What is a river made of?"
