"""Facts for placement, of files built byte by byte."""

import time
from pathlib import Path

import pytest

from app.paths import starter_model
from models.errors import ModelFileDamaged
from models.facts import ModelFacts
from models.facts_reading import read_facts
from models.gguf import open_model
from models.tensor_roles import TensorRole, role_of
from tests.helpers.gguf_bytes import (
    BOOL,
    I32,
    STRING,
    U16,
    U32,
    U64,
    Gguf,
    Tensor,
    array,
    model,
    strings,
    value,
)

LAYERS = 4


def expert_model(architecture: str = "moetest", layers: int = LAYERS, **figures: bytes) -> Gguf:
    """A model with one leading dense layer; figures are keys of the architecture."""
    base = model(layers=0).with_keys(general__architecture=value(STRING, architecture))
    numbers = {
        "block_count": layers, "context_length": 4096, "embedding_length": 64,
        "attention__head_count": 4, "attention__head_count_kv": 2,
        "attention__key_length": 32, "attention__value_length": 64,
        "expert_count": 8, "expert_used_count": 2, "expert_shared_count": 1,
    }  # fmt: skip
    keys = {name: value(U32, number) for name, number in numbers.items()} | figures
    tensors = [Tensor("token_embd.weight", (64, 10), size=2560)]
    for layer in range(layers):
        tensors += [
            Tensor(f"blk.{layer}.{name}", shape, kind, size)
            for name, shape, kind, size in parts(dense=layer == 0)
        ]
    tensors += [Tensor("output_norm.weight", (64,)), Tensor("output.weight", (64, 10), size=2560)]
    prefixed = {f"{architecture}.{name}".replace("__", "."): key for name, key in keys.items()}
    return Gguf({**base.keys, **prefixed}, tensors)


def parts(*, dense: bool) -> list[tuple[str, tuple[int, ...], int, int]]:
    named = [("attn_q.weight", (64, 64), 8, 64 * 68), ("attn_k.weight", (64, 32), 8, 32 * 68)]
    if dense:
        return [*named, ("ffn_up.weight", (64, 16), 0, 4096), ("ffn_norm.weight", (64,), 0, 256)]
    return [
        *named,
        ("ffn_gate_inp.weight", (64, 8), 0, 2048),
        ("ffn_up_exps.weight", (64, 16, 8), 2, 128 * 36),
        ("ffn_down_exps.weight", (32, 64, 8), 8, 512 * 34),
        ("ffn_up_shexp.weight", (64, 16), 1, 2048),
    ]


def facts_of(file: Gguf, folder: Path) -> ModelFacts:
    return read_facts(open_model(file.write(folder / "m.gguf")).headers)


# --- parts and bytes -----------------------------------------------------------------------


def test_every_byte_has_its_part(tmp_path: Path) -> None:
    facts = facts_of(expert_model(), tmp_path)
    dense, *others = facts.layers
    assert dense.bytes.feed_forward == 4096
    assert dense.bytes.attention == 96 * 68
    assert dense.bytes.other == 256
    assert dense.bytes.routed_experts == dense.experts_used == dense.largest_expert_bytes == 0
    for layer in others:
        assert layer.bytes.attention == 96 * 68
        assert layer.bytes.routed_experts == 128 * 36 + 512 * 34
        assert layer.bytes.shared_experts == 2048
        assert layer.bytes.other == 2048
        assert layer.bytes.feed_forward == 0
        assert layer.largest_expert_bytes == 512 * 34
        assert layer.experts_used == 2
    assert facts.token_embedding_bytes == 2560
    assert facts.output_bytes == 2560 + 256
    assert not facts.tied_embedding
    inside = sum(layer.bytes.total for layer in facts.layers)
    assert inside + facts.token_embedding_bytes + facts.output_bytes == facts.weight_bytes
    assert sum(size for sizes in facts.types.values() for size in sizes.values()) == (
        facts.weight_bytes
    )
    assert facts.types[TensorRole.ROUTED_EXPERTS] == {"Q4_0": 3 * 128 * 36, "Q8_0": 3 * 512 * 34}
    assert facts.routed_expert_bytes == 3 * (128 * 36 + 512 * 34)


