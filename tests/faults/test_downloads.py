"""500 random faults with SIGKILLs: no wrong file is accepted, every download ends well or named."""

import logging
from pathlib import Path

import pytest

from tests.helpers.download_kills import Tally, nursery, one_round
from tests.helpers.hub_server import hub

log = logging.getLogger("moestro.tests")


@pytest.mark.timeout(3600)
def test_five_hundred_faults(tmp_path: Path) -> None:
    tally = Tally()
    with nursery() as nest, hub() as server:
        for seed in range(500):
            one_round(nest, server, tmp_path / str(seed), seed, tally)
    log.warning("%s", tally)
    assert tally.wrong == []
    assert tally.rounds == 500
