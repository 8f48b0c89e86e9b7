"""``main.py plan`` on full-size models that nobody could load here, for machines nobody has here.

All combinations are planned, and their times printed, by ``python -m tests.benchmarks placement``.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from app.engine.entities import Rehearsal, RehearsalJob
from app.placement.described import machine_of
from app.placement.entities import PROCESSOR, Machine, Placement, Wishes
from app.placement.placements import subject_of
from app.placement.simulation import Outcome, Results, Simulation
from models.facts import ModelFacts
from models.facts_reading import read_facts
from models.gguf import open_model
from tests.helpers.described_machines import GIB, DescribedMachine
from tests.helpers.moe_models import write_sparse
from tests.helpers.moe_shapes import (
    DEEPSEEK_V2_LITE,
    DEEPSEEK_V3,
    FULL,
    GPT_OSS_120B,
    QWEN3_30B,
    QWEN3_235B,
    MoeShape,
)
from tests.helpers.placement_samples import DENSE_32B
from tests.helpers.plan_command import Planned, run_plan, wrong_in
from tests.helpers.predicting_shapes import PREDICTING_V3
from tests.helpers.rehearsals import RehearsalStage

SECONDS = 15.0
"""At most about 3 are aimed at, and on a quiet machine 1 to 2 are taken."""


class Planning:
    """Plans models that are holes on the disk; each question is asked once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._answers: dict[tuple[str, DescribedMachine], Planned] = {}
        self.files = {
            shape.name: write_sparse(shape, folder, parts=3 if shape is DEEPSEEK_V3 else 1)[0]
            for shape in FULL
        }

    def plan(self, shape: MoeShape, machine: DescribedMachine, *options: str) -> Planned:
        file = self.files[shape.name]
        return run_plan(file, "--machine", str(machine.write(self._folder)), *options)

    def of_file(self, shape: MoeShape, machine: DescribedMachine) -> Planned:
        key = shape.name, machine
        if key not in self._answers:
            self._answers[key] = self.plan(shape, machine)
        return self._answers[key]

    def facts(self, shape: MoeShape) -> ModelFacts:
        return read_facts(open_model(self.files[shape.name]).headers)


@pytest.fixture(scope="module")
def planning(tmp_path_factory: pytest.TempPathFactory) -> Planning:
    return Planning(tmp_path_factory.mktemp("full"))


def shown(value: object) -> str:
    return value.name if isinstance(value, MoeShape) else str(value)


# One plan of every model, every size of GPU, every verdict, one of them far too large.
CASES = [
    (DEEPSEEK_V3, DescribedMachine("2×24", 512), "hybrid"),
    (DEEPSEEK_V3, DescribedMachine("12", 64), "too_large"),
    (QWEN3_235B, DescribedMachine("24", 256), "hybrid"),
    (GPT_OSS_120B, DescribedMachine("8", 128), "hybrid"),
    (QWEN3_30B, DescribedMachine("24", 64), "gpu"),
    (DEEPSEEK_V2_LITE, DescribedMachine("8", 64), "hybrid"),
]


@pytest.mark.parametrize(("shape", "machine", "verdict"), CASES, ids=shown)
def test_a_plan_is_exact_and_quick(
    shape: MoeShape, machine: DescribedMachine, verdict: str, planning: Planning
) -> None:
    planned = planning.of_file(shape, machine)
    print(f"{shape.name}, {machine}: {planned.seconds:.2f} s")  # noqa: T201
    assert wrong_in(planned, planning.facts(shape)) == []
    assert planned.value["verdict"] == verdict
    assert planned.value["described"] is True
    assert planned.seconds < SECONDS
    told = planned.value["predicted"]
    for speed in (told["decode"], told["prompt"]):
        assert 0 < speed["low"] < speed["expected"] < speed["high"]
    used = {place["device"] for place in planned.value["layers"]} - {"CPU"}
    assert used == set(planned.value["stood_in"])
    assert planned.value["longest_context"] >= planned.value["context"]
    if verdict == "too_large":
        least_bad(planned)


def least_bad(planned: Planned) -> None:
    """What cannot be had is told, and what there is is used."""
    assert planned.value["missing_bytes"] > 100 * GIB
    assert planned.value["predicted"]["limited_by"] == "disk"
    (gpu, _processor) = planned.value["devices"]
    assert gpu["bytes"]["total"] > 0.9 * gpu["budget_bytes"]
    assert planned.value["plan"]["load_mode"] == "mmap"
    assert planned.value["plan"]["extra_buffer_types"] is False


@pytest.mark.parametrize(("shape", "machine"), [CASES[0][:2], CASES[3][:2]], ids=shown)
def test_the_header_alone_gives_the_same_answer(
    shape: MoeShape, machine: DescribedMachine, planning: Planning
) -> None:
    """In a data folder of its own: nothing that was remembered of the file can answer."""
    of_stub = planning.plan(shape, machine, "--stub")
    print(f"{shape.name} from its header: {of_stub.seconds:.2f} s")  # noqa: T201
    assert of_stub.value == planning.of_file(shape, machine).value
    assert of_stub.seconds < SECONDS


def test_wishes_are_kept(planning: Planning) -> None:
    options = ("--context", "65536", "--kv-type", "q8_0", "--budget", "GPU 2=6000")
    planned = planning.plan(GPT_OSS_120B, DescribedMachine("2×24", 128), *options)
    assert wrong_in(planned, planning.facts(GPT_OSS_120B)) == []
    assert (planned.value["context"], planned.value["kv_type"]) == (65536, "q8_0")
    budgets = {each["name"]: each["budget_bytes"] for each in planned.value["devices"]}
    assert budgets["GPU 2"] == 6000 * 2**20