def test_what_the_metadata_says(tmp_path: Path) -> None:
    facts = facts_of(expert_model(), tmp_path)
    assert (facts.architecture, facts.vocabulary, facts.trained_context_tokens) == (
        "moetest", 3, 4096,
    )  # fmt: skip
    assert (facts.experts, facts.experts_used, facts.shared_experts) == (8, 2, 1)
    assert (facts.leading_dense_layers, facts.moe_layers) == (1, 3)
    assert {(layer.heads, layer.kv_heads) for layer in facts.layers} == {(4, 2)}


def test_a_tied_embedding_counts_on_both_sides(tmp_path: Path) -> None:
    file = expert_model()
    file = Gguf(file.keys, file.tensors[:-1])
    facts = facts_of(file, tmp_path)
    assert facts.tied_embedding
    assert facts.output_bytes == 256 + 2560
    assert facts.weight_bytes == facts.token_embedding_bytes + 256 + sum(
        layer.bytes.total for layer in facts.layers
    )


def test_layers_that_predict_ahead_are_kept_apart(tmp_path: Path) -> None:
    file = expert_model(nextn_predict_layers=value(U32, 1))
    facts = facts_of(Gguf(file.keys, [*file.tensors, Tensor("blk.3.nextn.enorm.weight")]), tmp_path)
    assert [layer.index for layer in facts.layers] == [0, 1, 2]
    assert [layer.index for layer in facts.prediction_layers] == [3]
    assert facts.prediction_layers[0].bytes.other == 2048 + 256
    assert facts.moe_layers == 2


def test_all_parts_of_a_split_model_count(tmp_path: Path) -> None:
    whole = expert_model()
    alone = facts_of(whole, tmp_path)
    for number in range(3):
        keys = dict(whole.keys) if number == 0 else {}
        keys |= {
            "split.no": value(U16, number),
            "split.count": value(U16, 3),
            "split.tensors.count": value(U32, len(whole.tensors)),
        }
        path = tmp_path / f"s-{number + 1:05d}-of-00003.gguf"
        Gguf(keys, whole.tensors[number::3]).write(path)
    assert read_facts(open_model(path).headers) == alone


@pytest.mark.parametrize(
    ("name", "layer", "role"),
    [
        ("token_embd.weight", None, TensorRole.TOKEN_EMBEDDING),
        ("per_layer_token_embd.weight", None, TensorRole.TOKEN_EMBEDDING),
        ("output.weight", None, TensorRole.OUTPUT),
        ("rope_freqs.weight", None, TensorRole.OUTPUT),
        ("blk.7.attn_kv_a_mqa.weight", 7, TensorRole.ATTENTION),
        ("blk.7.attn_sinks.weight", 7, TensorRole.ATTENTION),
        ("blk.7.ssm_conv1d.weight", 7, TensorRole.ATTENTION),
        ("blk.7.ffn_gate_up_exps.weight", 7, TensorRole.ROUTED_EXPERTS),
        ("blk.7.ffn_down_exps.bias", 7, TensorRole.ROUTED_EXPERTS),
        ("blk.7.ffn_down_chexps.weight", 7, TensorRole.ROUTED_EXPERTS),
        ("blk.7.ffn_down_shexp.weight", 7, TensorRole.SHARED_EXPERTS),
        ("blk.7.ffn_gate_inp_shexp.weight", 7, TensorRole.SHARED_EXPERTS),
        ("blk.7.ffn_up.weight", 7, TensorRole.FEED_FORWARD),
        ("blk.7.ffn_gate_inp.weight", 7, TensorRole.OTHER),
        ("blk.7.exp_probs_b.bias", 7, TensorRole.OTHER),
        ("blk.7.ffn_norm.weight", 7, TensorRole.OTHER),
        ("blk.7.ffn_norm_exps.weight", 7, TensorRole.OTHER),
    ],
)
def test_roles(name: str, layer: int | None, role: TensorRole) -> None:
    assert role_of(name) == (layer, role)


