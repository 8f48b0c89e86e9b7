"""A person chats: types, sends, watches, stops, tries again, closes, and finds everything."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.engine.entities import SamplingParameters
from app.history.entities import MessageState, Role
from tests.helpers.window import dispose, is_over, last_answer, open_session, wait_until
from ui.session import Session


@pytest.fixture
def sessions(tmp_path: Path, starter_model: Path, qapp: object) -> Iterator:
    opened: list[Session] = []

    def begin() -> Session:
        session = open_session(tmp_path / "data")
        opened.append(session)
        return session

    yield begin
    for each in opened:
        dispose(each)


def say(session: Session, text: str) -> None:
    field = session.page.composer.field
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_a_whole_conversation_survives_a_restart(sessions, tmp_path: Path) -> None:
    session = sessions()
    session.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=24))

    # Types, sends, sees tokens arrive.
    say(session, "Say hello and tell me a short story about a river.")
    wait_until(lambda: session.page.composer.is_answering)
    assert session.page.composer.text == ""
    lengths: set[int] = set()

    def watched() -> bool:
        active = session.services.turns.active
        if active is not None:
            lengths.add(len(active.snapshot()[0]))
        return is_over(session)

    wait_until(watched, 60)
    assert len(lengths) > 2, "the answer came all at once"
    first = last_answer(session)
    assert first is not None
    assert first.text
    assert first.state is MessageState.COMPLETE
    assert first.details.is_demo
    assert first.details.timings.generated_tokens > 0
    assert not session.page.composer.is_answering

    # Stops one answer.
    session.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=2000))
    say(session, "Count slowly from one to a thousand in words.")
    wait_until(
        lambda: (
            session.services.turns.active is not None and session.services.turns.active.tokens > 3
        ),
        60,
    )
    QTest.keyClick(session.page.composer.field, Qt.Key.Key_Escape)
    wait_until(lambda: is_over(session), 10)
    stopped = last_answer(session)
    assert stopped.details.stop_reason == "cancelled"
    assert stopped.text
    assert stopped.details.timings.reused_tokens > 0, "the first turn was read again"

    # Tries again: another answer beside the first, nothing overwritten.
    session.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=8))
    session.page.transcript.try_again_requested.emit(stopped.id)
    wait_until(lambda: is_over(session) and last_answer(session).id != stopped.id, 60)
    again = last_answer(session)
    identity = session.chat.conversation.id
    title = session.chat.conversation.title
    assert session.window.sidebar.list.selected_ids() == [identity]
    assert title.startswith("Say hello")
    whole_tree = session.services.history.messages(identity)
    assert {stopped.id, again.id} <= {each.id for each in whole_tree}

    # Closes and starts again: everything is there.
    session.close()
    reopened = sessions()
    rows = reopened.services.history.conversations()
    assert [each.id for each in rows] == [identity]
    assert rows[0].title == title
    assert reopened.chat.conversation.id == identity, "the last chat is open again"
    reopened.window.new_chat_requested.emit()
    reopened.window.sidebar.chat_chosen.emit(identity)
    wait_until(lambda: reopened.page.transcript.count == 4)
    shown = reopened.chat.branch
    assert [each.role for each in shown] == [Role.USER, Role.ASSISTANT] * 2
    assert shown[1].text == first.text
    assert shown[3].text == again.text
    assert reopened.services.history.messages(identity) == whole_tree
    # Looking through conversations loads nothing.
    assert reopened.services.host.status.state == "empty"

    # Export of the open chat equals what the terminal gives.
    text = reopened.services.exports.text(identity, "json")
    assert json.loads(text)["format"] == "moestro"
    assert first.text in reopened.services.exports.text(identity, "md")


def test_deleting_goes_to_the_trash_and_can_be_undone(sessions) -> None:
    session = sessions()
    session.services.settings.change(sampling=SamplingParameters(max_tokens=2))
    say(session, "A chat that is deleted by mistake")
    wait_until(lambda: is_over(session), 60)
    identity = session.chat.conversation.id
    session.window.sidebar.chat_actions.delete_requested.emit([identity])
    wait_until(lambda: session.window.toast.isVisible())
    assert session.services.history.conversations() == []
    assert not session.chat.is_stored
    session.window.toast._take_back()
    wait_until(lambda: [c.id for c in session.services.history.conversations()] == [identity])


def test_unload_frees_the_memory_and_a_message_loads_again(sessions) -> None:
    session = sessions()
    session.services.settings.change(sampling=SamplingParameters(max_tokens=2))
    say(session, "Hello")
    wait_until(lambda: is_over(session), 60)
    assert session.services.host.resident_bytes() > 50e6
    session.popover.unload_requested.emit()
    assert session.services.host.status.state == "empty"
    assert session.page.header.model_button.state.kind == "unloaded"
    say(session, "Hello again")
    wait_until(lambda: session.services.turns.active is not None)
    wait_until(lambda: is_over(session), 60)
    assert session.page.header.model_button.state.kind == "ready"


def test_an_idle_model_is_unloaded(sessions) -> None:
    session = sessions()
    host = session.services.host
    host._idle_minutes = lambda: 0.02
    session.services.settings.change(sampling=SamplingParameters(max_tokens=2))
    say(session, "Hello")
    wait_until(lambda: is_over(session), 60)
    wait_until(lambda: host.status.state == "empty", 15)