# --- where the engine itself would put it --------------------------------------------------------


class Listening:
    """Rehearses, and keeps the last answer of the engine."""

    def __init__(self, stage: RehearsalStage) -> None:
        self._stage = stage
        self.last: Rehearsal | None = None

    def rehearse(self, jobs: Sequence[RehearsalJob], done: Callable[[Results], None]) -> None:
        def answered(results: Results) -> None:
            last = results[-1]
            self.last = last if isinstance(last, Rehearsal) else None
            done(results)

        self._stage.rehearser.rehearse(jobs, answered)


@pytest.fixture(scope="module")
def stage() -> Iterator[RehearsalStage]:
    with RehearsalStage() as opened:
        yield opened


def machine(ram_gib: int, *gpu_gibs: float) -> Machine:
    devices = ",".join(
        f'{{"name": "G{number}", "kind": "gpu", "memory_bytes": {int(size * GIB)},'
        f' "bytes_per_second": {int(35e9 * size)}, "link_bytes_per_second": 24e9}}'
        for number, size in enumerate(gpu_gibs)
    )
    return machine_of(
        f'{{"ram_bytes": {ram_gib * GIB}, "ram_bytes_per_second": 65e9, "cores": 8,'
        f' "devices": [{devices}]}}'.encode(),
        "machine",
    )


Trait = Callable[[Placement], bool]
SUBTLE: dict[str, tuple[MoeShape, Machine, Wishes, Trait]] = {
    "windows that are kept whole": (
        GPT_OSS_120B, machine(64, 12), Wishes(), lambda p: p.plan.full_window_cache,
    ),
    "windows alone": (
        GPT_OSS_120B, machine(64, 4), Wishes(), lambda p: not p.plan.full_window_cache,
    ),
    "MLA with a smaller cache": (
        DEEPSEEK_V2_LITE, machine(64, 8), Wishes(kv_type="q8_0"),
        lambda p: p.plan.kv_type == "q8_0" and p.verdict == "hybrid",
    ),
    "leading layers in RAM": (
        QWEN3_235B, machine(256, 8), Wishes(context_tokens=32768),
        lambda p: 0 < on_gpus(p) < 94 and p.expert_layers == 0,
    ),
    "leading layers in RAM, two GPUs": (
        DEEPSEEK_V3, machine(512, 4, 6), Wishes(),
        lambda p: 0 < on_gpus(p) < 61 and len(p.plan.devices) == 2,
    ),
    "layers that predict": (
        PREDICTING_V3, machine(512, 24, 24), Wishes(),
        lambda p: p.plan.gpu_layers == 63 and len(p.layers) == 62,
    ),
    "three unequal GPUs": (
        GPT_OSS_120B, machine(64, 24, 12, 8), Wishes(),
        lambda p: len(p.plan.devices) == 3 and 0 < p.expert_layers < 36,
    ),
    "a dense model": (
        DENSE_32B, machine(64, 16), Wishes(context_tokens=8192),
        lambda p: on_gpus(p) == 64 and 0 < p.expert_layers < 64,
    ),
    "a dense model, three GPUs": (
        DENSE_32B, machine(64, 6, 4, 3), Wishes(), lambda p: len(p.plan.devices) == 3,
    ),
    "all of it on two GPUs, nearly": (
        QWEN3_30B, machine(64, 8, 12), Wishes(kv_type="q4_0", context_tokens=40960),
        lambda p: len(p.plan.devices) == 2 and p.expert_layers > 40,
    ),
}  # fmt: skip


def on_gpus(placement: Placement) -> int:
    return sum(place.device != PROCESSOR for place in placement.layers[:-1])


@pytest.mark.parametrize(("shape", "on", "wishes", "trait"), SUBTLE.values(), ids=SUBTLE)
def test_the_engine_puts_it_where_the_plan_says(
    shape: MoeShape,
    on: Machine,
    wishes: Wishes,
    trait: Trait,
    stage: RehearsalStage,
    tmp_path: Path,
) -> None:
    """Each layer, each device's cache, the context: told by the engine for the plan itself."""
    subject = subject_of(open_model(write_sparse(shape, tmp_path)[0]))
    outcomes: list[Outcome] = []
    listening = Listening(stage)
    Simulation(listening, subject, on, wishes, outcomes.append).begin()
    assert stage.queue.run_until(lambda: bool(outcomes), 60)
    placement = outcomes[0].placement
    assert outcomes[0].trouble is None
    assert trait(placement), (placement.plan, placement.expert_layers)
    assert listening.last is not None
    assert listening.last.layers == tuple(place.device for place in placement.layers)
    assert listening.last.context_tokens == placement.plan.context_tokens
    expected = caches(placement, subject.facts)
    for share in placement.shares:
        assert share.excess_bytes == 0, share
        cache = expected.get(share.device.name, 0)
        assert share.bytes.kv_cache == pytest.approx(cache, abs=2**17), share.device.name


def caches(placement: Placement, facts: ModelFacts) -> dict[str, int]:
    """KV cache by device, from the header and where the plan has each layer."""
    plan = placement.plan
    sums: dict[str, int] = {}
    for layer, place in zip(facts.layers, placement.layers, strict=False):
        size = layer.kv_bytes(
            plan.kv_type, plan.context_tokens, plan.ubatch_tokens, full=plan.full_window_cache
        )
        sums[place.device] = sums.get(place.device, 0) + size
    return sums
