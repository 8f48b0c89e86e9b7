"""A library's move is killed at random points: nothing is lost, nothing is left over."""

import logging
import secrets
from pathlib import Path

import pytest

from tests.helpers.move_kills import MoveKills, Mover

log = logging.getLogger(__name__)

pytestmark = pytest.mark.usefixtures("starter_model")
_KILLS = 15


@pytest.mark.timeout(240)
def test_killed_moves_lose_nothing(tmp_path: Path) -> None:
    seed = secrets.randbelow(10**6)
    log.info("seed %d", seed)
    mover = Mover()
    try:
        run = MoveKills(tmp_path / "person", seed)
        run.run(mover, _KILLS)
    finally:
        mover.close()
    assert run.kills >= _KILLS * 0.8, f"seed {seed}: {run.kills} kills"
    log.info("%d kills: %s", run.kills, dict(run.found))
