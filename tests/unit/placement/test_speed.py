"""The speed model's formulas, each with figures that can be reckoned by hand."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings

from app.placement.entities import Machine
from app.placement.layout import Arrangement, Parts, Setup, from_ranges, in_ram
from app.placement.speed import KV_TOKENS, Estimate, SpeedModel
from models.facts import ModelFacts
from tests.helpers.placement_strategies import facts_strategy, machine_strategy
from tests.helpers.plain_facts import dense_facts, layer, moe_facts
from tests.helpers.plain_machines import gpu, machine, processor

SETUP = Setup(4096, "f16", 512)
ROUTED = 8_000_000
KV = KV_TOKENS * 256
"""Of one layer: 256 bytes for each token."""
OVERHEAD = 0.3e-3
"""Of a token: sampling and starting the next one."""


def estimate(
    facts: ModelFacts,
    arranged: Arrangement,
    on: Machine,
    *,
    missing: int = 0,
    setup: Setup = SETUP,
    priority: str = "chat",
) -> Estimate:
    model = SpeedModel(facts, on, priority)  # type: ignore[arg-type]
    return model.estimate(Parts(facts, setup), arranged, missing)


def test_in_ram_a_token_reads_what_it_uses_and_its_cache() -> None:
    """2 of 8 experts; 90 % of the label's bandwidth; 30 µs of barriers for each layer."""
    facts = moe_facts(4, ROUTED, leading=0)
    token = estimate(facts, in_ram(facts), machine()).token
    read = 4 * (130 + ROUTED / 4 + KV) + 500
    assert token.ram == pytest.approx(read / 0.9e9 + 4 * 30e-6, rel=1e-9)
    assert (token.gpu, token.disk) == (0, 0)
    assert token.other == pytest.approx(OVERHEAD)
    assert token.limit == "ram_bandwidth"


def test_on_a_gpu_it_is_the_gpu_s_bandwidth_and_its_launches() -> None:
    facts = moe_facts(4, ROUTED, leading=0)
    whole = from_ranges(("G0",), (4,), 0, (True,) * 4)
    token = estimate(facts, whole, machine(gpu())).token
    read = 4 * (130 + ROUTED / 4 + KV) + 500
    assert token.gpu == pytest.approx(read / (0.8 * 1e10), rel=1e-9)
    assert token.other == pytest.approx(4 * 60e-6 + OVERHEAD)
    assert token.ram == 0
    assert token.limit == "gpu_bandwidth"


def test_a_gpu_in_main_memory_reaches_half_of_its_bandwidth() -> None:
    facts = dense_facts(2)
    whole = from_ranges(("G0",), (2,), 0, (True,) * 2)
    shared = machine(replace(gpu(), kind="igpu"))
    own = estimate(facts, whole, machine(gpu())).token
    assert estimate(facts, whole, shared).token.gpu == pytest.approx(own.gpu * 0.8 / 0.5)


def test_time_is_affine_in_the_layers_whose_experts_are_in_ram() -> None:
    """The law by which a machine is calibrated: every such layer costs the same."""
    facts = moe_facts(6, ROUTED, leading=0)
    times = [
        estimate(facts, from_ranges(("G0",), (6,), 0, keeping(6 - count)), machine(gpu())).token
        for count in range(7)
    ]
    steps = [after.total - before.total for before, after in pairwise(times)]
    away = ROUTED / 4 / 0.9e9 - ROUTED / 4 / (0.8 * 1e10) + 80e-6
    assert steps == pytest.approx([away] * 6, rel=1e-6)


def keeping(count: int) -> tuple[bool, ...]:
    return (True,) * count + (False,) * (6 - count)


def test_windowed_layers_read_no_more_than_their_window() -> None:
    facts = dense_facts(1)
    windowed = replace(facts, layers=(layer(0, feed_forward=300, window=100),))
    full, short = (estimate(each, in_ram(each), machine()).token for each in (facts, windowed))
    assert full.ram - short.ram == pytest.approx((KV_TOKENS - 100) * 256 / 0.9e9)


