"""Details of an answer: what is told on demand, in words, by mouse and by keyboard."""

from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.engine.entities import BufferOverride, Plan, SamplingParameters, Timings
from app.history.entities import AnswerDetails, Message, MessageState, Role
from tests.helpers import ui_stage
from tests.helpers.ui_stage import dress, settle
from ui.chat.answer_view import AnswerView
from ui.chat.answer_words import detail_rows, end_words, plan_words
from ui.chat.transcript import Transcript

DETAILS = AnswerDetails(
    model_key="k",
    model_name="Qwen3-30B-A3B",
    quantization="Q4_K_M",
    plan=Plan(context_tokens=16384),
    sampling=SamplingParameters(temperature=0.7, seed=4711),
    stop_reason="stop",
    timings=Timings(
        prompt_tokens=3100,
        reused_tokens=2900,
        prompt_tokens_per_second=213.0,
        seconds_to_first_token=1.24,
        generated_tokens=1412,
        tokens_per_second=10.2,
        reasoning_tokens=480,
        reasoning_seconds=12.0,
    ),
)
ANSWER = Message(
    "a1", "c", None, Role.ASSISTANT, "Yes.", reasoning="Hm.", created_ms=1, details=DETAILS
)


@pytest.fixture(autouse=True)
def cleared() -> Iterator[None]:
    """Thousands of widgets that are left would be styled anew by every later test."""
    yield
    ui_stage.clear()


def with_(**changes: object) -> Message:
    return replace(ANSWER, details=msgspec.structs.replace(DETAILS, **changes))


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (None, ""),
        (Plan(), "On the processor"),
        (Plan(devices=("CUDA0",), gpu_layers=49), "49 layers on CUDA0"),
        (
            Plan(
                devices=("CUDA0",), gpu_layers=49,
                overrides=(BufferOverride(r"\.ffn_(up|down|gate|gate_up)_(ch|)exps", "CPU"),),
            ),
            "Experts in RAM, the rest on CUDA0",
        ),
        (
            Plan(
                devices=("CUDA0", "CUDA1"), gpu_layers=49,
                overrides=(
                    BufferOverride(r"blk\.(0|1|2)\.ffn_(up|down|gate|gate_up)_(ch|)exps", "CPU"),
                ),
            ),
            "Experts of 3 layers in RAM, the rest on CUDA0 and CUDA1",
        ),
        (
            Plan(
                devices=("RPC0",), rpc_hosts=("10.0.0.7:50052",), gpu_layers=9,
                overrides=(BufferOverride(r"blk\.(4|5)\.ffn_(up|down|gate)\.", "CPU"),),
            ),
            "Feed-forward parts of 2 layers in RAM, the rest on computer 10.0.0.7:50052",
        ),
    ],
)  # fmt: skip
def test_where_it_ran_in_words(qapp: QApplication, plan: Plan | None, words: str) -> None:
    assert plan_words(plan) == words


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (ANSWER, "The model had finished"),
        (with_(stop_reason="stop_string"), "A stop word came"),
        (with_(stop_reason="cancelled"), "Stopped by you"),
        (with_(stop_reason="length"), "The context window was full"),
        (
            with_(stop_reason="length", sampling=SamplingParameters(max_tokens=1412)),
            "Your limit of 1,412 tokens was reached",
        ),
        (with_(stop_reason="error"), "Stopped before it was finished"),
        (replace(ANSWER, state=MessageState.INTERRUPTED), "Stopped before it was finished"),
        (replace(ANSWER, state=MessageState.FAILED), "There is no answer"),
        (replace(ANSWER, state=MessageState.STREAMING), ""),
        (replace(ANSWER, details=None), ""),
    ],
)
def test_how_it_ended_in_words(qapp: QApplication, message: Message, words: str) -> None:
    assert end_words(message) == words


def test_every_row(qapp: QApplication) -> None:
    assert detail_rows(ANSWER) == [
        ("Model", "Qwen3-30B-A3B"),
        ("Quantization", "Q4_K_M"),
        ("Where it ran", "On the processor, context of 16k tokens"),
        ("First token", "after 1.2\u00a0s"),
        ("Speed", "10\u00a0tok/s"),
        ("Tokens", "1,412, of which 480 in 12\u00a0s of thinking"),
        ("What it read", "3,100 tokens, 200 of them read anew, 213\u00a0tok/s"),
        ("Choice of words", "temperature 0.7, seed 4711"),
        ("How it ended", "The model had finished"),
    ]
    bare = AnswerDetails(model_key="k", model_name="M", stop_reason="cancelled")
    assert detail_rows(replace(ANSWER, details=bare)) == [
        ("Model", "M"),
        ("How it ended", "Stopped by you"),
    ]
    assert detail_rows(replace(ANSWER, details=None)) == []


@pytest.fixture
def transcript(qtbot: QtBot, qapp: QApplication) -> Transcript:
    made = Transcript(dress(qapp))
    qtbot.addWidget(made)
    made.resize(900, 640)
    made.show()
    return made


