"""Which quantization types a first measurement takes."""

from dataclasses import replace

from app.placement.measuring import types_to_measure
from models.tensor_roles import TensorRole
from tests.helpers.verdict_models import facts_for


def test_the_two_that_hold_most_of_what_moves() -> None:
    facts = facts_for("Qwen3-30B-A3B", "Q4_K_M")
    sizes = {"Q6_K": 2, "Q4_K": 3, "F16": 1}
    moved = replace(facts, types={TensorRole.ROUTED_EXPERTS: sizes})
    assert types_to_measure(moved) == ["Q4_K", "Q6_K"]
    dense = replace(facts, experts=0, types={TensorRole.FEED_FORWARD: {"Q8_0": 1}})
    assert types_to_measure(dense) == ["Q8_0"]


def test_without_a_model_or_without_types_the_usual_ones() -> None:
    facts = facts_for("Qwen3-30B-A3B", "Q4_K_M")
    assert types_to_measure(None) == types_to_measure(replace(facts, types={})) != []
