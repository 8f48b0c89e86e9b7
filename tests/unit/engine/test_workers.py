"""Workers of one program: waited for when they end, and none is left behind."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.engine import workers as workers_module
from app.engine.client import Deadlines, EngineClient
from app.engine.workers import Workers
from app.posting import CallbackQueue, Scheduler

SCRIPT = Path(__file__).resolve().parents[2] / "helpers" / "scripted_worker.py"


class Stage:
    def __init__(self, close: float) -> None:
        self.queue = CallbackQueue()
        self.scheduler = Scheduler(self.queue.post)
        deadlines = Deadlines(close=close)
        command = [sys.executable, str(SCRIPT), "good"]
        self.workers = Workers(
            lambda died: EngineClient(self.queue.post, self.scheduler, died, deadlines, command),
            self.scheduler,
        )
        self.deaths: list[object] = []

    def start(self) -> EngineClient:
        client = self.workers.start(self.deaths.append)
        assert self.queue.run_until(lambda: client.has_greeted, 30)
        return client

    def close(self) -> None:
        self.workers.shut_down()
        self.scheduler.close()
        self.queue.run_until(lambda: False, 0.1)


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    made = Stage(getattr(request, "param", 1.0))
    yield made
    made.close()


def test_nobody_waits_when_nothing_ends(stage: Stage) -> None:
    told: list[bool] = []
    stage.workers.when_ended(lambda: told.append(True))
    stage.start()
    stage.workers.when_ended(lambda: told.append(True))
    assert told == [True, True]


def test_one_that_ends_is_waited_for(stage: Stage) -> None:
    ending, staying = stage.start(), stage.start()
    told: list[bool] = []
    ending.close()
    stage.workers.when_ended(lambda: told.append(psutil.pid_exists(ending.pid)))
    assert told == []
    assert stage.queue.run_until(lambda: bool(told), 10)
    assert told == [False]
    assert stage.deaths == [None]
    assert staying.is_alive
    stage.queue.run_until(lambda: False, 0.2)
    assert told == [False], "told once"


@pytest.mark.parametrize("stage", [20.0], indirect=True)
def test_one_that_hangs_is_not_waited_for_for_ever(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers_module, "_PATIENCE_SECONDS", 0.3)
    hanging = stage.start()
    os.kill(hanging.pid, signal.SIGSTOP)
    hanging.close()
    told: list[bool] = []
    stage.workers.when_ended(lambda: told.append(psutil.pid_exists(hanging.pid)))
    assert stage.queue.run_until(lambda: bool(told), 10)
    hanging.kill()
    os.kill(hanging.pid, signal.SIGCONT)
    assert stage.queue.run_until(lambda: bool(stage.deaths), 10)
    assert told == [True]


def test_shutting_down_ends_all_and_tells_nobody_who_waits(stage: Stage) -> None:
    clients = [stage.start() for _ in range(3)]
    os.kill(clients[1].pid, signal.SIGSTOP)
    told: list[bool] = []
    clients[0].close()
    stage.workers.when_ended(lambda: told.append(True))
    stage.workers.shut_down()
    assert not any(psutil.pid_exists(client.pid) for client in clients)
    stage.queue.run_until(lambda: False, 0.2)
    assert told == []
