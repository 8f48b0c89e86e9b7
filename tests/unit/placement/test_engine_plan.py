"""The engine's plan of an arrangement: its layers, splits, overrides and ways to load."""

import re
from dataclasses import replace

import pytest

from app.engine.entities import Plan
from app.placement.engine_plan import engine_plan
from app.placement.entities import Machine
from app.placement.layout import Arrangement, Setup, from_ranges, in_ram
from models.facts import ModelFacts
from models.tensor_roles import TensorRole
from tests.helpers.plain_facts import dense_facts, moe_facts
from tests.helpers.plain_machines import gpu, machine

SETUP = Setup(8192, "f16", 512)
NAMES = [
    f"blk.{layer}.{part}"
    for layer in range(12)
    for part in (
        "attn_q.weight", "ffn_gate_inp.weight", "ffn_gate_exps.weight", "ffn_up_exps.weight",
        "ffn_down_exps.weight", "ffn_gate_up_exps.weight", "ffn_down_chexps.weight",
        "ffn_gate_exps.bias", "ffn_up_shexp.weight", "ffn_gate.weight", "ffn_up.weight",
        "ffn_down.weight", "ffn_norm.weight",
    )
]  # fmt: skip


def plan(
    facts: ModelFacts,
    arranged: Arrangement,
    on: Machine | None = None,
    *,
    setup: Setup = SETUP,
    repacked: bool = False,
    too_large: bool = False,
) -> Plan:
    on = on or machine(gpu(), gpu("G1"))
    return engine_plan(facts, on, arranged, setup, repacked=repacked, too_large=too_large)


def moved(made: Plan) -> set[str]:
    """Tensors that go to RAM: the engine searches the pattern anywhere in a name."""
    for override in made.overrides:
        assert override.buffer == "CPU"
    return {name for name in NAMES if any(re.search(o.pattern, name) for o in made.overrides)}


def routed(*layers: int) -> set[str]:
    return {name for name in NAMES if re.match(rf"blk\.({'|'.join(map(str, layers))})\.", name)
            and re.search("exps", name)}  # fmt: skip


def test_nothing_is_overridden_when_nothing_moves() -> None:
    facts = moe_facts(12)
    assert plan(facts, from_ranges(("G0",), (12,), 0, (True,) * 12)).overrides == ()
    assert plan(facts, in_ram(facts)).overrides == ()


def test_some_layers_experts_and_nothing_else_of_them() -> None:
    """Layer 1 is not layers 10 and 11; routers and shared experts stay."""
    keeps = tuple(layer not in (1, 4) for layer in range(12))
    made = plan(moe_facts(12), from_ranges(("G0",), (12,), 0, keeps))
    assert moved(made) == routed(1, 4)


def test_all_experts_in_one_pattern_also_with_leading_layers_in_ram() -> None:
    for first in (0, 5):
        keeps = tuple(layer < first or layer == 0 for layer in range(12))
        made = plan(moe_facts(12), from_ranges(("G0",), (12 - first,), first, keeps))
        assert len(made.overrides) == 1
        assert "blk" not in made.overrides[0].pattern
        assert moved(made) == {name for name in NAMES if "exps" in name}


def test_of_a_dense_model_the_feed_forward_matrices() -> None:
    keeps = tuple(layer != 3 for layer in range(12))
    made = plan(dense_facts(12), from_ranges(("G0",), (12,), 0, keeps))
    ffn = {f"blk.3.ffn_{part}.weight" for part in ("gate", "up", "down")}
    assert moved(made) == ffn


def test_layers_are_counted_from_the_end_with_the_head_and_those_that_predict() -> None:
    facts = moe_facts(12)
    whole = from_ranges(("G0",), (12,), 0, (True,) * 12)
    partly = from_ranges(("G0",), (8,), 4, (True,) * 12)
    assert plan(facts, whole).gpu_layers == 13
    assert plan(facts, partly).gpu_layers == 9
    assert plan(facts, in_ram(facts)).gpu_layers == 0
    predicting = replace(facts, prediction_layers=facts.layers[-1:])
    assert plan(predicting, whole).gpu_layers == 14
    assert plan(predicting, partly).gpu_layers == 10


