"""100 kills of the worker at random moments: the window lives each time, nothing is lost."""

import random
from pathlib import Path

import pytest

from app.engine.client import Deadlines
from app.engine.entities import SamplingParameters
from tests.helpers.window import open_session
from tests.helpers.worker_kills import PHASES, SIGNALS, kill_in


@pytest.mark.timeout(3000)
def test_a_hundred_kills(tmp_path: Path, starter_model: Path, qapp: object) -> None:
    chance = random.Random(7)
    session = open_session(tmp_path / "data", deadlines=Deadlines(pong=2.0))
    session.services.settings.change(sampling=SamplingParameters(max_tokens=3000))
    try:
        for _ in range(100):
            phase = chance.choice(list(PHASES))
            kill_in(session, phase, chance.choice(SIGNALS), chance.uniform(0.0, 0.15))
    finally:
        session.close()
