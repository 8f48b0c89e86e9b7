"""Loads that do not work at first: repaired step by step, told, remembered, never endless."""

import logging
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.engine.errors import OutOfMemoryError, WorkerKilledError
from app.engine.host import HostState
from app.errors import ExitCode
from app.placement.entities import Wishes
from app.wording import sentence
from models.errors import KnownError
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL_QWEN3MOE
from tests.helpers.placing import MIB, Placing, keep_speeds, workers
from tests.helpers.rpc_devices import rpc_device

ASKED = Wishes(context_tokens=4096)
TOLD = 400 * MIB
SLOW = 2e6
"""Bytes per second: next to this processor any device is worth having."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(SMALL_QWEN3MOE, tmp_path_factory.mktemp("small") / "small.gguf")


@pytest.fixture
def placing(tmp_path: Path) -> Iterator[Callable[..., Placing]]:
    opened: list[Placing] = []

    def begin(*hosts: str, processor: float = SLOW) -> Placing:
        here = Placing(tmp_path / f"data{len(opened)}")
        here.services.settings.change(rpc_hosts=hosts, device_budgets={"RPC0": TOLD})
        keep_speeds(here, processor)
        opened.append(here)
        return here

    yield begin
    for each in opened:
        each.close()


def codes(here: Placing) -> list[str]:
    """The steps of the load, in short."""
    current = here.services.loader.current
    assert current is not None
    return [step.code.removeprefix("placement.repair_") for step in current.steps]


@pytest.mark.parametrize(
    ("gives", "ends_with"),
    [(125, "experts"), (10, "processor")],
    ids=["experts", "processor"],
)
def test_a_device_that_says_it_has_more_than_it_gives(
    gives: int, ends_with: str, small: Path, placing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "moestro.placement")
    with rpc_device(gives * MIB, told_bytes=TOLD) as device:
        here = placing(device.host)
        loaded = here.load(small, ASKED)
        steps = codes(here)
        assert steps[-1] == ends_with
        order = ["experts", "ubatch", "kv", "context", "processor"]
        assert steps == sorted(steps, key=order.index)
        if ends_with == "processor":
            assert list(dict.fromkeys(steps)) == order
            assert loaded.placement.plan.devices == ()
        else:
            taken = loaded.facts.devices[0]
            assert taken.free_before - taken.free_after <= gives * MIB
        # Every step was told before its load, and once; each load had one step more.
        told = [len(each.steps) for each in here.tried]
        assert told == list(range(len(steps) + 1))
        assert len(told) <= 12
        assert caplog.text.count("next: placement.repair_") == len(steps)
        for step in loaded.steps:
            assert sentence(step.code, step.facts)
        if ends_with == "experts":
            answer = here.answer(here.services.library.add_file(small), wishes=ASKED)
            assert answer.text
            assert answer.details.plan == loaded.placement.plan

        # What worked is remembered: the next load tries nothing that failed.
        kept = here.services.records.working_plan(
            loaded.model_key, here.look().fingerprint, ASKED.context_tokens
        )
        assert (kept.repairs, kept.asked, kept.plan) == (
            loaded.steps, ASKED, loaded.placement.plan,
        )  # fmt: skip
        here.services.loader.unload()
        here.loads.clear()
        again = here.load(small, ASKED)
        assert len(here.tried) == 1
        assert (again.placement.plan, again.steps) == (loaded.placement.plan, loaded.steps)

        # It belongs to what was asked: something else is tried as it was asked.
        if ends_with == "experts":
            here.loads.clear()
            here.load(small, Wishes(context_tokens=4096, expert_layers=1))
            assert [each.steps for each in here.tried] == [()]
            # Forgotten, it is planned afresh.
            here.services.records.forget_plans(loaded.model_key)
            here.loads.clear()
            here.load(small, ASKED)
            assert [len(each.steps) for each in here.tried] == told


def test_a_repaired_load_is_remembered_over_a_restart_and_can_be_repaired_again(
    small: Path, placing, tmp_path: Path
) -> None:
    with rpc_device(125 * MIB, told_bytes=TOLD) as device:
        here = placing(device.host)
        first = here.load(small, ASKED)
        assert codes(here) == ["experts"]
        host = device.host
        here.close()
    with rpc_device(121 * MIB, told_bytes=TOLD, bind=host):
        again = Placing(tmp_path / "data0")
        second = again.load(small, ASKED)
        assert again.tried[0].placement.plan == first.placement.plan
        assert second.steps[: len(first.steps)] == first.steps
        assert codes(again) == ["experts", "experts"]
        again.close()


def test_a_plan_that_does_without_devices_after_all_says_so(small: Path, placing) -> None:
    """Next to a fast processor a device without experts is not worth having."""
    with rpc_device(60 * MIB, told_bytes=TOLD) as device:
        here = placing(device.host, processor=2e11)
        loaded = here.load(small, Wishes(context_tokens=4096, expert_layers=2))
        assert loaded.placement.plan.devices == ()
        assert codes(here) == ["processor"]
        assert loaded.steps[0].facts["device"] == f"computer {device.host}"


# --- loads that crash ------------------------------------------------------------------------


def kill_every_load(here: Placing, told: list[KnownError | None]) -> int:
    """End each worker that loads; how many there were when the load was given up."""
    killed: set[int] = set()

    def over() -> bool:
        client = here.services.host._client
        if client is not None and client.pid not in killed:
            killed.add(client.pid)
            os.kill(client.pid, signal.SIGKILL)
        return bool(told)

    here.until(over)
    return len(killed)


def test_a_load_that_crashes_gets_one_step_then_the_processor_then_a_sentence(
    small: Path, placing
) -> None:
    with rpc_device(TOLD) as device:
        here = placing(device.host)
        told = here.begin(small, ASKED)
        assert kill_every_load(here, told) == 3
        (error,) = told
        assert isinstance(error, WorkerKilledError)
        assert error.code == "engine.killed_loading"
        assert error.exit_code == ExitCode.NOT_ENOUGH_MEMORY
        assert error.facts["name"] == small.name
        assert codes(here) == ["experts", "processor"]
        status = here.services.host.status
        assert (status.state, status.failure) == (HostState.FAILED, error)
        # What never worked is not remembered.
        key = here.tried[0].model_key
        fingerprint = here.look().fingerprint
        assert here.services.records.working_plan(key, fingerprint, 4096) is None
        # Three crashes: it is not loaded again by itself, only when somebody insists.
        assert here.refusal(small, ASKED).code == "engine.crashes_often"
        assert here.load(small, ASKED, insist=True).steps == ()
    here.close()
    assert workers() == []


def test_a_crash_once_costs_one_step(small: Path, placing) -> None:
    with rpc_device(TOLD) as device:
        here = placing(device.host)
        told = here.begin(small, ASKED)
        here.until(lambda: here.services.host._client is not None)
        os.kill(here.services.host._client.pid, signal.SIGSEGV)
        assert here.outcome(told) is None
        assert codes(here) == ["experts"]


def test_nothing_left_to_give_up_is_one_sentence(small: Path, placing) -> None:
    """On the processor alone, where memory runs out too."""
    here = placing()
    told = here.begin(small, Wishes(context_tokens=2048, kv_type="q8_0", ubatch_tokens=256))
    assert kill_every_load(here, told) == 1
    assert told[0].code == "engine.killed_loading"
    assert codes(here) == []


def test_an_impossible_demand_ends_in_a_sentence_at_once(small: Path, placing) -> None:
    here = placing()
    here.services.settings.change(device_budgets={"CPU": 5 * MIB})
    error = here.refusal(small)
    assert isinstance(error, OutOfMemoryError)
    assert error.code == "placement.too_large"
    assert error.exit_code == ExitCode.NOT_ENOUGH_MEMORY
    assert len(here.tried) == 1
    assert workers() == [] or here.services.host._client is None
    # Knowingly it can be run from the disk.
    assert here.load(small, Wishes(from_disk=True)).placement.verdict == "too_large"
