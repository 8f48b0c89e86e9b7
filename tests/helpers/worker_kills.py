"""Kills the worker under a live window, in each phase, and checks what the window does."""

import os
import signal
import time

from app.chat.events import TurnEvent, TurnLoading, TurnReading, TurnText
from app.history.entities import MessageState, Role
from tests.helpers.window import is_over, last_answer, wait_until
from ui.session import Session

SIGNALS = (signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL, signal.SIGSTOP)
PHASES = {"load": TurnLoading, "prompt": TurnReading, "stream": TurnText}
LONG_PROMPT = "The river runs past the mill and the old garden. " * 220
"""About 2,600 tokens: long enough to be killed while it is read."""


def kill_in(session: Session, phase: str, number: signal.Signals, delay: float = 0.0) -> None:
    """Send a question, kill the worker in ``phase``, and check the promises.

    The window stays alive, one sentence names what happened, the question is stored, and
    what was streamed is stored as well.
    """
    host = session.services.host
    if phase == "load":
        host.unload()
    killed: list[str] = []
    streamed: list[str] = []

    def watch(event: TurnEvent) -> None:
        if isinstance(event, TurnText):
            streamed.append(event.text)
        if isinstance(event, PHASES[phase]) and host._client is not None and not killed:
            time.sleep(delay)
            pid = host._client.pid
            os.kill(pid, number)
            killed.append(str(pid))

    session.services.turns.subscribe(watch)
    try:
        text = LONG_PROMPT if phase == "prompt" else "Tell me a long story."
        session.chat.new_chat()
        session.chat.send(text, insist=True)
        wait_until(lambda: bool(killed), 60)
        began = time.monotonic()
        wait_until(lambda: is_over(session), 60)
        assert time.monotonic() - began < 45
    finally:
        session.services.turns._listeners.remove(watch)
    answer = last_answer(session)
    stored = session.services.history.messages(session.chat.conversation.id)
    assert [each.role for each in stored] == [Role.USER, Role.ASSISTANT]
    assert stored[0].text == text
    assert stored[1].state in (MessageState.INTERRUPTED, MessageState.FAILED)
    assert stored[1].text == "".join(streamed)
    assert answer.details.failure.startswith("engine.")
    notice = session.page.transcript.view(answer.id).notice.notice
    assert notice.text
    assert len(notice.text) <= 140
    assert not session.page.composer.is_answering
    assert session.window.isVisible()
