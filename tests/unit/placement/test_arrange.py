"""The arrangements that are tried: what must be among them, and what must never be."""

from dataclasses import replace
from itertools import product

import pytest

from app.placement.arrange import Rates, Room, arrangements
from app.placement.layout import Arrangement, Parts, Setup, in_ram, weights_and_kv
from models.facts import ModelFacts
from tests.helpers.plain_facts import dense_facts, moe_facts

SETUP = Setup(256, "f16", 512)
KV = 256 * 256
FIXED = 100 + 20 + 10 + KV
"""Of a layer with experts, what goes with it always."""
ROUTED = 50_000
RATES = Rates(ram_seconds_per_byte=1e-9, crossing_seconds=1e-6, used_share=0.25)


def found(
    facts: ModelFacts, *rooms: Room, most: int | None = None, whole: bool = False
) -> list[Arrangement]:
    return list(arrangements(Parts(facts, SETUP), rooms, RATES, most, whole=whole))


def room(name: str, size: int, cost: float = 1e-10, head: int = 500) -> Room:
    """``size`` is what is left for layers; the head and its working memory take 500 more."""
    return Room(name, size, size - head, cost)


def facts(count: int = 6) -> ModelFacts:
    return moe_facts(count, ROUTED, leading=0)


def seconds(arranged: Arrangement, model: ModelFacts, costs: dict[str, float]) -> float:
    """A token's time, by definition and without any shortcut."""
    parts = Parts(model, SETUP)
    total = 0.0
    for index, (home, keeps) in enumerate(zip(arranged.homes, arranged.keeps, strict=True)):
        cost = costs.get(arranged.name_of(home), RATES.ram_seconds_per_byte)
        moved = cost if keeps else RATES.ram_seconds_per_byte
        total += parts.fixed[index] * cost + parts.movable[index] * RATES.used_share * moved
        total += 0 if keeps else RATES.crossing_seconds
    return total


def test_the_processor_alone_is_always_there_and_last() -> None:
    assert found(facts())[-1] == in_ram(facts())
    assert found(facts(), room("A", 10**9))[-1] == in_ram(facts())


def test_nothing_is_placed_where_it_does_not_fit() -> None:
    model = facts()
    for sizes in product((0, 100, 3 * FIXED, 3 * FIXED + ROUTED, 10**7), repeat=2):
        rooms = [room("A", sizes[0]), room("B", sizes[1], 2e-10)]
        for arranged in found(model, *rooms):
            held = weights_and_kv(Parts(model, SETUP), arranged)
            for number, name in enumerate(arranged.devices):
                limit = dict(zip("AB", sizes, strict=True))[name]
                last = number == len(arranged.devices) - 1
                head = model.output_bytes if last else 0
                assert held[name].total - head <= limit - (500 if last else 0), (sizes, arranged)


def test_with_enough_room_everything_is_on_one_device() -> None:
    best = found(facts(), room("A", 10**9))[0]
    assert best.devices == ("A",)
    assert all(best.keeps)
    assert best.first_layer == 0


def test_attention_comes_before_experts_and_early_experts_before_late_ones() -> None:
    size = 6 * FIXED + 2 * ROUTED + 500 + 10
    kept = [each.keeps for each in found(facts(), room("A", size)) if each.first_layer == 0]
    assert kept[0] == (True, True, False, False, False, False)


def test_a_larger_part_that_does_not_fit_is_passed_over() -> None:
    """The second layer's experts are too large for what is left; the third's are not."""
    model = facts(3)
    large = Parts(model, SETUP)
    sizes = (ROUTED, 3 * ROUTED, ROUTED)
    layers = tuple(
        replace(layer, bytes=replace(layer.bytes, routed_experts=size))
        for layer, size in zip(model.layers, sizes, strict=True)
    )
    model = replace(model, layers=layers)
    size = 3 * FIXED + 2 * ROUTED + 500 + 10
    assert sum(large.movable) == 3 * ROUTED
    (best, *_rest) = [each for each in found(model, room("A", size)) if not each.first_layer]
    assert best.keeps == (True, False, True)


@pytest.mark.parametrize("most", [0, 1, 3, 6])
def test_a_wish_limits_the_layers_that_keep_experts(most: int) -> None:
    for arranged in found(facts(), room("A", 10**9), room("B", 10**9), most=most):
        if arranged.devices:
            kept = sum(
                keeps for keeps, home in zip(arranged.keeps, arranged.homes, strict=True)
                if home >= 0
            )  # fmt: skip
            assert kept <= most


@pytest.mark.parametrize("sizes", [(4, 9), (9, 4), (6, 6), (2, 12)])
def test_two_devices_are_split_as_well_as_any_way_can(sizes: tuple[int, int]) -> None:
    model = facts(8)
    unit = FIXED + ROUTED // 2
    rooms = [room("A", sizes[0] * unit), room("B", sizes[1] * unit, 3e-10)]
    costs = {"A": 1e-10, "B": 3e-10}
    both = [each for each in found(model, *rooms) if len(each.devices) == 2]
    assert both
    best = min(seconds(each, model, costs) for each in both if not each.first_layer)
    for devices in (("A", "B"), ("B", "A")):
        limits = dict(zip("AB", (each.bytes for each in rooms), strict=True))
        for first_count in range(9):
            arranged = _filled(model, devices, (first_count, 8 - first_count), limits)
            if arranged is not None:
                assert best <= seconds(arranged, model, costs) * 1.0000001


def test_devices_that_are_alike_are_filled_alike() -> None:
    """None is at its limit while another one is empty, and prompts are read side by side."""
    unit = FIXED + ROUTED
    for count, rooms in ((2, 9), (3, 7)):
        alike = [room("ABC"[number], rooms * unit) for number in range(count)]
        (best,) = [
            each for each in found(facts(12), *alike)
            if each.devices == tuple("ABC"[:count]) and not each.first_layer
        ]  # fmt: skip
        assert all(best.keeps)
        assert set(best.counts()) == {12 // count}


def test_whole_leaves_out_what_leaves_something_in_ram() -> None:
    rooms = [room("A", 10 * (FIXED + ROUTED)), room("B", 3 * FIXED)]
    for arranged in found(facts(), *rooms, whole=True):
        assert all(arranged.keeps)
        assert arranged.first_layer == 0
    assert found(facts(), room("A", 3 * FIXED), whole=True) == []


def test_more_devices_are_tried_together_the_fastest_first() -> None:
    rooms = [room(name, 4 * FIXED, cost) for name, cost in
             [("slow", 4e-10), ("fast", 1e-10), ("middle", 2e-10)]]  # fmt: skip
    together = {each.devices for each in found(dense_facts(9), *rooms)}
    assert ("fast", "middle", "slow") in together
    assert {(name,) for name in ("slow", "fast", "middle")} <= together


# --- by definition -------------------------------------------------------------------------------


def _filled(
    model: ModelFacts, devices: tuple[str, ...], counts: tuple[int, ...], limits: dict[str, int]
) -> Arrangement | None:
    """These ranges with early experts first; None when they do not fit."""
    parts = Parts(model, SETUP)
    homes: list[int] = []
    keeps: list[bool] = []
    start = 0
    for number, (name, count) in enumerate(zip(devices, counts, strict=True)):
        left = limits[name] - (500 if number == len(devices) - 1 else 0)
        left -= sum(parts.fixed[start : start + count])
        if left < 0:
            return None
        for movable in parts.movable[start : start + count]:
            keeps.append(movable <= left)
            left -= movable if movable <= left else 0
        homes += [number] * count
        start += count
    return Arrangement(devices, tuple(homes), tuple(keeps))
