"""Devices that go away, loads that nobody wants any more, and the end of the program."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app import services as services_module
from app.chat.events import TurnEnded
from app.engine.client import Deadlines
from app.engine.entities import Device
from app.engine.errors import EngineError
from app.engine.host import HostState
from app.errors import ExitCode
from app.history.entities import MessageState
from app.placement.entities import Inventory, Wishes
from app.placement.inventory import inventory_of
from models.errors import KnownError
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL_DEEPSEEK2, SMALL_QWEN3MOE
from tests.helpers.placing import MIB, Placing, handle_of, workers
from tests.helpers.rpc_devices import RpcDevice, rpc_device

SHORT = Wishes(context_tokens=1024)
OTHER = Wishes(context_tokens=512)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(SMALL_QWEN3MOE, tmp_path_factory.mktemp("small") / "small.gguf")


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(SMALL_DEEPSEEK2, tmp_path_factory.mktemp("another") / "another.gguf")


@pytest.fixture
def placing(tmp_path: Path) -> Iterator[Callable[..., Placing]]:
    opened: list[Placing] = []

    def begin(*hosts: str, **options) -> Placing:
        here = Placing(tmp_path / f"data{len(opened)}", **options)
        here.services.settings.change(rpc_hosts=hosts, device_budgets={"RPC0": 190 * MIB})
        opened.append(here)
        return here

    yield begin
    for each in opened:
        each.close()
    assert workers() == []


@pytest.fixture(scope="module")
def device() -> Iterator[RpcDevice]:
    """For tests that leave it as it was."""
    with rpc_device(200 * MIB) as served:
        yield served


# --- devices that go away --------------------------------------------------------------------


def test_a_host_that_ends_between_plan_and_load(small: Path, placing) -> None:
    with rpc_device(200 * MIB) as device:
        here = placing(device.host)
        here.services.loader.subscribe(lambda _planned: device.kill())
        error = here.refusal(small, SHORT)
        assert (error.code, error.facts["host"]) == ("engine.rpc_unreachable", device.host)
        assert error.exit_code == ExitCode.NETWORK
        assert here.services.host.status.failure is error
        assert here.tried[0].placement.plan.devices == ("RPC0",)
        assert here.services.loader.current.steps == (), "no plan can mend that"
        host = device.host
    # Still gone: said again, before anything is loaded.
    again = here.refusal(small, SHORT)
    assert (again.code, again.exit_code) == ("engine.rpc_unreachable", ExitCode.NETWORK)
    assert here.services.host.status.state is HostState.FAILED
    # Without it, it goes on; and with it, when it is back.
    here.services.settings.change(rpc_hosts=())
    assert here.load(small, SHORT).placement.verdict == "cpu"
    with rpc_device(200 * MIB, bind=host):
        here.services.settings.change(rpc_hosts=(host,))
        assert here.load(small, OTHER).placement.verdict == "gpu"


def test_a_graphics_card_that_is_gone_when_it_is_loaded(
    small: Path, placing, monkeypatch: pytest.MonkeyPatch
) -> None:
    present = [True]

    def inventory(_engine: Path | None) -> Inventory:
        card = Device(
            name="CUDA0", description="A card", kind="gpu", backend="CUDA",
            memory_bytes=8 << 30, free_bytes=8 << 30,
        )  # fmt: skip
        processor = Device(
            name="CPU", description="", kind="cpu", backend="CPU", memory_bytes=0, free_bytes=0
        )
        return inventory_of((card, processor) if present[0] else (processor,))

    monkeypatch.setattr(services_module, "inventory_without_engine", inventory)
    here = placing()
    error = here.refusal(small, SHORT)
    assert (error.code, error.facts["device"]) == ("engine.unknown_device", "CUDA0")
    # One load; the plan rested on arithmetic, because it could not be rehearsed either.
    (tried,) = here.tried
    assert tried.placement.plan.devices == ("CUDA0",)
    assert not tried.placement.simulated
    assert tried.trouble.code == "engine.unknown_device"
    present[0] = False
    assert here.load(small, SHORT).placement.verdict == "cpu"


@pytest.mark.parametrize(
    ("end", "code"), [("kill", "engine.rpc_lost"), ("hang", "engine.rpc_silent")]
)
def test_a_host_that_goes_away_in_an_answer(end: str, code: str, small: Path, placing) -> None:
    with rpc_device(200 * MIB) as device:
        host = device.host
        here = placing(host, deadlines=Deadlines(token=1.5, reading=20.0))
        model = here.services.library.add_file(small)
        here.send(model, tokens=800, wishes=SHORT)
        here.until(lambda: here.has_text)
        device.kill() if end == "kill" else device.hang()
        answer = here.answered()
        assert answer.state is MessageState.INTERRUPTED
        assert answer.text
        assert answer.details.failure == code
        (ended,) = (each for each in here.events if isinstance(each, TurnEnded))
        assert ended.failure.exit_code == ExitCode.NETWORK
        kept = here.services.history.messages(answer.conversation_id)
        assert kept[-1].text == answer.text
        assert here.services.turns.active is None
        # While it does not answer, the next question says so and is kept.
        if end == "kill":
            refused = here.answer(model, wishes=SHORT)
            assert refused.state is MessageState.FAILED
            assert refused.details.failure == "engine.rpc_unreachable"
    with rpc_device(200 * MIB, bind=host):
        assert here.answer(model, wishes=SHORT).state is MessageState.COMPLETE
        assert here.services.loader.current.placement.plan.devices == ("RPC0",)


def test_a_silent_host_is_one_sentence(small: Path, placing) -> None:
    with rpc_device(200 * MIB) as device:
        here = placing(device.host)
        device.hang()
        error = here.refusal(small, SHORT)
        assert (error.code, error.exit_code) == ("engine.rpc_mute", ExitCode.NETWORK)
        device.go_on()
        assert here.load(small, SHORT).placement.verdict == "gpu"


# --- what is not wanted any more -------------------------------------------------------------


def begin_planning(here: Placing, path: Path, wishes: Wishes = SHORT):
    """A load whose plan is being rehearsed."""
    told = here.begin(path, wishes)
    here.until(lambda: here.services.placements._running > 0)
    return told


def given_up(told: list[KnownError | None]) -> bool:
    return [getattr(each, "code", None) for each in told] == ["engine.load_given_up"]


def test_unloading_while_it_is_planned(small: Path, placing, device: RpcDevice) -> None:
    here = placing(device.host)
    told = begin_planning(here, small)
    here.services.loader.unload()
    assert given_up(told)
    assert here.services.host.status.state is HostState.EMPTY
    # What was asked of the engine is answered and reaches nobody.
    here.until(lambda: here.services.placements._running == 0)
    here.queue.run_until(lambda: False, 0.5)
    assert given_up(told)
    assert here.tried == []
    assert here.services.host.status.state is HostState.EMPTY
    assert here.load(small, SHORT).steps == ()


def test_another_model_while_one_is_planned(
    small: Path, another: Path, placing, device: RpcDevice
) -> None:
    here = placing(device.host)
    first = begin_planning(here, small)
    second = here.begin(another, SHORT)
    assert given_up(first)
    assert here.outcome(second) is None
    key = handle_of(another).key
    assert here.services.host.is_ready(key)
    assert {each.model_key for each in here.loads} == {key}
    assert given_up(first)


def test_the_same_model_otherwise_while_it_is_planned(
    small: Path, placing, device: RpcDevice
) -> None:
    here = placing(device.host)
    first = begin_planning(here, small)
    second = here.begin(small, OTHER)
    assert given_up(first)
    assert here.outcome(second) is None
    here.until(lambda: here.services.placements._running == 0)
    assert [each.asked for each in here.tried] == [OTHER]
    assert given_up(first)


def test_one_that_is_told_may_want_something_else_at_once(
    small: Path, another: Path, placing, device: RpcDevice
) -> None:
    here = placing(device.host)
    third: list[KnownError | None] = []

    def disappointed(_error: KnownError) -> None:
        here.services.loader.ensure(
            handle_of(small), OTHER, lambda: third.append(None), third.append
        )

    here.services.loader.ensure(handle_of(small), SHORT, lambda: None, disappointed)
    second = here.begin(another, SHORT)
    assert given_up(second), "the last wish counts"
    assert here.outcome(third) is None
    assert here.services.loader.current.asked == OTHER


def test_the_same_model_twice_is_loaded_once(small: Path, placing, device: RpcDevice) -> None:
    here = placing(device.host)
    first = begin_planning(here, small)
    second = here.begin(small, SHORT)
    here.outcome(first)
    here.outcome(second)
    assert (first, second) == ([None], [None])
    assert len(here.tried) == 1
    pid = here.services.host._client.pid
    assert here.begin(small, SHORT) == [None], "it is there"
    assert here.services.host._client.pid == pid
    # Other wishes are another load.
    here.load(small, OTHER)
    assert here.services.host._client.pid != pid


def test_stop_while_it_is_planned(small: Path, placing, device: RpcDevice) -> None:
    here = placing(device.host)
    model = here.services.library.add_file(small)
    here.send(model, wishes=SHORT)
    here.until(lambda: here.services.placements._running > 0)
    here.services.turns.stop()
    stopped = here.answered()
    assert stopped.details.stop_reason == "cancelled"
    assert stopped.text == ""
    # The load goes on, and the next question uses it.
    answer = here.answer(model, wishes=SHORT)
    assert answer.state is MessageState.COMPLETE
    assert len(here.tried) == 1


def test_the_memory_of_the_last_model_is_waited_for(
    small: Path, placing, device: RpcDevice
) -> None:
    here = placing()
    here.load(small, SHORT)
    old = here.services.host._client.pid
    os.kill(old, signal.SIGSTOP)  # it hangs in its driver; after two seconds it is killed
    told = here.begin(small, OTHER)
    here.queue.run_until(lambda: False, 0.7)
    assert here.services.host.status.state is HostState.LOADING
    assert here.tried == [here.tried[0]], "nothing is planned with what it still holds"
    assert here.outcome(told) is None
    assert not psutil.pid_exists(old)


# --- the end of the program ------------------------------------------------------------------


@pytest.mark.parametrize("when", ["looking", "waiting for a host", "planning", "loading"])
def test_closing_leaves_no_process_and_tells_nobody(
    when: str, small: Path, tmp_path: Path, device: RpcDevice
) -> None:
    # Whoever takes a connection and says nothing is waited for: five seconds.
    silent = socket.create_server(("127.0.0.1", 0))
    address = f"127.0.0.1:{silent.getsockname()[1]}"
    host = address if when == "waiting for a host" else device.host
    here = Placing(tmp_path / "data", rpc_hosts=(host,))
    here.services.settings.change(device_budgets={"RPC0": 190 * MIB})
    told = here.begin(small, SHORT)
    if when == "waiting for a host":
        here.queue.run_until(lambda: False, 1.0)
    services = here.services
    if when == "planning":
        here.until(lambda: services.placements._running > 0)
        here.until(lambda: len(workers()) > 0)
    elif when == "loading":
        here.until(lambda: services.host.status.fraction > 0 or services.host._client is not None)
    plans = []
    if when == "planning":
        machine = services.survey._surveyed(inventory_of(()), ()).machine
        subject = services.placements.subject(handle_of(small))
        services.placements.place(subject, machine, Wishes(), plans.append)
    began = time.monotonic()
    here.close()
    silent.close()
    assert time.monotonic() - began < 15
    assert workers() == []
    assert (told, plans) == ([], [])


def test_a_worker_that_hangs_at_the_end_is_killed(small: Path, placing, device: RpcDevice) -> None:
    here = placing(device.host)
    told = begin_planning(here, small)
    here.until(lambda: len(workers()) == 1)
    os.kill(workers()[0], signal.SIGSTOP)
    here.close()
    assert workers() == []
    assert told == []


def test_what_cannot_be_read_ends_before_anything_starts(
    small: Path, placing, tmp_path: Path
) -> None:
    path = tmp_path / "gone.gguf"
    path.write_bytes(small.read_bytes())
    handle = handle_of(path)
    path.unlink()
    here = placing()
    error = here.refusal(handle, SHORT)
    assert not isinstance(error, EngineError)
    assert error.exit_code == ExitCode.BAD_MODEL
    assert here.services.host.status.failure is error
    assert workers() == []
