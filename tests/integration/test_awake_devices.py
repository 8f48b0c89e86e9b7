"""After sleep, by a clock that the test turns: patience with the worker, and devices that are lost.

Another process lends the device, and the worker is ended as a driver ends it: by a crash.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.awake_devices import DevicesAfterSleep
from app.engine.client import Deadlines, EngineClient
from app.engine.entities import ChatMessage, SamplingParameters
from app.engine.host import HostState
from app.engine.protocol import Tokens
from app.history.entities import MessageState
from app.notices import Notice
from app.placement.entities import Wishes
from app.placement.survey import Surveyed
from app.posting import CallbackQueue, Scheduler
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL_QWEN3MOE
from tests.helpers.placing import MIB, Placing, workers
from tests.helpers.rpc_devices import RpcDevice, rpc_device

SCRIPT = Path(__file__).resolve().parents[1] / "helpers" / "scripted_worker.py"
SHORT = Wishes(context_tokens=1024)
AN_HOUR = 3600.0


def test_a_sleep_is_not_counted_against_the_worker() -> None:
    queue, slept, deaths = CallbackQueue(), [0.0], []
    scheduler, events = Scheduler(queue.post), []
    client = EngineClient(
        queue.post, scheduler, deaths.append, Deadlines(token=6.0, pong=6.0, close=1.0),
        [sys.executable, str(SCRIPT), "hang_in_stream"], now=lambda: time.monotonic() + slept[0],
    )  # fmt: skip
    client.generate([ChatMessage("user", "Hi")], SamplingParameters(), events.append)
    assert queue.run_until(lambda: any(isinstance(e, Tokens) for e in events), 30)
    slept[0] = AN_HOUR
    queue.run_until(lambda: bool(deaths), 2.0)
    assert client.is_alive, "what it had left before the sleep it has after it"
    assert queue.run_until(lambda: bool(deaths), 30)
    assert deaths[0] is not None
    assert deaths[0].code == "engine.no_progress"
    client.close_and_wait()
    scheduler.close()


class Sleeper:
    """A loaded model, and a computer that sleeps when it is told to."""

    def __init__(self, here: Placing, path: Path, survey: object = None) -> None:
        self.here, self.services = here, here.services
        self.total = 0.0
        self.notices: list[Notice] = []
        services = here.services
        self.devices = DevicesAfterSleep(
            services.host, services.loader, survey or services.survey, services.turns,
            services.scheduler, services.library.handle_for, self.notices.append,
            lambda: self.total,
        )  # fmt: skip
        self.model = services.library.add_file(path)
        here.load(services.library.handle_for(self.model.key), SHORT)

    def sleep(self, *, noticed: bool = True) -> None:
        self.total += AN_HOUR
        if noticed:
            self.devices.watch.look()

    def crash(self) -> None:
        client = self.services.host._client
        assert client is not None
        os.kill(client.pid, signal.SIGSEGV)

    def until_gone(self) -> None:
        self.here.until(lambda: self.services.host.status.state is HostState.EMPTY)

    @property
    def is_ready(self) -> bool:
        return self.services.host.status.state is HostState.READY

    @property
    def told(self) -> list[str]:
        return [each.code for each in self.notices]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(SMALL_QWEN3MOE, tmp_path_factory.mktemp("slept") / "small.gguf")


@pytest.fixture(scope="module")
def device() -> Iterator[RpcDevice]:
    with rpc_device(200 * MIB) as served:
        yield served


@pytest.fixture
def placing(tmp_path: Path) -> Iterator[Callable[..., Placing]]:
    opened: list[Placing] = []

    def begin(*hosts: str) -> Placing:
        here = Placing(tmp_path / f"data{len(opened)}")
        here.services.settings.change(rpc_hosts=hosts, device_budgets={"RPC0": 190 * MIB})
        opened.append(here)
        return here

    yield begin
    for each in opened:
        each.close()
    assert workers() == []


@pytest.mark.parametrize("noticed", [True, False])
def test_a_device_that_is_lost_in_sleep_is_said_and_loaded_once(
    small: Path, placing, device: RpcDevice, noticed: bool
) -> None:
    here = Sleeper(placing(device.host), small)
    here.sleep(noticed=noticed)
    assert here.told == []
    here.crash()
    here.until_gone()
    here.here.until(lambda: here.is_ready)
    assert here.told == ["placement.lost_in_sleep"]
    assert here.notices[0].facts["device"]
    assert here.services.loader.current.placement.plan.devices == ("RPC0",)
    # Only once: what dies again is no matter of the sleep any more.
    here.crash()
    here.until_gone()
    here.here.queue.run_until(lambda: False, 1.5)
    assert not here.is_ready
    assert len(here.told) == 1


def test_in_the_middle_of_an_answer(small: Path, placing, device: RpcDevice) -> None:
    here = Sleeper(placing(device.host), small)
    here.here.send(here.model, tokens=800, wishes=SHORT)
    here.here.until(lambda: here.here.has_text)
    here.crash()
    here.sleep(noticed=False)
    answer = here.here.answered()
    assert answer.state is MessageState.INTERRUPTED
    assert answer.text, "words so far are kept"
    here.here.until(lambda: here.is_ready)
    assert here.told == ["placement.lost_in_sleep"]


def test_a_device_that_computed_since_the_sleep_is_not_in_doubt(
    small: Path, placing, device: RpcDevice
) -> None:
    here = Sleeper(placing(device.host), small)
    here.sleep()
    assert here.here.answer(here.model, wishes=SHORT).state is MessageState.COMPLETE
    here.crash()
    here.until_gone()
    here.here.queue.run_until(lambda: False, 1.5)
    assert not here.is_ready
    assert here.told == []


def test_without_a_device_there_is_nothing_to_lose(small: Path, placing) -> None:
    here = Sleeper(placing(), small)
    here.sleep()
    here.crash()
    here.until_gone()
    here.here.queue.run_until(lambda: False, 1.5)
    assert not here.is_ready
    assert here.told == []


class WithoutDevice:
    """The survey of a computer on which a device has not come back."""

    def __init__(self, here: Placing) -> None:
        self._here = here

    def look(self, done: Callable[[Surveyed], None], _failed: object) -> None:
        surveyed = self._here.look()
        kept = tuple(d for d in surveyed.inventory.devices if d.name != "RPC0")
        assert len(kept) < len(surveyed.inventory.devices)
        done(replace(surveyed, inventory=replace(surveyed.inventory, devices=kept)))


def test_a_device_that_is_not_there_any_more(small: Path, placing, device: RpcDevice) -> None:
    opened = placing(device.host)
    here = Sleeper(opened, small, WithoutDevice(opened))
    before = here.services.host._client.pid
    here.sleep()
    assert here.told == ["placement.lost_in_sleep"]
    here.here.until(lambda: here.is_ready and here.services.host._client.pid != before)


def test_a_device_that_is_there_is_left_alone(small: Path, placing, device: RpcDevice) -> None:
    here = Sleeper(placing(device.host), small)
    before = here.services.host._client.pid
    here.sleep()
    here.here.queue.run_until(lambda: False, 1.5)
    assert here.services.host._client.pid == before
    assert here.told == []


def test_what_cannot_be_loaded_again_is_said(small: Path, placing, device: RpcDevice) -> None:
    here = Sleeper(placing(device.host), small)
    here.sleep()
    away = small.with_suffix(".away")
    small.rename(away)
    try:
        here.crash()
        here.until_gone()
        here.here.until(lambda: bool(here.told), 30)
    finally:
        away.rename(small)
    assert [code.partition(".")[0] for code in here.told] == ["gguf"]
    assert not here.is_ready


def test_closing_in_the_middle_of_an_answer_lets_the_computer_sleep(small: Path, placing) -> None:
    here = placing()
    here.send(here.services.library.add_file(small), tokens=800, wishes=SHORT)
    here.until(lambda: here.has_text)
    awake = here.services.awake.answers._awake
    assert awake.is_held
    here.services.close()
    assert not awake.is_held
