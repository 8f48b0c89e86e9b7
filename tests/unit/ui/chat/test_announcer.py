"""Screen readers hear finished sentences, at most one announcement in two seconds."""

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.helpers.chat_samples import answer, live, question
from ui.chat.announcer import INTERVAL_MS, Announcer
from ui.chat.transcript import Transcript
from ui.theme.theme import Theme

ANSWER = (
    "It is **sunny** today. We could go out! What do you think of [a park](https://a.org)?\n\n"
    "- First item\n- Second item\n\n```python\nprint('Hello. World.')\n```\n\nThat is all"
)


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def owner(qapp: QApplication) -> QObject:
    return QObject()


def stream(announcer: Announcer, text: str, *, pause: bool = False) -> None:
    for end in range(1, len(text) + 1):
        announcer.grow(text[:end])
        if pause:
            announcer._pause.stop()
            announcer._speak()


def test_two_seconds_lie_between_announcements() -> None:
    assert INTERVAL_MS == 2000


def test_by_sentence_and_not_by_token(owner: QObject, heard: list[str]) -> None:
    announcer = Announcer(owner, heard.append)
    stream(announcer, ANSWER, pause=True)
    assert heard[:3] == [
        "It is sunny today.",
        "We could go out!",
        "What do you think of a park (https://a.org)?",
    ]
    announcer.finish(ANSWER)
    announcer._pause.stop()
    announcer._speak()
    said = " ".join(heard)
    assert said.count("print('Hello. World.')") == 1
    assert said.endswith("That is all")
    assert "- First item" in said
    assert len(heard) <= 8


def test_code_is_told_when_its_fence_is_closed(owner: QObject, heard: list[str]) -> None:
    announcer = Announcer(owner, heard.append, interval_ms=0)
    stream(announcer, "Here it is.\n\n```python\nprint('Hello. World.')\n\nprint(2)\n", pause=True)
    assert heard == ["Here it is."]


def test_what_comes_meanwhile_is_told_in_one(owner: QObject, heard: list[str]) -> None:
    announcer = Announcer(owner, heard.append)
    stream(announcer, "One is here. Two is here. Three is here. Fo")
    assert heard == ["One is here."]
    announcer._pause.stop()
    announcer._speak()
    assert heard == ["One is here.", "Two is here. Three is here."]


def test_the_pause_ends_by_itself(qtbot: QtBot, owner: QObject, heard: list[str]) -> None:
    announcer = Announcer(owner, heard.append, interval_ms=20)
    stream(announcer, "One is here. Two is here. ")
    qtbot.waitUntil(lambda: heard == ["One is here.", "Two is here."])
    announcer.finish("One is here. Two is here. End")
    qtbot.waitUntil(lambda: heard[-1] == "End")


def test_the_next_answer_begins_anew(owner: QObject, heard: list[str]) -> None:
    announcer = Announcer(owner, heard.append, interval_ms=0)
    announcer.grow("One answer. ")
    announcer.finish("One answer. ")
    announcer.forget()
    announcer.grow("Another. ")
    assert heard == ["One answer.", "Another."]


def test_nobody_listening_costs_nothing(owner: QObject) -> None:
    announcer = Announcer(owner)
    announcer._is_heard = lambda: False  # type: ignore[method-assign]
    stream(announcer, ANSWER)
    assert announcer._text == ""


def test_answers_that_stream_into_the_transcript_are_told(qtbot: QtBot, heard: list[str]) -> None:
    transcript = Transcript(Theme())
    qtbot.addWidget(transcript)
    transcript._announcer = Announcer(transcript, heard.append, interval_ms=0)
    transcript.set_messages([question(0)])
    transcript.append_message(live(0))
    transcript.update_streaming("a0", "One sentence. And", "", 3, 0.1)
    assert heard == ["One sentence."]
    transcript.finish_message(answer(0, "One sentence. And more"))
    qtbot.waitUntil(lambda: heard == ["One sentence.", "And more"])


def test_a_real_event_is_sent(qtbot: QtBot) -> None:
    transcript = Transcript(Theme())
    qtbot.addWidget(transcript)
    QAccessible.setActive(True)
    try:
        transcript._announcer._announce("A sentence.")
    finally:
        QAccessible.setActive(False)
