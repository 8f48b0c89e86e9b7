"""The worker is killed by each signal in each phase: the window lives and loses nothing."""

import os
import signal
from pathlib import Path

import pytest

from app.engine.client import Deadlines
from app.engine.entities import SamplingParameters
from tests.helpers.window import dispose, is_over, open_session, wait_until
from tests.helpers.worker_kills import PHASES, SIGNALS, kill_in
from ui.chat.branch_commands import Command, Verb
from ui.session import Session


@pytest.mark.timeout(400)
def test_every_signal_in_every_phase(tmp_path: Path, starter_model: Path, qapp: object) -> None:
    session = open_session(tmp_path / "data", deadlines=Deadlines(pong=2.0))
    session.services.settings.change(sampling=SamplingParameters(max_tokens=3000))
    try:
        for phase in PHASES:
            for number in SIGNALS:
                kill_in(session, phase, number)
        session.services.settings.change(sampling=SamplingParameters(max_tokens=3))
        session.chat.send("Are you well again?", insist=True)
        wait_until(lambda: session.services.turns.active is None and is_over(session), 60)
        assert session.chat.branch[-1].text
    finally:
        dispose(session)


def test_three_crashes_in_five_minutes_stop_the_loading(
    tmp_path: Path, starter_model: Path, qapp: object
) -> None:
    session = open_session(tmp_path / "data")
    session.services.settings.change(sampling=SamplingParameters(max_tokens=3000))
    try:
        for _ in range(3):
            _crash(session)
        session.chat.new_chat()
        session.chat.send("Once more")
        wait_until(lambda: is_over(session), 30)
        assert session.chat.branch[-1].details.failure == "engine.crashes_often"
        assert session.services.host.status.state == "failed"  # with its reason on the button
        # A person may insist: trying again by hand loads it.
        session.services.settings.change(sampling=SamplingParameters(max_tokens=3))
        refused = session.chat.branch[-1].id
        session.branches.do(Command(Verb.TRY_AGAIN, refused))
        wait_until(lambda: is_over(session) and session.chat.branch[-1].id != refused, 60)
        assert session.chat.branch[-1].text
    finally:
        dispose(session)


def _crash(session: Session) -> None:
    session.chat.new_chat()
    session.chat.send("A question that crashes")
    turns = session.services.turns
    wait_until(lambda: turns.active is not None and turns.active.tokens > 0, 60)
    os.kill(session.services.host._client.pid, signal.SIGKILL)
    wait_until(lambda: is_over(session), 30)
