"""What an arrangement puts where, and how many bytes that is."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.placement.entities import PROCESSOR
from app.placement.layout import (
    RAM,
    Arrangement,
    Parts,
    Setup,
    from_ranges,
    in_ram,
    layer_places,
    total_bytes,
    weights_and_kv,
)
from models.facts import ModelFacts
from tests.helpers.placement_strategies import facts_strategy
from tests.helpers.plain_facts import dense_facts, layer, moe_facts, tied

SETUP = Setup(256, "f16", 512)
KV = 256 * 2 * (64 + 64)
"""Of a layer for 256 tokens: two bytes for each value of key and value."""


def parts(facts: ModelFacts, setup: Setup = SETUP) -> Parts:
    return Parts(facts, setup)


def test_each_part_is_where_its_layer_is_or_in_ram() -> None:
    """Layer 0 in RAM as a whole, 1 and 2 on A, of which 2 leaves its experts, 3 on B."""
    facts = moe_facts(4)
    arranged = from_ranges(("A", "B"), (2, 1), 1, (True, True, False, True))
    held = weights_and_kv(parts(facts), arranged)
    assert list(held) == ["A", "B", PROCESSOR]
    a, b, ram = held["A"], held["B"], held[PROCESSOR]
    assert (a.attention, a.shared_experts, a.routed_experts) == (200, 40, 900)
    assert (a.other_weights, a.kv_cache) == (20, 2 * KV)
    assert (b.attention, b.shared_experts, b.routed_experts) == (100, 20, 900)
    assert (b.other_weights, b.kv_cache) == (10 + 500, KV), "the head is on the last device"
    assert (ram.attention, ram.routed_experts) == (100, 900)
    assert ram.other_weights == 10 + 300 + 400, "feed-forward of layer 0, and the embedding"
    assert ram.kv_cache == KV
    assert sum(each.weights for each in held.values()) == facts.weight_bytes


def test_of_a_dense_model_the_feed_forward_part_moves() -> None:
    held = weights_and_kv(parts(dense_facts(2)), from_ranges(("A",), (2,), 0, (False, True)))
    assert held["A"].other_weights == 20 + 300 + 500
    assert held[PROCESSOR].other_weights == 300 + 400


def test_a_dense_layer_of_a_moe_model_does_not_move() -> None:
    facts = moe_facts(2)
    assert parts(facts).movable == (0, 900)
    held = weights_and_kv(parts(facts), from_ranges(("A",), (2,), 0, (True, False)))
    assert held["A"].other_weights == 20 + 300 + 500
    assert held[PROCESSOR].routed_experts == 900


@pytest.mark.parametrize(
    ("type_name", "in_memory"), [("Q6_K", 400 + 1), ("Q4_K", 400 + 400 + 1), ("Q4_0", 801)]
)
def test_a_tied_embedding_is_one_in_ram_unless_it_is_repacked(
    type_name: str, in_memory: int
) -> None:
    """Repacked for the output head, it is no longer what tokens are looked up in."""
    facts = tied(moe_facts(2, leading=0), type_name)
    held = weights_and_kv(parts(facts), in_ram(facts))
    assert held[PROCESSOR].other_weights == 20 + in_memory


def test_a_tied_embedding_counts_on_both_devices() -> None:
    facts = tied(moe_facts(2, leading=0))
    held = weights_and_kv(parts(facts), from_ranges(("A",), (2,), 0, (True, True)))
    assert held["A"].other_weights == 20 + 401
    assert held[PROCESSOR].other_weights == 400


def test_windows_keep_the_window_or_everything() -> None:
    facts = replace(moe_facts(2), layers=(layer(0, window=128), layer(1)))
    token = 2 * (64 + 64)
    wide = Setup(4096, "f16", 512)
    assert parts(facts, wide).kv_cache == (4096 * token, 4096 * token)
    narrow = replace(wide, full_window_cache=False)
    assert parts(facts, narrow).kv_cache == ((128 + 512) // 256 * 256 * token + 256 * token,
                                             4096 * token)  # fmt: skip


def test_places_name_devices_of_layers_and_of_their_experts() -> None:
    facts = moe_facts(4)
    arranged = from_ranges(("A",), (3,), 1, (True, True, False, True))
    places = layer_places(facts, arranged)
    assert [(place.index, place.device, place.experts) for place in places] == [
        (0, PROCESSOR, ""), (1, "A", "A"), (2, "A", PROCESSOR), (3, "A", "A"), (None, "A", ""),
    ]  # fmt: skip
    alone = layer_places(facts, in_ram(facts))
    assert {place.device for place in alone} == {PROCESSOR}


def test_ranges_counts_and_names_agree() -> None:
    arranged = from_ranges(("A", "B"), (0, 2), 1, (True, True, True))
    assert arranged.homes == (RAM, 1, 1)
    assert (arranged.first_layer, arranged.counts(), arranged.output_home) == (1, (0, 2), 1)
    assert list(arranged.ranges()) == [(RAM, 0, 1), (0, 1, 1), (1, 1, 3)]
    assert [arranged.name_of(home) for home in (RAM, 0, 1)] == [PROCESSOR, "A", "B"]


@given(facts=facts_strategy(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_sums_are_those_of_the_parts(facts: ModelFacts, data: st.DataObject) -> None:
    """The quick way to total bytes says what the slow one with all parts says."""
    arranged = data.draw(arrangement(facts))
    made = parts(facts, Setup(1024, "f16", 256, full_window_cache=data.draw(st.booleans())))
    held = weights_and_kv(made, arranged)
    assert total_bytes(made, arranged) == {name: amount.total for name, amount in held.items()}


@st.composite
def arrangement(draw: st.DrawFn, facts: ModelFacts) -> Arrangement:
    """Any ranges on up to three devices, keeping any experts."""
    count = len(facts.layers)
    devices = [f"G{number}" for number in range(draw(st.integers(0, 3)))]
    if not devices:
        return in_ram(facts)
    cuts = sorted(draw(st.lists(st.integers(0, count), min_size=len(devices),
                                max_size=len(devices))))  # fmt: skip
    counts = [end - start for start, end in zip(cuts, [*cuts[1:], count], strict=True)]
    wanted = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    movable = Parts(facts, SETUP).movable
    keeps = [index < cuts[0] or keep or not movable[index] for index, keep in enumerate(wanted)]
    return from_ranges(devices, counts, cuts[0], keeps)