# --- the KV cache --------------------------------------------------------------------------


def test_kv_cache_of_heads(tmp_path: Path) -> None:
    facts = facts_of(expert_model(), tmp_path)
    layer = facts.layers[1]
    assert (layer.key_values, layer.value_values) == (64, 128)
    assert layer.kv_bytes_per_token("f16") == 2 * 192
    assert layer.kv_bytes_per_token("q8_0") == 6 * 34
    assert layer.kv_bytes_per_token("q4_0") == 6 * 18
    assert facts.kv_types == ("f16", "q8_0", "q4_0")
    # A context is padded to a multiple of 256 tokens.
    assert facts.kv_bytes("f16", 1000, 512) == LAYERS * 1024 * 2 * 192


def test_kv_cache_of_latent_attention(tmp_path: Path) -> None:
    figures = {
        "attention__head_count_kv": 1, "attention__key_length": 96,
        "attention__value_length": 64, "attention__key_length_mla": 48,
        "attention__value_length_mla": 32, "attention__kv_lora_rank": 64,
    }  # fmt: skip
    facts = facts_of(
        expert_model(**{name: value(U32, number) for name, number in figures.items()}), tmp_path
    )
    assert facts.is_mla
    assert facts.kv_lora_rank == 64
    assert (facts.layers[0].key_values, facts.layers[0].value_values) == (96, 0)
    assert facts.layers[0].kv_bytes_per_token("f16") == 192


def test_a_type_that_does_not_divide_a_head_is_not_offered(tmp_path: Path) -> None:
    facts = facts_of(expert_model(attention__key_length=value(U32, 40)), tmp_path)
    assert facts.kv_types == ("f16",)


def test_heads_of_each_layer(tmp_path: Path) -> None:
    file = expert_model(
        attention__head_count=array(U32, [4, 4, 8, 8]),
        attention__head_count_kv=array(U32, [2, 0, 1, 4]),
        expert_used_count=array(U32, [0, 1, 2, 4]),
    )
    facts = facts_of(file, tmp_path)
    assert [layer.heads for layer in facts.layers] == [4, 4, 8, 8]
    assert [layer.key_values for layer in facts.layers] == [64, 0, 32, 128]
    assert [layer.experts_used for layer in facts.layers] == [0, 1, 2, 4]
    assert facts.experts_used == 4


def test_lengths_follow_from_the_width_when_nothing_is_said(tmp_path: Path) -> None:
    file = expert_model()
    keys = {
        key: content for key, content in file.keys.items()
        if not key.endswith(("key_length", "value_length", "head_count_kv"))
    }  # fmt: skip
    facts = facts_of(Gguf(keys, file.tensors), tmp_path)
    assert (facts.layers[0].kv_heads, facts.layers[0].key_length) == (4, 16)
    assert facts.layers[0].key_values == facts.layers[0].value_values == 64


@pytest.mark.parametrize(
    ("architecture", "figures", "windows"),
    [
        ("gpt-oss", {"attention__sliding_window": value(U32, 128)}, [128, 0, 128, 0]),
        ("gemma3", {"attention__sliding_window": value(U32, 512)}, [512] * 4),
        ("gemma2", {}, [4096, 0, 4096, 0]),
        ("cohere2moe", {"attention__sliding_window": value(U32, 512)}, [0, 512, 512, 512]),
        ("llama4", {"attention__sliding_window": value(U32, 1)}, [8192, 8192, 8192, 0]),
        ("llama4", {"attention__sliding_window": value(U32, 0)}, [0] * 4),
        ("smallthinker", {"attention__sliding_window": value(U32, 1)}, [0, 4096, 4096, 4096]),
        ("moetest", {"attention__sliding_window": value(U32, 128)}, [0] * 4),
        (
            "gpt-oss",
            {
                "attention__sliding_window": value(U32, 128),
                "attention__sliding_window_pattern": value(U32, 4),
            },
            [128, 128, 128, 0],
        ),
        (
            "moetest",
            {
                "attention__sliding_window": value(U32, 128),
                "attention__sliding_window_pattern": array(BOOL, [False, True, True, False]),
            },
            [0, 128, 128, 0],
        ),
    ],
)
def test_windows(
    architecture: str, figures: dict[str, bytes], windows: list[int], tmp_path: Path
) -> None:
    facts = facts_of(expert_model(architecture, **figures), tmp_path)
    assert [layer.window_tokens for layer in facts.layers] == windows


