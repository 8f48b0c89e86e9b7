"""The client's deadlines and its answers to a worker that misbehaves."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine.client import Deadlines, EngineClient
from app.engine.entities import ChatMessage, Plan, SamplingParameters
from app.engine.errors import WorkerDiedError
from app.engine.protocol import Finished, Loaded, LoadProgress, Tokens
from app.posting import CallbackQueue, Scheduler
from models.entities import ModelFile, ModelHandle

SCRIPT = Path(__file__).resolve().parents[1] / "helpers" / "scripted_worker.py"
QUICK = Deadlines(
    hello=8.0, load=1.0, render=1.0, reading=1.0, token=1.0, pong=1.0, cancel=1.0, close=1.0
)


class Talk:
    """A client with a scripted worker, and all that it said."""

    def __init__(self, behaviour: str, deadlines: Deadlines) -> None:
        self.queue = CallbackQueue()
        self.scheduler = Scheduler(self.queue.post)
        self.events: list[object] = []
        self.deaths: list[WorkerDiedError | None] = []
        self.client = EngineClient(
            self.queue.post,
            self.scheduler,
            self.deaths.append,
            deadlines,
            [sys.executable, str(SCRIPT), behaviour],
        )

    def load(self) -> None:
        file = ModelFile.of(SCRIPT)
        self.client.load(ModelHandle("k", (file,)), Plan(), self.events.append)

    def generate(self) -> int:
        return self.client.generate(
            [ChatMessage("user", "Hi")], SamplingParameters(), self.events.append
        )

    def until(self, kind: type, seconds: float = 20.0) -> object:
        found = self.queue.run_until(lambda: any(isinstance(e, kind) for e in self.events), seconds)
        assert found, self.events
        return next(e for e in self.events if isinstance(e, kind))

    def close(self) -> None:
        self.client.close_and_wait()
        self.scheduler.close()


@pytest.fixture
def talk() -> Iterator:
    talks: list[Talk] = []

    def begin(behaviour: str, deadlines: Deadlines = QUICK) -> Talk:
        talks.append(Talk(behaviour, deadlines))
        return talks[-1]

    yield begin
    for each in talks:
        each.close()


def test_a_good_worker_loads_answers_and_exits(talk) -> None:
    good = talk("good")
    good.load()
    assert isinstance(good.until(Loaded), Loaded)
    good.generate()
    good.until(Finished)
    assert [type(e) for e in good.events] == [LoadProgress, Loaded, Tokens, Finished]
    good.client.close()
    assert good.queue.run_until(lambda: bool(good.deaths), 10)
    assert good.deaths == [None]


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("never_loads", "engine.no_load"),
        ("exit_at_load", "engine.exited"),
        ("nonsense_at_load", "engine.nonsense"),
        ("huge_frame", "engine.nonsense"),
        ("half_frame", "engine.nonsense"),
        ("segv_at_load", "engine.crashed"),
        ("deaf", "engine.no_reply"),
    ],
)
def test_a_worker_that_fails_to_load_is_named(talk, behaviour, code) -> None:
    deadlines = QUICK if behaviour != "deaf" else Deadlines(pong=1.0)
    bad = talk(behaviour, deadlines)
    bad.load()
    death = bad.until(WorkerDiedError) if behaviour != "deaf" else None
    if death is None:
        assert bad.queue.run_until(lambda: bool(bad.deaths), 20)
        death = bad.deaths[0]
    assert isinstance(death, WorkerDiedError)
    assert death.code == code
    assert bad.queue.run_until(lambda: bool(bad.deaths), 5)
    assert not bad.client.is_alive


def test_a_worker_that_never_says_hello_is_killed(talk) -> None:
    silent = talk("silent", Deadlines(hello=1.0, load=0.5))
    silent.load()
    death = silent.until(WorkerDiedError)
    assert death.code in ("engine.no_start", "engine.no_load")


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("abort_in_stream", "engine.crashed"),
        ("killed_in_stream", "engine.killed"),
        ("hang_in_stream", "engine.no_progress"),
    ],
)
def test_a_death_in_the_stream_keeps_what_came_before(talk, behaviour, code) -> None:
    dying = talk(behaviour)
    dying.load()
    dying.until(Loaded)
    dying.generate()
    death = dying.until(WorkerDiedError)
    assert death.code == code
    assert any(isinstance(e, Tokens) and e.text == "Hello" for e in dying.events)


def test_a_stopped_process_is_found_by_its_silence(talk) -> None:
    stopped = talk("wait_for_cancel", Deadlines(pong=1.5))
    stopped.load()
    stopped.until(Loaded)
    stopped.generate()
    stopped.until(Tokens)
    os.kill(stopped.client.pid, signal.SIGSTOP)
    began = time.monotonic()
    death = stopped.until(WorkerDiedError, 30)
    assert death.code == "engine.no_reply"
    assert time.monotonic() - began < 25


def test_a_missed_cancel_ends_the_worker(talk) -> None:
    stubborn = talk("no_cancel", Deadlines(cancel=1.0))
    stubborn.load()
    stubborn.until(Loaded)
    number = stubborn.generate()
    stubborn.until(Tokens)
    stubborn.client.cancel(number)
    assert stubborn.until(WorkerDiedError).code == "engine.no_cancel"


def test_late_and_foreign_words_are_dropped(talk) -> None:
    late = talk("late_words")
    late.load()
    late.until(Loaded)
    late.generate()
    late.until(Finished)
    late.queue.run_until(lambda: False, 0.5)
    assert not any(isinstance(e, Tokens) for e in late.events)


def test_a_flood_on_stderr_blocks_nothing(talk) -> None:
    flood = talk("flood", Deadlines())
    flood.load()
    flood.until(Loaded, 30)