@pytest.mark.parametrize("counts", [(6, 6), (12, 0), (0, 12), (1, 11), (7, 5)])
def test_a_split_gives_every_device_its_layers(counts: tuple[int, int]) -> None:
    """Divided as the engine does it: a layer goes to the first device whose bound is above it."""
    facts = moe_facts(12)
    for extra in (0, 1):
        model = replace(facts, prediction_layers=facts.layers[:extra])
        made = plan(model, from_ranges(("G0", "G1"), counts, 0, (True,) * 12))
        assert made.devices == ("G0", "G1")
        assert homes_by_split(made, 12 + extra + 1)[:12] == [0] * counts[0] + [1] * counts[1]
        assert set(homes_by_split(made, 12 + extra + 1)[12:]) == {1}


def homes_by_split(made: Plan, layers: int) -> list[int]:
    total = sum(made.tensor_split)
    bounds = [sum(made.tensor_split[: at + 1]) / total for at in range(len(made.tensor_split))]
    start = layers - made.gpu_layers
    return [
        next(at for at, bound in enumerate(bounds) if bound > (layer - start) / made.gpu_layers)
        for layer in range(start, layers)
    ]


def test_one_device_needs_no_split() -> None:
    assert plan(moe_facts(12), from_ranges(("G0",), (12,), 0, (True,) * 12)).tensor_split == ()


def test_what_is_repacked_is_read_and_what_is_not_is_mapped() -> None:
    facts = moe_facts(12)
    assert plan(facts, in_ram(facts), machine()).load_mode == "read"
    plain = replace(facts, types={TensorRole.ROUTED_EXPERTS: {"F16": 1, "IQ2_XS": 1}})
    assert plan(plain, in_ram(plain), machine()).load_mode == "mmap"
    looked_up = replace(plain, types={**plain.types, TensorRole.TOKEN_EMBEDDING: {"Q8_0": 1}})
    assert plan(looked_up, in_ram(plain), machine()).load_mode == "mmap"


def test_beside_a_gpu_what_lies_in_ram_is_read_into_pinned_memory() -> None:
    facts = moe_facts(12)
    some = from_ranges(("G0",), (12,), 0, (True,) * 11 + (False,))
    whole = from_ranges(("G0",), (12,), 0, (True,) * 12)
    leading = from_ranges(("G0",), (8,), 4, (True,) * 12)
    assert [plan(facts, each).load_mode for each in (some, whole, leading)] == [
        "read", "mmap", "read",
    ]  # fmt: skip
    shared = machine(replace(gpu(), kind="igpu"), unified_memory=True)
    assert plan(facts, some, shared).load_mode == "mmap"
    assert plan(facts, some, repacked=True).no_host
    assert not plan(facts, whole, repacked=True).no_host
    assert not plan(facts, some).no_host


def test_what_is_too_large_is_mapped_and_never_repacked() -> None:
    facts = moe_facts(12)
    some = from_ranges(("G0",), (12,), 0, (False,) * 12)
    for arranged in (some, in_ram(facts)):
        made = plan(facts, arranged, too_large=True)
        assert (made.load_mode, made.extra_buffer_types) == ("mmap", False)


def test_the_context_s_figures_and_the_machine_s_are_the_plan_s() -> None:
    facts = moe_facts(12)
    setup = Setup(32768, "q8_0", 4096, full_window_cache=False)
    made = plan(facts, in_ram(facts), machine(threads=7), setup=setup)
    assert (made.context_tokens, made.kv_type, made.ubatch_tokens) == (32768, "q8_0", 4096)
    assert made.batch_tokens == 4096
    assert made.flash_attention == "on", "a quantized cache needs it"
    assert made.threads == 7
    assert made.full_window_cache is False
    assert plan(facts, in_ram(facts)).flash_attention == "auto"
    assert plan(facts, in_ram(facts)).batch_tokens == 2048


def test_hosts_are_named_only_where_their_devices_take_part() -> None:
    facts = moe_facts(12)
    lent = machine(gpu("RPC0"), replace(gpu("G1"), is_here=True), rpc_hosts=("10.0.0.2:50052",))
    far = from_ranges(("RPC0",), (12,), 0, (True,) * 12)
    near = from_ranges(("G1",), (12,), 0, (True,) * 12)
    assert plan(facts, far, lent).rpc_hosts == ("10.0.0.2:50052",)
    assert plan(facts, near, lent).rpc_hosts == ()
    assert plan(facts, in_ram(facts), lent).rpc_hosts == ()
