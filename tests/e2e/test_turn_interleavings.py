"""A person does the next thing before the last one is done; the window stays true."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.engine.entities import SamplingParameters
from app.engine.host import HostState
from app.history.drafts import NEW_CHAT
from app.history.entities import Conversation, Message, MessageState, Role
from app.ids import new_id
from app.notices import Notice
from tests.helpers.window import is_over, last_answer, open_session, wait_until
from ui.application import _mark_interrupted
from ui.session import Session
from ui.single_instance import socket_name


@pytest.fixture
def session(tmp_path: Path, starter_model: Path, qapp: object) -> Iterator[Session]:
    opened = open_session(tmp_path / "data")
    opened.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=40))
    yield opened
    opened.close()
    opened.window.close()


def say(session: Session, text: str) -> None:
    QTest.keyClicks(session.page.composer.field, text)
    QTest.keyClick(session.page.composer.field, Qt.Key.Key_Return)


def store(session: Session, state: MessageState) -> Conversation:
    """A question with an answer in ``state``, as another program leaves it."""
    conversation = Conversation(new_id(), "From elsewhere")
    user = Message(new_id(), conversation.id, None, Role.USER, "Hi")
    answer = Message(new_id(), conversation.id, user.id, Role.ASSISTANT, "He", state=state)
    kept: list[object] = []
    session.services.history.begin_turn(conversation, user, answer, done=kept.append)
    wait_until(lambda: bool(kept))
    return conversation


def test_another_chat_opened_before_the_message_is_stored(session: Session) -> None:
    other = store(session, MessageState.COMPLETE)
    say(session, "Hello")
    # Nothing ran since: the message is on its way to the disk.
    assert session.services.turns.active.phase == "storing"
    session.chat.open(other.id)
    assert session.page.composer.text == "", "every conversation has a draft of its own"
    wait_until(lambda: session.services.turns.active.phase != "storing")
    assert session.services.drafts.get(NEW_CHAT).text == "", "the message would be sent twice"
    assert not session.page.composer.is_answering
    wait_until(lambda: session.services.turns.active.tokens > 2, 60)
    assert session.chat._stream._first_token > 0, "its speed would count from the return"
    session.chat.open(session.services.turns.active.conversation.id)
    assert session.page.composer.is_answering
    assert session.page.composer.text == "", "the message would be sent twice"
    wait_until(lambda: is_over(session), 60)
    answer = last_answer(session)
    assert answer.state is MessageState.COMPLETE
    assert session.services.history.branch(answer.conversation_id)[-1].text == answer.text


def test_an_answer_that_nobody_writes_is_shown_as_interrupted(session: Session) -> None:
    session.chat.open(store(session, MessageState.STREAMING).id)
    assert last_answer(session).state is MessageState.INTERRUPTED


def test_a_load_can_be_given_up(session: Session) -> None:
    model = session.services.library.default()
    session.models.load(model.key)
    assert session.services.host.status.state is HostState.LOADING
    session.models.open_popover()
    assert session.popover._unload.isVisible()
    session.popover._unload.click()
    assert session.services.host.status.state is HostState.EMPTY
    assert session.page.header.model_button.state.kind == "unloaded"


def test_the_window_is_closed_while_a_model_loads(session: Session) -> None:
    say(session, "Hello")
    wait_until(lambda: session.services.host.status.state is HostState.LOADING)
    began = time.monotonic()
    client = session.services.host._client
    session.close()
    assert client._pipes.wait(0)
    assert time.monotonic() - began < 20


def test_a_disk_that_takes_nothing_at_the_start_is_told(session: Session) -> None:
    told: list[Notice] = []
    session.services.notices.read_with(told.append)
    session.services.databases[0].close()
    _mark_interrupted(session.services)
    assert [each.code for each in told] == ["storage.closed"]


def test_a_folder_with_two_names_has_one_window(tmp_path: Path) -> None:
    (tmp_path / "true").mkdir()
    (tmp_path / "other").symlink_to(tmp_path / "true")
    assert socket_name(tmp_path / "other") == socket_name(tmp_path / "true")