def test_a_window_bounds_the_cells(tmp_path: Path) -> None:
    figures = {
        "attention__sliding_window": value(U32, 128),
        "attention__key_length_swa": value(U32, 16),
    }
    facts = facts_of(expert_model("gpt-oss", **figures), tmp_path)
    windowed, full = facts.layers[:2]
    assert full.kv_cells(8192, 512) == 8192
    # 128 + 512 tokens, padded; never more than the context.
    assert windowed.kv_cells(8192, 512) == 768
    assert windowed.kv_cells(512, 512) == 512
    assert windowed.kv_cells(8192, 512, full=True) == 8192
    assert (windowed.key_values, full.key_values) == (32, 64)


def test_recurrent_layers_and_shared_caches_keep_nothing(tmp_path: Path) -> None:
    file = expert_model(attention__shared_kv_layers=value(U32, 1))
    tensors = [
        Tensor("blk.1.ssm_in.weight") if tensor.name == "blk.1.attn_k.weight" else tensor
        for tensor in file.tensors
    ]
    facts = facts_of(Gguf(file.keys, tensors), tmp_path)
    assert [layer.key_values > 0 for layer in facts.layers] == [True, False, True, False]


# --- bad figures, speed --------------------------------------------------------------------


@pytest.mark.parametrize(
    "figures",
    [
        {"attention__head_count": array(U32, [4, 4])},
        {"attention__key_length": value(U32, 2**30)},
        {"attention__head_count_kv": array(U32, [2, 2, 2, 2**30])},
        {"nextn_predict_layers": value(U32, LAYERS)},
        {"nextn_predict_layers": value(U32, 2**31)},
        {"expert_shared_count": value(U32, 2**31)},
        {"vocab_size": value(U32, 400_000_000)},
    ],
)
def test_figures_that_make_no_sense(figures: dict[str, bytes], tmp_path: Path) -> None:
    headers = open_model(expert_model(**figures).write(tmp_path / "m.gguf")).headers
    with pytest.raises(ModelFileDamaged) as caught:
        read_facts(headers)
    assert caught.value.code == "gguf.damaged"
    assert caught.value.facts["detail"]


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        (value(U32, 10_485_760), 10_485_760),
        (value(U32, 2**32 - 1), 2**24),
        (value(U64, 2**64 - 1), 2**24),
        (value(I32, -1), 0),
    ],
)
def test_an_endless_context_is_not_believed(told: bytes, believed: int, tmp_path: Path) -> None:
    facts = facts_of(expert_model(context_length=told), tmp_path)
    assert facts.trained_context_tokens == believed


def test_the_starter_model() -> None:
    facts = read_facts(open_model(starter_model()).headers)
    assert len(facts.layers) == 30
    assert facts.parameters == 134_515_008
    assert facts.tied_embedding
    assert facts.experts == facts.moe_layers == facts.leading_dense_layers == 0
    assert facts.vocabulary == 49152
    # 3 KV heads of 64 values: f16 keys and values.
    assert facts.layers[0].kv_bytes_per_token("f16") == 2 * 2 * 3 * 64


def test_a_large_vocabulary_costs_little_time(tmp_path: Path) -> None:
    file = model().with_keys(
        tokenizer__ggml__tokens=strings(260_000, 12), tokenizer__ggml__merges=strings(260_000, 9)
    )
    path = file.write(tmp_path / "m.gguf")
    start = time.perf_counter()
    facts = read_facts(open_model(path).headers)
    seconds = time.perf_counter() - start
    assert facts.vocabulary == 260_000
    # 0.1 s is the aim; the machine may be busy.
    assert seconds < 0.5
