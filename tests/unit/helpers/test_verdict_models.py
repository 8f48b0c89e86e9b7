"""Models and machines that placement is tested with are what they claim to be."""

import time
from typing import Any

import pytest
from hypothesis import given, settings

from app.placement.entities import Machine
from models.facts import ModelFacts
from models.tensor_roles import TensorRole
from tests.helpers.placement_strategies import facts_strategy, machine_strategy
from tests.helpers.verdict_models import all_weights, facts_for
from tests.helpers.verdict_table import read_table

MODELS = read_table()["models"]
PAIRS = [
    (model, each["label"], each["bytes"], entry["parameters"])
    for model, entry in MODELS.items()
    for each in entry["quantizations"]
]


def name_of(value: Any) -> str:
    return str(value)


@pytest.mark.parametrize(("model", "label", "size", "parameters"), PAIRS, ids=name_of)
def test_weights_and_parameters(model: str, label: str, size: int, parameters: float) -> None:
    facts = facts_for(model, label)
    assert facts.weight_bytes == pytest.approx(size, rel=1e-6)
    assert facts.weight_bytes == all_weights(facts)
    assert facts.parameters == pytest.approx(parameters, rel=0.005)
    assert facts_for(model, label) is facts


@pytest.mark.parametrize(
    ("model", "label", "layers", "moe_layers", "predicting", "kv_mib"),
    [
        # KV cache for 8,192 tokens in f16, windows kept short, as llama.cpp gave it.
        ("DeepSeek-V3", "Q4_K_M", 61, 58, 0, 549),
        ("Qwen3-235B-A22B", "Q4_K_M", 94, 94, 0, 1504),
        ("gpt-oss-120b", "MXFP4", 36, 36, 0, 315),
        ("Qwen3-30B-A3B", "Q4_K_M", 48, 48, 0, 768),
        ("DeepSeek-V2-Lite", "Q4_K_M", 27, 26, 0, 243),
        # 2 × KV heads × length of a head × layers × 2 bytes × tokens.
        ("Qwen3-0.6B", "Q6_K", 28, 0, 0, 896),
        ("Qwen3-4B", "Q6_K", 36, 0, 0, 1152),
        ("R1-Distill-Qwen-14B", "Q4_K_M", 48, 0, 0, 1536),
        ("R1-Distill-Qwen-32B", "Q4_K_M", 64, 0, 0, 2048),
        ("GLM-4.5-Air", "Q4_K_M", 46, 45, 1, 1472),
        ("gpt-oss-20b", "MXFP4", 24, 24, 0, 210),
    ],
)
def test_shapes(
    model: str, label: str, layers: int, moe_layers: int, predicting: int, kv_mib: int
) -> None:
    facts = facts_for(model, label)
    assert (len(facts.layers), facts.moe_layers) == (layers, moe_layers)
    assert len(facts.prediction_layers) == predicting
    assert facts.kv_bytes("f16", 8192, 512) >> 20 == kv_mib
    assert (facts.experts > 0) == (moe_layers > 0)


def test_types_follow_the_label() -> None:
    experts = TensorRole.ROUTED_EXPERTS
    assert set(facts_for("Qwen3-235B-A22B", "Q4_K_M").types[experts]) == {"Q4_K", "Q6_K"}
    assert set(facts_for("gpt-oss-20b", "Q2_K").types[experts]) == {"MXFP4", "F32"}
    # Rows of 1,408 are no whole number of 256.
    lite = facts_for("DeepSeek-V2-Lite", "Q4_K_M").types[experts]
    assert set(lite) == {"Q4_K", "Q5_0", "Q8_0"}


def test_all_of_them_are_quick() -> None:
    facts_for.cache_clear()
    begin = time.monotonic()
    for model, label, _size, _parameters in PAIRS:
        facts_for(model, label)
    assert time.monotonic() - begin < 10


# --- random ones ---------------------------------------------------------------------------


@settings(max_examples=60)
@given(facts=facts_strategy())
def test_random_models_are_consistent(facts: ModelFacts) -> None:
    assert facts.weight_bytes == all_weights(facts)
    assert facts.weight_bytes == sum(sum(sizes.values()) for sizes in facts.types.values())
    assert [layer.index for layer in facts.layers] == list(range(len(facts.layers)))
    assert facts.output_bytes >= facts.token_embedding_bytes * facts.tied_embedding
    assert facts.kv_types[0] == "f16"
    for layer in facts.layers:
        has_experts = layer.bytes.routed_experts > 0
        assert has_experts == (facts.experts > 0 and layer.index >= facts.leading_dense_layers)
        assert (layer.experts_used > 0) == has_experts
        assert layer.largest_expert_bytes <= layer.bytes.routed_experts
        assert (layer.value_values == 0) == facts.is_mla


@settings(max_examples=60)
@given(machine=machine_strategy())
def test_random_machines_are_consistent(machine: Machine) -> None:
    names = [device.name for device in machine.everything]
    assert len(set(names)) == len(names)
    for device in machine.everything:
        assert 0 <= device.budget_bytes <= device.free_bytes <= device.memory_bytes
        assert device.is_here != machine.is_described
    if machine.unified_memory:
        assert machine.devices[0].budget_bytes <= machine.processor.budget_bytes