def test_the_processor_s_measured_types_count_by_their_bytes() -> None:
    facts = moe_facts(4, ROUTED, leading=0)
    fast = machine(type_bytes_per_second={"Q4_K": 2e9})
    plain = machine()
    slow, quick = (estimate(facts, in_ram(facts), each).token.ram for each in (plain, fast))
    assert quick - 4 * 30e-6 == pytest.approx((slow - 4 * 30e-6) / 2)


def test_what_ram_lacks_is_read_from_the_disk_for_every_token() -> None:
    facts = moe_facts(4, ROUTED, leading=0)
    on = machine(disk_bytes_per_second=1e8)
    whole = 4 * (130 + ROUTED) + 500 + 4 * KV
    read = 4 * (130 + ROUTED / 4) + 500
    missing = whole // 4
    token = estimate(facts, in_ram(facts), on, missing=missing).token
    assert token.disk == pytest.approx(2 * missing / whole * read / 1e8, rel=1e-6)
    assert token.limit == "disk"
    most = estimate(facts, in_ram(facts), on, missing=whole).token
    assert most.disk == pytest.approx(read / 1e8, rel=1e-6), "never more than all of it"


def test_a_prompt_is_streamed_to_a_gpu_or_computed_where_it_lies() -> None:
    """512 tokens touch all 8 experts: the whole of them crosses the link, once for a piece."""
    facts = moe_facts(4, ROUTED, leading=0)
    beside = from_ranges(("G0",), (4,), 0, (False,) * 4)
    quick_link = machine(replace(gpu(), link_bytes_per_second=1e12, operations_per_second=1e15))
    quick_processor = machine(gpu(), processor=replace(processor(), operations_per_second=1e15))
    setup = replace(SETUP, ubatch_tokens=512)
    streamed = estimate(facts, beside, quick_link, setup=setup, priority="documents")
    computed = estimate(facts, beside, quick_processor, setup=setup, priority="documents")
    assert (streamed.repacked, computed.repacked) == (False, True)
    slow_link = machine(replace(gpu(), link_bytes_per_second=1e6, operations_per_second=1e15))
    slow = estimate(facts, beside, slow_link, setup=setup, priority="documents")
    assert slow.repacked, "what the link takes longer for is computed where it lies"


def test_larger_pieces_stream_the_same_experts_less_often() -> None:
    facts = moe_facts(4, ROUTED, leading=0)
    beside = from_ranges(("G0",), (4,), 0, (False,) * 4)
    on = machine(replace(gpu(), link_bytes_per_second=1e9, operations_per_second=1e14))
    speeds = [
        estimate(
            facts, beside, on, setup=replace(SETUP, ubatch_tokens=tokens), priority="documents"
        ).prompt_tokens_per_second
        for tokens in (512, 1024, 2048)
    ]
    assert speeds[1] / speeds[0] == pytest.approx(2, rel=0.2)
    assert speeds[2] / speeds[1] == pytest.approx(2, rel=0.2)


def test_rpc_devices_do_not_fetch() -> None:
    facts = moe_facts(4, ROUTED, leading=0)
    beside = from_ranges(("G0",), (4,), 0, (False,) * 4)
    lent = machine(replace(gpu(), fetches_experts=False, link_bytes_per_second=1e12))
    assert estimate(facts, beside, lent).repacked


def test_ranges_are_narrower_when_the_machine_was_measured() -> None:
    facts = dense_facts(2)
    widths = []
    for measured in (False, True):
        on = machine(is_measured=measured)
        model = SpeedModel(facts, on, "chat")
        told = model.prediction(model.estimate(Parts(facts, SETUP), in_ram(facts), 0))
        assert told.is_measured is measured
        assert told.decode.low < told.decode.expected < told.decode.high
        widths.append(told.decode.high / told.decode.low)
    assert widths[1] < widths[0]


@given(facts=facts_strategy(), on=machine_strategy())
@settings(max_examples=60, deadline=None)
def test_every_figure_is_finite_and_positive(facts: ModelFacts, on: Machine) -> None:
    found = estimate(facts, in_ram(facts), on, missing=on.processor.budget_bytes // 2)
    for figure in (found.token.total, found.prompt_tokens_per_second, found.turn_seconds):
        assert 0 < figure < float("inf")
