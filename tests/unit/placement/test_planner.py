"""Properties that every plan has, whatever the model and the machine."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.entities import BufferOverride
from app.placement.described import machine_of
from app.placement.entities import PROCESSOR, Machine, Placement, Wishes
from app.placement.planner import CONTEXT_STOPS, Planner
from app.placement.repacking import head_is_copied
from app.placement.workspace import GuessedWorkSpaces
from models.facts import ModelFacts
from tests.helpers.moe_shapes import QWEN3_30B
from tests.helpers.placement_strategies import facts_strategy, machine_strategy
from tests.helpers.verdict_models import facts_for

GIB = 2**30
CLASSES = {"gpu": 0, "hybrid": 1, "cpu": 2, "too_large": 3}


def plan(facts: ModelFacts, machine: Machine, wishes: Wishes | None = None) -> Placement:
    return Planner(facts, machine, wishes or Wishes(), GuessedWorkSpaces(facts)).plan()


CASES = given(facts=facts_strategy(), machine=machine_strategy())


@CASES
@settings(max_examples=120, deadline=None)
def test_never_over_budget(facts: ModelFacts, machine: Machine) -> None:
    placement = plan(facts, machine)
    for share in placement.shares[:-1]:
        assert share.excess_bytes == 0, share
    assert (placement.verdict == "too_large") == (placement.missing_bytes > 0)
    if placement.verdict != "too_large":
        assert placement.shares[-1].excess_bytes == 0


@CASES
@settings(max_examples=120, deadline=None)
def test_bytes_are_conserved_and_every_layer_is_placed_once(
    facts: ModelFacts, machine: Machine
) -> None:
    placement = plan(facts, machine)
    layers = placement.layers[:-1]
    assert [layer.index for layer in layers] == list(range(len(facts.layers)))
    assert placement.layers[-1].index is None
    order = [*placement.plan.devices]
    homes = [-1 if each.device == PROCESSOR else order.index(each.device) for each in layers]
    assert homes == sorted(homes)
    for layer in layers:
        assert layer.experts in ("", layer.device, PROCESSOR)
    has_own_head = placement.layers[-1].device != PROCESSOR or head_is_copied(facts)
    copied = facts.token_embedding_bytes if facts.tied_embedding and has_own_head else 0
    predicting = sum(layer.bytes.total for layer in facts.prediction_layers)
    held = sum(share.bytes.weights for share in placement.shares)
    assert held == facts.weight_bytes - predicting + copied
    setup = placement.plan
    caches = sum(share.bytes.kv_cache for share in placement.shares)
    assert caches == facts.kv_bytes(
        setup.kv_type, setup.context_tokens, setup.ubatch_tokens, full=setup.full_window_cache
    )
    # Each byte of each layer is where the layers say it is.
    for share in placement.shares:
        routed = sum(
            facts.layers[place.index].bytes.routed_experts
            for place in layers
            if place.experts == share.device.name and place.index is not None
        )
        assert routed == share.bytes.routed_experts


@CASES
@settings(max_examples=60, deadline=None)
def test_the_same_question_has_the_same_answer(facts: ModelFacts, machine: Machine) -> None:
    assert plan(facts, machine) == plan(facts, machine)


@given(facts=facts_strategy(), machine=machine_strategy(), more=st.floats(1.0, 4.0))
@settings(max_examples=120, deadline=None)
def test_more_room_is_never_worse(facts: ModelFacts, machine: Machine, more: float) -> None:
    """Within a hundredth: the turn is compared, of which a token is a part."""
    wider = replace(
        machine,
        devices=tuple(
            replace(device, budget_bytes=int(device.budget_bytes * more))
            for device in machine.devices
        ),
    )
    wishes = Wishes(context_tokens=4096, kv_type="f16", ubatch_tokens=256)
    few, many = (
        Planner(facts, each, wishes, GuessedWorkSpaces(facts)).choose(4096)
        for each in (machine, wider)
    )
    assert many.missing_bytes <= few.missing_bytes or machine.unified_memory
    if few.missing_bytes == 0 and many.missing_bytes == 0:
        assert many.estimate.turn_seconds <= few.estimate.turn_seconds * 1.04


@given(facts=facts_strategy(), machine=machine_strategy(), layers=st.integers(0, 40))
@settings(max_examples=80, deadline=None)
def test_a_wish_for_expert_layers_is_a_limit(
    facts: ModelFacts, machine: Machine, layers: int
) -> None:
    placement = plan(facts, machine, Wishes(expert_layers=layers))
    assert placement.expert_layers <= layers
    for share in placement.shares[:-1]:
        assert share.excess_bytes == 0


@CASES
@settings(max_examples=60, deadline=None)
def test_the_longest_context_and_the_prices_agree_with_plans_of_their_own(
    facts: ModelFacts, machine: Machine
) -> None:
    placement = plan(facts, machine)
    longest = placement.longest_context
    assert longest >= placement.plan.context_tokens
    there = plan(facts, machine, Wishes(context_tokens=longest))
    assert there.verdict == placement.verdict
    for price in placement.prices:
        assert price.context_tokens in (*CONTEXT_STOPS, longest)
        other = plan(facts, machine, Wishes(context_tokens=price.context_tokens))
        assert other.verdict == price.verdict
        assert other.expert_layers == price.expert_layers


def test_the_processor_alone_when_that_is_wished() -> None:
    facts = facts_for("Qwen3-30B-A3B", "Q4_K_M")
    placement = plan(facts, one_gpu(24), Wishes(processor_only=True))
    assert placement.verdict == "cpu"
    assert placement.plan.devices == ()


def one_gpu(gib: float) -> Machine:
    return machine_of(
        b'{"ram_bytes": 68719476736, "ram_bytes_per_second": 60e9, "cores": 8, "devices": [{'
        b'"name": "Card", "kind": "gpu", "memory_bytes": %d, "bytes_per_second": 400e9,'
        b' "link_bytes_per_second": 12e9}]}' % int(gib * GIB),
        "card",
    )


@pytest.mark.parametrize(("gib", "verdict"), [(2, "hybrid"), (8, "hybrid"), (24, "gpu")])
def test_experts_go_first_and_attention_last(gib: int, verdict: str) -> None:
    facts = facts_for("Qwen3-30B-A3B", "Q4_K_M")
    placement = plan(facts, one_gpu(gib), Wishes(context_tokens=4096))
    assert placement.verdict == verdict
    assert all(place.device == "Card" for place in placement.layers)
    kept = placement.expert_layers
    assert (kept == 48) == (verdict == "gpu")
    in_ram = [place.index for place in placement.layers if place.experts == PROCESSOR]
    assert len(in_ram) == QWEN3_30B.layers - kept
    # The last layers' experts are those in RAM, and the override names exactly them.
    assert in_ram == list(range(kept, 48))
    if verdict == "gpu":
        assert placement.plan.overrides == ()
    elif kept:
        pattern = placement.plan.overrides[0].pattern
        names = "|".join(str(index) for index in in_ram)
        assert pattern == rf"blk\.({names})\.ffn_(up|down|gate|gate_up)_(ch|)exps"


def test_a_dense_model_moves_feed_forward_parts() -> None:
    facts = facts_for("R1-Distill-Qwen-32B", "Q4_K_M")
    placement = plan(facts, one_gpu(16), Wishes(context_tokens=4096))
    assert placement.verdict == "hybrid"
    if placement.plan.overrides:
        assert r"ffn_(up|down|gate)\." in placement.plan.overrides[0].pattern


def test_quality_is_given_up_only_for_keeping_all_attention_on_the_card() -> None:
    facts = facts_for("Qwen3-30B-A3B", "Q4_K_M")
    wishes = Wishes(context_tokens=32768)
    seen = []
    for tenths in range(70, 15, -2):
        found = plan(facts, one_gpu(tenths / 10), wishes)
        assert found.plan.context_tokens == 32768
        holds_all = all(place.device == "Card" for place in found.layers)
        seen.append((found.plan.ubatch_tokens, found.plan.kv_type, holds_all))
    assert seen[0] == (512, "f16", True)
    assert seen[-1] == (512, "f16", False)
    assert (256, "f16", True) in seen
    assert (256, "q8_0", True) in seen
    assert seen.index((256, "f16", True)) < seen.index((256, "q8_0", True))
    assert all(
        holds_all for ubatch, kv_type, holds_all in seen if (ubatch, kv_type) != (512, "f16")
    )


def test_everything_in_ram_is_one_override() -> None:
    facts = facts_for("Qwen3-30B-A3B", "Q4_K_M")
    placement = plan(facts, one_gpu(8), Wishes(expert_layers=0, context_tokens=4096))
    assert placement.plan.overrides == (
        BufferOverride(r"\.ffn_(up|down|gate|gate_up)_(ch|)exps", PROCESSOR),
    )


def test_the_default_context_is_the_longest_that_costs_little() -> None:
    facts = facts_for("Qwen3-30B-A3B", "Q4_K_M")
    assert plan(facts, one_gpu(24)).plan.context_tokens == 32768
    small = plan(facts, one_gpu(6))
    first = plan(facts, one_gpu(6), Wishes(context_tokens=8192))
    assert small.predicted.decode.expected >= 0.9 * first.predicted.decode.expected


def test_a_shorter_context_comes_before_too_large() -> None:
    facts = facts_for("Qwen3-30B-A3B", "Q4_K_M")
    least = Wishes(context_tokens=4096, kv_type="q8_0", ubatch_tokens=256, processor_only=True)
    needed = plan(facts, one_gpu(0.6), least)
    room = needed.shares[-1].bytes.total + 1
    tight = one_gpu(0.6)
    tight = replace(tight, processor=replace(tight.processor, budget_bytes=room), devices=())
    assert plan(facts, tight, Wishes(context_tokens=8192)).verdict == "too_large"
    found = plan(facts, tight)
    assert found.plan.context_tokens == 4096
    assert found.verdict == "cpu"


@CASES
@settings(max_examples=60, deadline=None)
def test_every_device_that_is_used_has_a_layer(facts: ModelFacts, machine: Machine) -> None:
    placement = plan(facts, machine)
    used = set(placement.plan.devices)
    first = next(iter(placement.plan.devices), None)
    if first is not None:
        assert used & {place.device for place in placement.layers[:-1]}
