"""Facts without a tensor table, and of one quantization from another's."""

from dataclasses import replace

import pytest

from models.errors import ModelFileDamaged
from models.guessed_facts import guessed_facts
from models.quantization import main_type_of
from models.scaled_facts import scaled_facts
from models.tensor_roles import TensorRole
from tests.helpers import verdict_models
from tests.helpers.verdict_models import facts_for
from tests.helpers.verdict_table import read_table

MODELS = sorted(read_table()["models"])


def label_of(name: str) -> str:
    labels = [each["label"] for each in read_table()["models"][name]["quantizations"]]
    return "Q4_K_M" if "Q4_K_M" in labels else labels[0]


@pytest.mark.parametrize("name", MODELS)
def test_a_guess_from_metadata_is_near_the_facts(name: str) -> None:
    label = label_of(name)
    facts = facts_for(name, label)
    header = verdict_models._header(verdict_models._SHAPES[name])
    guess = guessed_facts(
        header.metadata, facts.weight_bytes, label, tied_embedding=facts.tied_embedding
    )
    assert guess.weight_bytes == pytest.approx(facts.weight_bytes, rel=1e-6)
    assert guess.parameters == pytest.approx(facts.parameters, rel=0.02)
    assert guess.routed_expert_bytes == pytest.approx(facts.routed_expert_bytes, rel=0.1)
    for context in (4096, 32768):
        assert guess.kv_bytes("f16", context, 512) == facts.kv_bytes("f16", context, 512)
    for field in ("experts", "experts_used", "is_mla", "leading_dense_layers", "moe_layers",
                  "trained_context_tokens", "kv_types"):  # fmt: skip
        assert getattr(guess, field) == getattr(facts, field)


@pytest.mark.parametrize("name", MODELS)
def test_scaling_keeps_the_shape_and_meets_the_size(name: str) -> None:
    facts = facts_for(name, label_of(name))
    scaled = scaled_facts(facts, 2 * facts.weight_bytes, "Q8_0")
    assert scaled.weight_bytes == pytest.approx(2 * facts.weight_bytes, rel=1e-6)
    assert scaled.kv_bytes("f16", 8192, 512) == facts.kv_bytes("f16", 8192, 512)
    assert scaled.parameters == facts.parameters
    role = TensorRole.ROUTED_EXPERTS if facts.experts else TensorRole.FEED_FORWARD
    assert list(scaled.types[role]) == ["Q8_0"]
    unnamed = scaled_facts(facts, facts.weight_bytes, "")
    assert unnamed.types[role].keys() == facts.types[role].keys()
    assert main_type_of("") == ""


def test_figures_that_make_no_sense() -> None:
    sound = {
        "general.architecture": "llama", "llama.block_count": 2, "llama.embedding_length": 64,
        "llama.attention.head_count": 4, "llama.feed_forward_length": 128,
    }  # fmt: skip
    assert guessed_facts(sound, 10**6, "Q4_0", 100).parameters > 0
    for change in (
        {"llama.block_count": 0}, {"llama.block_count": 10**9}, {"llama.embedding_length": -4},
        {"llama.attention.head_count": 10**12}, {"llama.attention.head_count": (4,) * 1},
        {"general.architecture": 7},
    ):  # fmt: skip
        metadata = {**sound, **change}
        try:
            facts = guessed_facts(metadata, 10**6, "Q4_0", 100)
        except ModelFileDamaged:
            continue
        assert facts.weight_bytes == pytest.approx(10**6, rel=0.01)


def test_the_vocabulary_counts_where_the_metadata_is_silent() -> None:
    header = verdict_models._header(verdict_models._SHAPES["Qwen3-30B-A3B"])
    silent = {key: value for key, value in header.metadata.items() if "vocab_size" not in key}
    header = replace(header, metadata=silent)
    assert guessed_facts(header.metadata, 10**10, "Q4_0", 151936).vocabulary == 151936
    assert guessed_facts(header.metadata, 10**10, "Q4_0").vocabulary == 128_000
