"""The transcript's deadlines, five times what is promised; figures come from the benchmark."""

import time
from collections.abc import Callable
from statistics import median

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.history.entities import Message, MessageState, Role
from tests.benchmarks import transcript_texts
from tests.helpers.ui_stage import dress, settle
from ui.chat.answer_view import AnswerView
from ui.chat.transcript import Transcript

MARGIN = 5


@pytest.fixture
def transcript(qtbot: QtBot, qapp: QApplication) -> Transcript:
    made = Transcript(dress(qapp))
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    settle()
    return made


def message(number: int, text: str, state: MessageState = MessageState.COMPLETE) -> Message:
    role = Role.ASSISTANT if number % 2 else Role.USER
    return Message(f"m{number}", "c", None, role, text, state=state, created_ms=1)


def conversation(count: int) -> list[Message]:
    return [message(number, transcript_texts.mixed(number)) for number in range(count)]


def seconds(work: Callable[[], object]) -> float:
    """Of this thread, so that neighbours change little."""
    begin = time.thread_time()
    work()
    return time.thread_time() - begin


@pytest.mark.parametrize(("count", "limit"), [(1000, 0.2), (10_000, 1.0)])
def test_a_long_conversation_opens_at_once(
    transcript: Transcript, count: int, limit: float
) -> None:
    messages = conversation(count)

    def open_it() -> None:
        transcript.set_messages(messages)
        transcript.grab()

    assert seconds(open_it) < MARGIN * limit


def test_a_new_width_is_laid_out_at_once(transcript: Transcript) -> None:
    transcript.set_messages(conversation(1000))
    settle()

    def narrow() -> None:
        transcript.resize(760, 700)
        transcript.grab()

    assert seconds(narrow) < MARGIN * 0.1


@pytest.mark.parametrize(
    ("before", "more", "limit"),
    [
        (transcript_texts.long_answer(4000), transcript_texts.prose(1200), 0.016),
        (transcript_texts.long_answer(100_000), transcript_texts.prose(1200), 0.016),
        (transcript_texts.open_code(30_000), "    value = value + 1\n" * 60, 0.016),
        (transcript_texts.maths_and_code(1200), transcript_texts.maths_and_code(1200), 0.1),
    ],
    ids=["4 kB", "100 kB", "open code", "maths and code"],
)
def test_an_update_of_a_growing_answer_is_cheap(
    transcript: Transcript, before: str, more: str, limit: float
) -> None:
    transcript.set_messages([message(0, "Go on.")])
    transcript.append_message(message(1, "", MessageState.STREAMING))
    transcript.update_streaming("m1", before, "", 1, 1.0)
    view = transcript.view("m1")
    assert isinstance(view, AnswerView)
    body = view.body
    assert body is not None
    body._render_pending()
    settle()
    costs = []
    for at in range(0, len(more), 40):

        def update(at: int = at) -> None:
            transcript.update_streaming("m1", more[at : at + 40], "", at, 1.0)
            body._render_pending()
            settle()

        costs.append(seconds(update))
    assert median(costs) < MARGIN * limit