def view_of(transcript: Transcript, identity: str = "a1") -> AnswerView:
    found = transcript.view(identity)
    assert isinstance(found, AnswerView)
    return found


def choose(view: AnswerView, words: str) -> None:
    """Open the ⋯ menu by its button and choose a line of it."""
    view.footer._more.click()
    menu = next(each for each in view.findChildren(QWidget) if each.inherits("QMenu"))
    line = next(each for each in menu.actions() if each.text() == words)
    line.trigger()
    menu.close()
    settle()


def test_details_unfold_under_the_answer_and_go_again(transcript: Transcript) -> None:
    transcript.set_messages([ANSWER])
    view = view_of(transcript)
    before = view.height()
    choose(view, "Details")
    assert view.details is not None
    assert view.details.isVisible()
    assert view.details.rows == detail_rows(ANSWER)
    assert "Quantization: Q4_K_M" in view.details.accessibleDescription()
    assert view.height() > before
    assert view.details.geometry().bottom() < view.height()
    choose(view, "Hide details")
    assert view.details.isHidden()
    assert view.height() == before


def test_details_close_by_escape_and_the_keyboard_stays_at_the_answer(
    transcript: Transcript,
) -> None:
    transcript.set_messages([ANSWER])
    view = view_of(transcript)
    transcript.activateWindow()
    view.footer.details_chosen.emit()
    assert view.details is not None
    view.details.close_button.setFocus()
    assert view.details.close_button.hasFocus()
    QTest.keyClick(view.details.close_button, Qt.Key.Key_Escape)
    assert view.details.isHidden()
    assert view.footer._more.hasFocus()


def test_details_stay_when_the_widget_is_made_again(transcript: Transcript) -> None:
    transcript.set_messages([ANSWER])
    choose(view_of(transcript), "Details")
    transcript._restyle()
    settle()
    view = view_of(transcript)
    assert view.details is not None
    assert view.details.isVisible()


def test_figures_of_an_older_answer_are_shown_on_hover_and_on_focus(
    transcript: Transcript,
) -> None:
    question = Message("u2", "c", None, Role.USER, "And?", created_ms=1)
    transcript.set_messages([ANSWER, question, replace(ANSWER, id="a2")])
    view = view_of(transcript)
    footer, corner = view.footer, QPointF(1, 1)
    places = [button.geometry() for button in (footer._copy, footer._more)]
    assert not footer.shows_figures
    QApplication.sendEvent(view, QEnterEvent(corner, corner, corner))
    assert footer.shows_figures
    assert footer.figures == "10\u00a0tok/s, 1,412 tokens"
    assert [button.geometry() for button in (footer._copy, footer._more)] == places
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert not footer.shows_figures
    transcript.activateWindow()
    footer._copy.setFocus()
    assert footer.shows_figures
    footer._copy.clearFocus()
    assert not footer.shows_figures


def test_actions_that_hover_shows_are_in_the_tab_order(transcript: Transcript) -> None:
    transcript.set_messages([ANSWER])
    footer = view_of(transcript).footer
    seen: list[QWidget] = []
    widget: QWidget = transcript.latest
    for _ in range(40):
        widget = widget.nextInFocusChain()
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            seen.append(widget)
    order = [seen.index(button) for button in (footer._copy, footer._again, footer._more)]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (with_(stop_reason="length"), "Thinking used up the longest length"),
        (ANSWER, "The model thought and then gave no answer"),
        (replace(ANSWER, reasoning=""), "The model ended without a word"),
    ],
)
def test_an_answer_without_words_says_why(
    transcript: Transcript, message: Message, words: str
) -> None:
    transcript.set_messages([replace(message, text="")])
    view = view_of(transcript)
    assert view.notice is not None
    notice = view.notice.notice
    assert notice is not None
    assert notice.text.startswith(words)
    assert not view.footer._again.isHidden(), "the next step"
    assert not view.footer._more.isHidden(), "its details can be seen"
    assert view.footer._copy.isHidden()


def test_an_answer_that_you_stopped_in_its_thinking_is_no_fault(transcript: Transcript) -> None:
    transcript.set_messages([replace(with_(stop_reason="cancelled"), text="")])
    view = view_of(transcript)
    assert view.notice is None
    assert view.footer.figures.endswith("Stopped by you")


def test_links_and_code_inside_the_thinking_work_as_in_the_answer(transcript: Transcript) -> None:
    thought = "See [this](https://example.org/a).\n\n```python\nprint(1)\n```"
    transcript.set_messages([replace(ANSWER, reasoning=thought)])
    thinking = view_of(transcript).thinking
    assert thinking is not None
    thinking._row.click()
    text = thinking._full
    assert text is not None
    told: list[str] = []
    transcript.link_activated.connect(told.append)
    transcript.copy_requested.connect(told.append)
    text.anchorClicked.emit("https://example.org/a")
    cover = text.cover(0)
    assert cover is not None
    cover._copy.click()
    assert told == ["https://example.org/a", "print(1)"]
