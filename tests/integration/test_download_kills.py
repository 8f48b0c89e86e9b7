"""15 random faults with SIGKILLs, and exact kills: no wrong file, nothing fetched twice."""

import hashlib
import json
import logging
import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.helpers.download_kills import Nursery, Tally, nursery, one_round
from tests.helpers.download_stage import request_of
from tests.helpers.hub_faults import CDN, Stall
from tests.helpers.hub_server import HubServer, hub
from tests.helpers.transfers import FILE, REPOSITORY, sample_gguf, sample_repository

log = logging.getLogger("moestro.tests")

ROUNDS = 15


@pytest.fixture(scope="module")
def nest() -> Iterator[Nursery]:
    with nursery() as one:
        yield one


@pytest.fixture(scope="module")
def server() -> Iterator[HubServer]:
    with hub() as running:
        yield running


def test_random_faults_and_kills(nest: Nursery, server: HubServer, tmp_path: Path) -> None:
    first = random.SystemRandom().randrange(10**6)
    log.info("seeds from %d", first)
    tally = Tally()
    for number in range(ROUNDS):
        one_round(nest, server, tmp_path / str(number), first + number, tally)
    log.info("%s", tally)
    assert tally.wrong == []
    assert tally.rounds == ROUNDS


def test_a_kill_in_a_download_costs_no_byte_that_was_there(
    nest: Nursery, server: HubServer, tmp_path: Path
) -> None:
    repository = server.add(sample_repository())
    whole = sample_gguf()
    server.faults.clear()
    server.forget()
    order = {
        "folder": str(tmp_path / "data"),
        "endpoint": server.endpoint,
        "request": asdict(request_of(repository)),
        "seed": 1,
        "wishes": False,
    }
    (tmp_path / "data").mkdir()
    part = tmp_path / "data" / "models" / ".downloads" / f"{repository.sha256(FILE)}.part"
    for number in (1, 2, 3):
        # Each answer stops after a quarter, and so does the program, for good.
        server.faults.add(Stall(len(whole) // 4), side=CDN, times=1)
        pid = nest.begin(order)
        wait_for_size(part, number * (len(whole) // 4))
        os.kill(pid, signal.SIGKILL)
        assert os.WIFSIGNALED(nest.wait())
        server.cut_connections()
        server.faults.clear()
    nest.begin(order)
    assert nest.wait() == 0
    assert json.loads((tmp_path / "data" / "ended.json").read_text()) == "ready"
    final = tmp_path / "data" / "models" / REPOSITORY / FILE
    assert hashlib.sha256(final.read_bytes()).hexdigest() == repository.sha256(FILE)
    assert server.bytes_sent(side=CDN) == len(whole)


def wait_for_size(path: Path, size: int) -> None:
    deadline = time.monotonic() + 20
    while not path.exists() or path.stat().st_size != size:
        assert time.monotonic() < deadline, path.stat() if path.exists() else "absent"
        time.sleep(0.01)
