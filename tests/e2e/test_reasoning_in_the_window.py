"""Thinking models of four families answer in the real window: live, folded, unfolded, restarted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.engine.entities import SamplingParameters
from app.history.entities import MessageState
from tests.helpers.reasoning_streams import ANSWER, STYLES, THOUGHT, make_stream
from tests.helpers.thinking_window import ThinkingStage
from tests.helpers.window import dispose, is_over, last_answer, wait_until
from ui.chat.answer_view import AnswerView
from ui.chat.thinking_view import LIVE_HEIGHT, ROW_HEIGHT
from ui.session import Session


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: object) -> ThinkingStage:
    return ThinkingStage(tmp_path, monkeypatch)


@pytest.fixture
def sessions(stage: ThinkingStage) -> Iterator:
    opened: list[Session] = []

    def begin() -> Session:
        opened.append(stage.open())
        return opened[-1]

    yield begin
    stage.begin_answer()
    stage.end_answer()
    for each in opened:
        dispose(each)


def ask(session: Session) -> AnswerView:
    """Send a question and return the view of its answer."""
    session.services.settings.change(sampling=SamplingParameters())
    field = session.page.composer.field
    QTest.keyClicks(field, "How many r?")
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait_until(lambda: session.services.turns.active is not None)
    return shown_answer(session)


def shown_answer(session: Session) -> AnswerView:
    def view() -> object:
        answer = last_answer(session)
        return session.page.transcript.view(answer.id) if answer else None

    wait_until(lambda: view() is not None)
    found = view()
    assert isinstance(found, AnswerView)
    return found


@pytest.mark.parametrize("family", STYLES)
def test_a_family_thinks_and_answers(
    sessions: object, stage: ThinkingStage, engine_models: Path, family: str
) -> None:
    stage.play(make_stream(engine_models / "templates", family), thought_seconds=12.0)
    session = sessions()  # type: ignore[operator]
    view = ask(session)

    # While it thinks: the last three lines, in a height that does not change.
    wait_until(lambda: view.item.message.reasoning.startswith(THOUGHT[:100]))
    assert view.thinking is not None
    assert view.thinking.is_live
    assert not view.thinking.is_open
    assert view.thinking.words.startswith("Thinking, ")
    assert view.thinking.height() == LIVE_HEIGHT
    assert view.body is None

    # The answer begins: one row.
    stage.begin_answer()
    wait_until(lambda: view.item.message.text == ANSWER)
    assert not view.thinking.is_live
    assert not view.thinking.is_open
    assert view.thinking.height() == ROW_HEIGHT
    assert view.thinking.words.startswith("Thought for ")

    # It ends, and the row says what the worker measured.
    stage.end_answer()
    wait_until(lambda: is_over(session))
    answer = last_answer(session)
    assert answer is not None
    assert (answer.reasoning, answer.text) == (THOUGHT, ANSWER)
    assert answer.state is MessageState.COMPLETE
    tokens = answer.details.timings.reasoning_tokens
    assert tokens > 20
    words = f"Thought for 12\u00a0s, {tokens} tokens"
    assert view.thinking.words == words

    # After a restart everything is as it was, and unfolds to the whole thinking.
    session.close()
    again = sessions()  # type: ignore[operator]
    view = shown_answer(again)
    assert view.item.message.id == answer.id
    assert view.thinking is not None
    assert view.thinking.words == words
    QTest.mouseClick(view.thinking._row, Qt.MouseButton.LeftButton)
    assert view.thinking.is_open
    assert view.thinking._full is not None
    assert view.thinking._full.markdown == THOUGHT
    assert view.thinking.height() > 2 * ROW_HEIGHT


def test_thinking_unfolds_while_it_streams(
    sessions: object, stage: ThinkingStage, engine_models: Path
) -> None:
    stage.play(make_stream(engine_models / "templates", "Qwen3"))
    session = sessions()  # type: ignore[operator]
    view = ask(session)
    wait_until(lambda: len(view.item.message.reasoning) > 100)
    thinking = view.thinking
    assert thinking is not None
    thinking._row.setFocus()
    QTest.keyClick(thinking._row, Qt.Key.Key_Space)
    assert thinking.is_open
    assert thinking._full is not None
    stage.begin_answer()
    stage.end_answer()
    wait_until(lambda: is_over(session))
    # Who reads it is not interrupted when the answer starts.
    assert thinking.is_open
    assert thinking._full.markdown == THOUGHT
    QTest.keyClick(thinking._row, Qt.Key.Key_Return)
    assert not thinking.is_open
    assert thinking.height() == ROW_HEIGHT


def test_stopped_while_it_thinks(
    sessions: object, stage: ThinkingStage, engine_models: Path
) -> None:
    stage.play(make_stream(engine_models / "templates", "GLM"))
    session = sessions()  # type: ignore[operator]
    view = ask(session)
    wait_until(lambda: len(view.item.message.reasoning) > 100)
    session.services.workers.shut_down()
    wait_until(lambda: is_over(session))
    answer = last_answer(session)
    assert answer is not None
    assert answer.state is MessageState.INTERRUPTED
    assert answer.text == ""
    assert THOUGHT.startswith(answer.reasoning)
    assert view.thinking is not None
    assert not view.thinking.is_live
    assert view.notice is not None
    assert not view.notice.isHidden()
    assert [button.text() for button in view.notice._buttons] == ["Try again"]
