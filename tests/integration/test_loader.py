"""Loading where a plan says: what was planned is what devices take, and what is told of it."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.engine.entities import Plan
from app.placement.entities import PROCESSOR, Wishes
from app.placement.loaded import LoadedPlacement
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL, SMALL_QWEN3MOE
from tests.helpers.placing import MIB, Placing, handle_of
from tests.helpers.rpc_devices import rpc_device, rpc_devices
from tests.helpers.worker_process import ROOT, WorkerProcess, small_plan

SHORT = Wishes(context_tokens=1024)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(SMALL_QWEN3MOE, tmp_path_factory.mktemp("small") / "small.gguf")


@pytest.fixture
def placing(tmp_path: Path) -> Iterator[Callable[..., Placing]]:
    opened: list[Placing] = []

    def begin(*hosts: str, budgets: dict[str, int] | None = None, **options) -> Placing:
        here = Placing(tmp_path / f"data{len(opened)}", **options)
        here.services.settings.change(rpc_hosts=hosts, device_budgets=budgets or {})
        opened.append(here)
        return here

    yield begin
    for each in opened:
        each.close()


# --- planned and measured --------------------------------------------------------------------


def agree(loaded: LoadedPlacement) -> None:
    """Weights are those planned, KV cache and compute within 1 MiB, on every device."""
    assert loaded.facts is not None
    held: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for line in loaded.facts.buffers:
        kind = "compute" if line.kind == "output" else line.kind
        held[line.device][kind] += line.bytes / MIB
    for share in loaded.placement.shares:
        name, planned = share.device.name, share.bytes
        took = held[name]
        # The log rounds every line to 0.01 MiB.
        assert took["weights"] == pytest.approx(planned.weights / MIB, abs=0.05), name
        assert took["kv_cache"] == pytest.approx(planned.kv_cache / MIB, abs=1.0), name
        assert took["compute"] == pytest.approx(planned.compute / MIB, abs=1.0), name
        total = loaded.measured_bytes.get(name, 0)
        assert total == pytest.approx(planned.total, abs=2 * MIB), name
    for memory in loaded.facts.devices:
        share = loaded.placement.share(memory.device)
        took_bytes = memory.free_before - memory.free_after
        assert took_bytes == pytest.approx(share.bytes.total, abs=2 * MIB)
        assert took_bytes <= share.device.budget_bytes


@pytest.mark.parametrize("shape", SMALL, ids=lambda shape: shape.architecture)
def test_one_device_takes_what_was_planned(shape, placing, tmp_path: Path) -> None:
    path = write_model(shape, tmp_path / "small.gguf")
    with rpc_device(200 * MIB) as device:
        here = placing(device.host, budgets={"RPC0": 200 * MIB})
        whole = here.load(path, SHORT)
        assert (whole.placement.verdict, whole.placement.simulated) == ("gpu", True)
        agree(whole)
        half = here.load(path, Wishes(context_tokens=1024, expert_layers=3))
        assert half.placement.verdict == "hybrid"
        assert half.placement.expert_layers == 3
        agree(half)
        assert half.steps == ()
        # What was planned and measured is remembered with the plan.
        fingerprint = here.look().fingerprint
        kept = here.services.records.working_plan(half.model_key, fingerprint, 1024)
        assert kept is not None
        assert kept.plan == half.placement.plan
        assert {each.device: each.bytes for each in kept.measured} == half.measured_bytes


def test_two_unequal_devices_stay_inside_their_budgets(small: Path, placing) -> None:
    limits = 28 * MIB, 112 * MIB
    with rpc_devices(*limits) as (first, second):
        budgets = {"RPC0": limits[0], "RPC1": limits[1]}
        here = placing(first.host, second.host, budgets=budgets)
        loaded = here.load(small, Wishes(context_tokens=512))
        agree(loaded)
        assert loaded.steps == ()
        assert set(loaded.placement.plan.devices) == {"RPC0", "RPC1"}
        for place in loaded.placement.layers:
            assert place.experts in ("", place.device, PROCESSOR)
        for name in ("RPC0", "RPC1"):
            assert loaded.placement.share(name).bytes.routed_experts > 0, "of its own layers"
        model = here.services.library.add_file(small)
        assert here.answer(model, wishes=Wishes(context_tokens=512)).text


def test_a_mapped_file_counts_once(small: Path, placing) -> None:
    """The engine says how far a mapping reaches, over weights that were copied out of it too."""
    here = placing()
    with WorkerProcess() as worker:
        facts = worker.load(small, small_plan(context_tokens=1024, load_mode="mmap"))
    subject = here.services.placements.subject(handle_of(small))
    placement = here.services.placements.guess(subject, here.look().machine, SHORT)
    loaded = LoadedPlacement(subject.key, SHORT, SHORT, placement, facts=facts)
    weights = sum(line.bytes for line in facts.buffers if line.kind == "weights")
    others = sum(line.bytes for line in facts.buffers if line.kind != "weights")
    planned = placement.shares[-1].bytes.weights
    assert weights > planned + 5 * MIB
    assert loaded.measured_bytes == {PROCESSOR: pytest.approx(planned + others, abs=MIB)}


def test_ask_tells_where_the_model_was_and_what_it_took(small: Path, tmp_path: Path) -> None:
    with rpc_device(1000 * MIB) as device:
        run = moestro(
            tmp_path, "--rpc", device.host, "ask", "Hello?", "--model", str(small), "--json",
            "--max-tokens", "4", "--context", "512",
        )  # fmt: skip
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    placed = told["placement"]
    assert (placed["verdict"], placed["simulated"], placed["repairs"]) == ("gpu", True, [])
    assert placed["trouble"] is None
    assert [each["name"] for each in placed["devices"]] == ["RPC0", "CPU"]
    for each in placed["devices"]:
        assert placed["measured_bytes"][each["name"]] == pytest.approx(
            each["bytes"]["total"], abs=2 * MIB
        )
        assert each["bytes"]["total"] <= each["budget_bytes"]
    assert told["plan"] == placed["plan"]
    assert told["plan"]["devices"] == ["RPC0"]
    assert told["plan"]["rpc_hosts"] == [device.host]
    assert told["plan"]["context_tokens"] == placed["context"] == 512
    assert device.host in placed["command_line"]


def moestro(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--data-dir", str(root / "folder"), *arguments],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


# --- budgets ---------------------------------------------------------------------------------


def test_a_device_with_less_than_anything_needs_is_left_out(small: Path, placing) -> None:
    with rpc_device(200 * MIB) as device:
        here = placing(device.host, budgets={"RPC0": 2 * MIB})
        loaded = here.load(small, SHORT)
        assert loaded.placement.verdict == "cpu"
        assert loaded.placement.plan == plan_without_devices(loaded.placement.plan)
        assert loaded.placement.share("RPC0").bytes.total == 0
        assert loaded.steps == ()


def plan_without_devices(plan: Plan) -> Plan:
    return Plan(context_tokens=plan.context_tokens, threads=plan.threads, load_mode=plan.load_mode)


def test_what_a_loaded_model_holds_counts_as_free(small: Path, placing) -> None:
    """Also where a second model of ours is planned beside it, or the same one again."""
    with rpc_device(200 * MIB) as device:
        here = placing(device.host)
        before = here.look().machine
        loaded = here.load(small, SHORT, insist=True)
        here.services.settings.change(device_budgets={"RPC0": 190 * MIB})
        loaded = here.load(small, Wishes(context_tokens=512))
        assert loaded.placement.plan.devices == ("RPC0",)
        while_loaded = here.look().machine
        assert before.device("RPC0").free_bytes == while_loaded.device("RPC0").free_bytes
        assert while_loaded.device("RPC0").budget_bytes == 190 * MIB
        held = here.services.loader.held()
        assert held["RPC0"] == loaded.placement.share("RPC0").bytes.total
        # Main memory is what others leave, and what the worker has to itself.
        assert held[PROCESSOR] > MIB
        here.services.loader.unload()
        assert here.services.loader.held() == {}


def test_what_others_hold_on_a_host_is_not_free_while_we_use_it(small: Path, placing) -> None:
    """The host cannot be asked again: its figures are those from before our model."""
    with rpc_device(200 * MIB, total_bytes=400 * MIB) as device:
        here = placing(device.host, budgets={"RPC0": 400 * MIB})
        loaded = here.load(small, SHORT)
        assert loaded.placement.share("RPC0").bytes.total > 100 * MIB
        again = here.look().machine.device("RPC0")
        assert (again.memory_bytes, again.free_bytes) == (400 * MIB, 200 * MIB)


def test_what_a_device_takes_beyond_the_plan_is_learned(small: Path, placing) -> None:
    extra = 20 * MIB
    with rpc_device(300 * MIB, overhead_bytes=extra) as device:
        here = placing(device.host, budgets={"RPC0": 300 * MIB})
        first = here.load(small, SHORT)
        surveyed = here.look()
        learned = here.services.records.overhead(surveyed.fingerprint, "RPC0")
        assert learned == pytest.approx(extra, abs=2 * MIB)
        again = here.load(small, Wishes(context_tokens=512))
        before, after = (each.placement.share("RPC0").device for each in (first, again))
        assert before.budget_bytes == 300 * MIB
        assert after.budget_bytes == 300 * MIB - learned
