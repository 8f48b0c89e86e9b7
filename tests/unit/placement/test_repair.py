"""The ladder of repairs: in which order, how long, and that every rung gives something up."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings

from app.placement.described import machine_of
from app.placement.entities import Machine, Placement, Wishes
from app.placement.planner import Planner
from app.placement.repair import LEAST_CONTEXT, Repair, next_repair
from app.placement.workspace import GuessedWorkSpaces
from app.wording import sentence
from models.facts import ModelFacts
from tests.helpers.placement_strategies import facts_strategy, machine_strategy
from tests.helpers.verdict_models import facts_for

MOST_LOADS = 24
ORDER = ["experts", "ubatch", "kv", "context", "processor"]
GPU = {
    "kind": "gpu", "memory_bytes": 80 << 30, "bytes_per_second": 1e12,
    "link_bytes_per_second": 2e10,
}  # fmt: skip
MACHINE = {
    "ram_bytes": 1 << 40, "ram_bytes_per_second": 5e10, "cores": 32,
    "devices": [{**GPU, "name": f"GPU{number}"} for number in range(8)],
}  # fmt: skip
BIG = machine_of(json.dumps(MACHINE).encode(), "eight of them")


def rungs(
    facts: ModelFacts, machine: Machine, wishes: Wishes, *, crashed: bool = False
) -> Iterator[tuple[Placement, Repair]]:
    """Every repair when no plan ever loads, with the plan that it follows."""
    taken = 0
    while True:
        placement = Planner(facts, machine, wishes, GuessedWorkSpaces(facts)).plan()
        repair = next_repair(placement, wishes, facts.kv_types, taken, crashed=crashed)
        if repair is None:
            return
        yield placement, repair
        taken, wishes = taken + 1, repair.wishes
        assert taken <= MOST_LOADS, "endless"


def kind(repair: Repair) -> str:
    return repair.code.removeprefix("placement.repair_")


def size(placement: Placement) -> tuple[int, ...]:
    """What a plan asks of devices, and then of anything."""
    plan = placement.plan
    return (
        bool(plan.devices), placement.expert_layers, plan.ubatch_tokens,
        {"f16": 2, "q8_0": 1, "q4_0": 0}[plan.kv_type], plan.context_tokens,
    )  # fmt: skip


@given(facts=facts_strategy(), machine=machine_strategy())
@settings(max_examples=60, deadline=None)
def test_it_ends_and_every_rung_gives_something_up(facts: ModelFacts, machine: Machine) -> None:
    seen = []
    for placement, repair in rungs(facts, machine, Wishes()):
        assert sentence(repair.code, {**repair.facts, "device": "RTX 4060", "percent": 6})
        seen.append((placement.plan, placement.layers))
    assert len(set(seen)) == len(seen), "the same plan is tried twice"


def test_the_order_is_experts_ubatch_cache_context_processor() -> None:
    facts = facts_for("Qwen3-30B-A3B", "Q4_K_M")
    steps = list(rungs(facts, BIG, Wishes(context_tokens=32768)))
    kinds = [kind(repair) for _placement, repair in steps]
    first = kinds[: kinds.index("processor") + 1]
    assert list(dict.fromkeys(first)) == ORDER
    assert first == sorted(first, key=ORDER.index)
    for (before, repair), (after, _next) in pairwise(steps):
        if kind(repair) != "processor":
            assert size(after) < size(before), repair
    # The processor alone, with the context of then, gives up what it has besides.
    assert kinds[len(first) :] == ["ubatch"]
    last, repair = steps[-1]
    assert (last.plan.devices, last.plan.context_tokens) == ((), LEAST_CONTEXT)
    assert repair.wishes.processor_only


def test_first_two_layers_then_half_then_all() -> None:
    facts = facts_for("Qwen3-30B-A3B", "Q4_K_M")
    counts = [
        repair.facts["count"]
        for _placement, repair in rungs(facts, BIG, Wishes())
        if kind(repair) == "experts"
    ]
    assert counts == [2, 23, 12, 6, 3, 2]
    assert sum(counts) == len(facts.layers)


def test_a_load_that_crashes_takes_one_step_and_then_the_processor() -> None:
    facts = facts_for("Qwen3-30B-A3B", "Q4_K_M")
    kinds = [kind(repair) for _placement, repair in rungs(facts, BIG, Wishes(), crashed=True)]
    assert kinds == ["experts", "processor"]


def test_a_crash_on_the_processor_alone_is_no_matter_of_the_plan() -> None:
    facts = facts_for("Qwen3-30B-A3B", "Q4_K_M")
    alone = Wishes(processor_only=True)
    placement = Planner(facts, BIG, alone, GuessedWorkSpaces(facts)).plan()
    assert next_repair(placement, alone, facts.kv_types, 1, crashed=True) is None


def test_what_somebody_wished_is_kept_as_long_as_it_can_be() -> None:
    facts = facts_for("Qwen3-30B-A3B", "Q4_K_M")
    wishes = Wishes(context_tokens=8192, kv_type="q8_0", ubatch_tokens=256, priority="documents")
    for _placement, repair in rungs(facts, BIG, wishes):
        assert (repair.wishes.kv_type, repair.wishes.priority) == ("q8_0", "documents")
        assert kind(repair) != "kv"
        if kind(repair) == "experts":
            assert replace(repair.wishes, expert_layers=None) == wishes
    disk = Wishes(from_disk=True)
    assert all(repair.wishes.from_disk for _placement, repair in rungs(facts, BIG, disk))


def test_a_cache_that_the_model_cannot_have_is_not_tried() -> None:
    facts = facts_for("Qwen3-30B-A3B", "Q4_K_M")
    wishes = Wishes(expert_layers=0, ubatch_tokens=256)
    placement = Planner(facts, BIG, wishes, GuessedWorkSpaces(facts)).plan()
    assert next_repair(placement, wishes, ("f16", "q8_0"), 1).code == "placement.repair_kv"
    assert next_repair(placement, wishes, ("f16",), 1).code == "placement.repair_context"
