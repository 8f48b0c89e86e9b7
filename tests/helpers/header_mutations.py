"""Random lies told by headers: the same seed tells the same lie.

Structured ones change a figure, a name, a shape or an offset and leave the rest of the file
correct; the others change bytes without knowing what they mean.
"""

import random
import struct
from collections.abc import Sequence
from dataclasses import replace

from tests.helpers.gguf_bytes import (
    ARRAY,
    BOOL,
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    STRING,
    U8,
    U16,
    U32,
    U64,
    Gguf,
    Tensor,
    array,
    string,
    value,
)
from tests.helpers.header_bytes import BYTES, EXTREMES, Mutate
from tests.helpers.moe_headers import (
    Draft,
    data_size,
    sized,
    small_deepseek2,
    small_qwen3moe,
    small_split,
    sparse_bases,
)

NUMBER_KINDS = (U8, I8, U16, I16, U32, I32, U64, I64)
ARCHITECTURES = (
    "llama", "llama4", "deepseek", "deepseek2", "qwen2moe", "qwen3", "qwen3moe", "qwen3next",
    "gpt-oss", "glm4moe", "olmoe", "granitemoe", "gemma3", "mamba", "rwkv7", "bert", "t5", "dbrx",
    "phimoe", "minimax-m2", "hunyuan-moe", "ernie4_5-moe", "bailingmoe2", "grok", "jamba",
    "frobnicator", "", "clip", "DEEPSEEK2", "qwen3moe\0",
)  # fmt: skip
FIGURES = (
    "leading_dense_block_count", "nextn_predict_layers", "expert_group_count",
    "expert_group_used_count", "expert_shared_count", "attention.sliding_window",
    "attention.sliding_window_pattern", "attention.key_length_mla", "attention.value_length_mla",
    "attention.kv_lora_rank", "attention.q_lora_rank", "attention.shared_kv_layers",
    "attention.key_length_swa", "rope.dimension_count", "rope.scaling.type",
    "rope.scaling.original_context_length", "expert_gating_func", "rope.dimension_sections",
    "ssm.state_size", "ssm.inner_size", "attention.head_count_kv", "vocab_size",
)  # fmt: skip
"""Keys that are added when they are not there."""
FLOATS = (float("nan"), float("inf"), float("-inf"), 0.0, -1.0, 1e38, 1e-45)


# --- values ------------------------------------------------------------------------------------


def number(chance: random.Random, kind: int | None = None) -> bytes:
    """A typed whole number, often an extreme one."""
    chosen = chance.choice(NUMBER_KINDS) if kind is None else kind
    bits = {U8: 8, I8: 8, U16: 16, I16: 16, U32: 32, I32: 32}.get(chosen, 64)
    raw = chance.choice(EXTREMES) & ((1 << bits) - 1)
    if chance.random() < 0.3:
        raw = chance.randrange(min(1 << bits, 4096))
    signed = chosen in (I8, I16, I32, I64)
    return value(chosen, raw - (1 << bits) if signed and raw >> (bits - 1) else raw)


def _near(chance: random.Random, old: bytes) -> bytes:
    """The same number a little or a lot off, of the same type; or any other."""
    kind = int.from_bytes(old[:4], "little")
    if kind != U32:
        return number(chance)
    told = int.from_bytes(old[4:8], "little")
    wrong = chance.choice((told - 1, told + 1, told * 2, told // 2, told * 7 + 3, 0))
    return value(U32, wrong & 0xFFFFFFFF)


def _anything(chance: random.Random) -> bytes:
    match chance.randrange(6):
        case 0:
            return value(STRING, chance.choice(("", "x", "8", "\0", "y" * 3000)))
        case 1:
            return value(chance.choice((F32, F64)), chance.choice(FLOATS[1:-2]))
        case 2:
            return value(BOOL, chance.choice((True, False)))
        case 3:
            size = chance.choice((0, 1, 2, 3, 4, 48, 61, 512, 1025))
            return array(chance.choice((U32, I32)), [chance.randrange(9) for _ in range(size)])
        case 4:
            return struct.pack("<I", chance.choice((13, 99, 2**31)))
        case _:
            return struct.pack("<IIQ", ARRAY, ARRAY, chance.choice((0, 1, 2**40)))


def _figure_keys(part: Gguf, prefix: str) -> list[str]:
    return [key for key in part.keys if key.startswith(f"{prefix}.")]


def _change(chance: random.Random, draft: Draft, key: str, content: bytes | None) -> Draft:
    part = draft.parts[0]
    keys = dict(part.keys)
    keys.pop(key, None) if content is None else keys.__setitem__(key, content)
    return draft.with_part(0, replace(part, keys=keys))


# --- keys --------------------------------------------------------------------------------------


def figure_lies(chance: random.Random, draft: Draft) -> Draft:
    key = chance.choice(_figure_keys(draft.parts[0], draft.architecture))
    old = draft.parts[0].keys[key]
    new = _near(chance, old) if chance.random() < 0.5 else number(chance, U32)
    return _change(chance, draft, key, new)


def figure_of_another_type(chance: random.Random, draft: Draft) -> Draft:
    key = chance.choice(_figure_keys(draft.parts[0], draft.architecture))
    return _change(chance, draft, key, chance.choice((number, _anything))(chance))


def figure_added(chance: random.Random, draft: Draft) -> Draft:
    key = f"{draft.architecture}.{chance.choice(FIGURES)}"
    kind = chance.choice((U32, U32, U32, None))
    return _change(chance, draft, key, number(chance, kind))


def figure_for_each_layer(chance: random.Random, draft: Draft) -> Draft:
    name = chance.choice(("attention.head_count", "attention.head_count_kv", "expert_used_count",
                          "feed_forward_length", "attention.sliding_window_pattern"))  # fmt: skip
    layers = int.from_bytes(draft.parts[0].keys[f"{draft.architecture}.block_count"][4:8], "little")
    count = max(0, min(layers, 600) + chance.choice((-1, 0, 0, 0, 1)))
    most = chance.choice((1, 5, 64, 2**31 - 1))
    items = [chance.randrange(most + 1) for _ in range(count)]
    return _change(chance, draft, f"{draft.architecture}.{name}", array(U32, items))


def key_missing(chance: random.Random, draft: Draft) -> Draft:
    return _change(chance, draft, chance.choice(list(draft.parts[0].keys)), None)


def key_twice(chance: random.Random, draft: Draft) -> Draft:
    part = draft.parts[0]
    key = chance.choice(list(part.keys))
    return draft.with_part(0, replace(part, more_keys=[string(key) + number(chance)]))


def float_lies(chance: random.Random, draft: Draft) -> Draft:
    name = chance.choice(("attention.layer_norm_rms_epsilon", "rope.freq_base",
                          "expert_weights_scale", "rope.scaling.factor",
                          "rope.scaling.yarn_log_multiplier", "logit_scale"))  # fmt: skip
    lie = chance.choice(FLOATS)
    return _change(chance, draft, f"{draft.architecture}.{name}", value(F32, lie))


def another_architecture(chance: random.Random, draft: Draft) -> Draft:
    """Sometimes with the figures renamed, so that they are found."""
    new = chance.choice(ARCHITECTURES)
    part, old = draft.parts[0], f"{draft.architecture}."
    keys = dict(part.keys)
    if chance.random() < 0.7:
        keys = {key.replace(old, f"{new}.", 1) if key.startswith(old) else key: content
                for key, content in keys.items()}  # fmt: skip
    keys["general.architecture"] = value(STRING, new)
    return draft.with_part(0, replace(part, keys=keys))


def tokenizer_lies(chance: random.Random, draft: Draft) -> Draft:
    kinds = ("llama", "gpt2", "bert", "t5", "rwkv", "plamo2", "no_vocab", "none", "test", "")
    names = ("tokens", "scores", "token_type", "merges", "bos_token_id", "eos_token_id",
             "padding_token_id", "pre", "model", "add_bos_token", "eot_token_id")  # fmt: skip
    key = f"tokenizer.ggml.{chance.choice(names)}"
    content: bytes | None
    match chance.randrange(6):
        case 0:
            key, content = "tokenizer.ggml.model", value(STRING, chance.choice(kinds))
        case 1:
            content = None
        case 2:
            content = number(chance, chance.choice((U32, I32)))
        case 3:
            size = chance.choice((0, 1, 3, 1535, 1537, 5000))
            content = array(I32, [chance.choice((-1, 0, 1, 6, 2**31 - 1)) for _ in range(size)])
        case 4:
            size = chance.choice((0, 1, 300, 1535, 1537))
            content = array(STRING, [chance.choice(("a", "", "b c")) for _ in range(size)])
        case _:
            content = value(STRING, chance.choice(("llama-bpe", "qwen2", "nothing", "")))
    return _change(chance, draft, key, content)


# --- tensors -----------------------------------------------------------------------------------


def _some_part(chance: random.Random, draft: Draft) -> tuple[int, list[Tensor]]:
    place = chance.randrange(len(draft.parts))
    return place, list(draft.parts[place].tensors)


def _table(draft: Draft, place: int, tensors: Sequence[Tensor]) -> Draft:
    return draft.with_part(place, replace(draft.parts[place], tensors=tuple(tensors)))


def tensor_missing(chance: random.Random, draft: Draft) -> Draft:
    place, tensors = _some_part(chance, draft)
    for _ in range(chance.choice((1, 1, 1, 5))):
        tensors.pop(chance.randrange(len(tensors)))
    return _table(draft, place, tensors)


def tensor_renamed(chance: random.Random, draft: Draft) -> Draft:
    place, tensors = _some_part(chance, draft)
    at = chance.randrange(len(tensors))
    names: tuple[str | bytes, ...] = (
        chance.choice(tensors).name, "blk.999.attn_q.weight", "blk.5.ffn_up_exps.weight", "",
        "x" * 64, b"\xff\xfe", "blk.-1.attn_q.weight", "output.weight", "blk.99999999.x",
        "blk.0.nextn.eh_proj.weight", "rope_freqs.weight", "token_embd.bias", "blk.0.attn_q.scale",
    )  # fmt: skip
    tensors[at] = replace(tensors[at], name=chance.choice(names))
    return _table(draft, place, tensors)


def shape_lies(chance: random.Random, draft: Draft) -> Draft:
    """A shape that the rest of the file agrees with: offsets and sizes follow it."""
    place, tensors = _some_part(chance, draft)
    at = chance.randrange(len(tensors))
    shape = list(tensors[at].shape)
    match chance.randrange(6):
        case 0:
            shape.reverse()
        case 1:
            shape.append(chance.choice((1, 2, 4)))
        case 2:
            shape = shape[:-1] or [32]
        case 3:
            other = chance.choice(tensors)
            shape = list(other.shape)
        case 4:
            axis = chance.randrange(len(shape))
            shape[axis] = chance.choice((0, -1, -(2**63), 2**62, 2**40, 32, 1, shape[axis] * 2))
        case _:
            axis = chance.randrange(len(shape))
            shape[axis] = max(32, shape[axis] // 2)
    changed = replace(tensors[at], shape=tuple(shape))
    tensors[at] = sized(changed) if chance.random() < 0.8 else changed
    return _table(draft, place, tensors)


def shapes_swapped(chance: random.Random, draft: Draft) -> Draft:
    place, tensors = _some_part(chance, draft)
    one, two = chance.randrange(len(tensors)), chance.randrange(len(tensors))
    tensors[one], tensors[two] = (
        replace(tensors[two], name=tensors[one].name),
        replace(tensors[one], name=tensors[two].name),
    )
    return _table(draft, place, tensors)


def type_lies(chance: random.Random, draft: Draft) -> Draft:
    place, tensors = _some_part(chance, draft)
    at = chance.randrange(len(tensors))
    kind = chance.choice((0, 1, 2, 8, 12, 14, 16, 24, 26, 27, 28, 30, 34, 39, 40, 41, 4, 31, 43,
                          99, 255, 256, 2**31, 2**32 - 1))  # fmt: skip
    changed = replace(tensors[at], type_number=kind)
    tensors[at] = sized(changed) if chance.random() < 0.8 else changed
    return _table(draft, place, tensors)


def offset_lies(chance: random.Random, draft: Draft) -> Draft:
    place, tensors = _some_part(chance, draft)
    at = chance.randrange(len(tensors))
    offset = chance.choice((0, 1, 31, 32, 2**31, 2**62, 2**63, 2**64 - 1, 2**64 - 32))
    tensors[at] = replace(tensors[at], offset=offset)
    return _table(draft, place, tensors)


def tensors_in_another_order(chance: random.Random, draft: Draft) -> Draft:
    place, tensors = _some_part(chance, draft)
    chance.shuffle(tensors)
    return _table(draft, place, tensors)


def dimensions_lie(chance: random.Random, draft: Draft) -> Draft:
    place, tensors = _some_part(chance, draft)
    at = chance.randrange(len(tensors))
    tensors[at] = replace(tensors[at], dimensions=chance.choice((0, 1, 2, 3, 4, 5, 2**32 - 1)))
    return _table(draft, place, tensors)


# --- the whole file ----------------------------------------------------------------------------


def counts_lie(chance: random.Random, draft: Draft) -> Draft:
    place = chance.randrange(len(draft.parts))
    part = draft.parts[place]
    count = chance.choice((0, 1, len(part.keys) - 1, len(part.keys) + 1, *EXTREMES[-6:]))
    if chance.random() < 0.5:
        return draft.with_part(place, replace(part, key_count=count))
    tensors = chance.choice((0, len(part.tensors) - 1, len(part.tensors) + 1, *EXTREMES[-6:]))
    return draft.with_part(place, replace(part, tensor_count=tensors))


def beginning_lies(chance: random.Random, draft: Draft) -> Draft:
    place = chance.randrange(len(draft.parts))
    part = draft.parts[place]
    match chance.randrange(3):
        case 0:
            version = chance.choice((0, 1, 2, 4, 99, 0x03000000, 2**32 - 1))
            part = replace(part, version=struct.pack("<I", version))
        case 1:
            part = replace(part, magic=chance.choice((b"GGUf", b"FUGG", b"PK\3\4", b"\0\0\0\0")))
        case _:
            alignment = value(U32, chance.choice((0, 1, 16, 31, 64, 2**20, 2**21, 2**31)))
            part = replace(part, keys={**part.keys, "general.alignment": alignment})
    return draft.with_part(place, part)


def split_lies(chance: random.Random, draft: Draft) -> Draft:
    place = chance.randrange(len(draft.parts))
    part = draft.parts[place]
    if len(draft.parts) > 1 and chance.random() < 0.3:
        return replace(draft, absent=frozenset({chance.randrange(len(draft.parts))}))
    key, kind = chance.choice(
        (("split.no", U16), ("split.count", U16), ("split.tensors.count", I32))
    )
    keys = {**part.keys, key: number(chance, chance.choice((kind, kind, None)))}
    return draft.with_part(place, replace(part, keys=keys))


def weights_cut(chance: random.Random, draft: Draft) -> Draft:
    sizes: list[int | None] = [None] * len(draft.parts)
    place = chance.randrange(len(draft.parts))
    asked = data_size(draft.parts[place])
    sizes[place] = chance.choice((0, 1, asked // 2, asked - 1, asked + 1, asked + 4096))
    return replace(draft, data_sizes=tuple(sizes))


STRUCTURED: dict[str, tuple[Mutate, int]] = {
    "a figure lies": (figure_lies, 16),
    "a figure of another type": (figure_of_another_type, 5),
    "a figure too many": (figure_added, 8),
    "a figure for each layer": (figure_for_each_layer, 4),
    "a key is missing": (key_missing, 4),
    "a key stands twice": (key_twice, 1),
    "a decimal lies": (float_lies, 3),
    "another architecture": (another_architecture, 6),
    "the tokenizer lies": (tokenizer_lies, 6),
    "tensors are missing": (tensor_missing, 4),
    "a tensor is renamed": (tensor_renamed, 4),
    "a shape lies": (shape_lies, 8),
    "shapes are swapped": (shapes_swapped, 4),
    "a type lies": (type_lies, 6),
    "an offset lies": (offset_lies, 2),
    "another order": (tensors_in_another_order, 1),
    "dimensions lie": (dimensions_lie, 1),
    "counts lie": (counts_lie, 2),
    "the beginning lies": (beginning_lies, 2),
    "the split lies": (split_lies, 3),
    "weights are cut": (weights_cut, 2),
}
"""By kind what tells the lie, and how often in proportion."""

_KINDS = {**STRUCTURED, **BYTES}
SEVERAL = "several lies"
_SEVERAL_SHARE = 0.12
_SMALL_SHARE = 0.7


def mutation(seed: int) -> tuple[str, Draft]:
    """A kind of lie, and the model whose header tells it."""
    chance = random.Random(seed)
    small = (small_deepseek2, small_qwen3moe, small_deepseek2, small_qwen3moe, small_split)
    if chance.random() < _SMALL_SHARE:
        draft = chance.choice(small)()
    else:
        draft = chance.choice(sparse_bases())
    if chance.random() < _SEVERAL_SHARE:
        first = ("a figure lies", "a figure too many", "a shape lies", "another architecture")
        for _ in range(chance.randrange(2, 5)):
            kind = chance.choice((*first, "a key is missing", "a type lies", "a decimal lies"))
            if f"{draft.architecture}.block_count" in draft.parts[0].keys:
                draft = _KINDS[kind][0](chance, draft)
        return SEVERAL, draft
    kinds, weights = list(_KINDS), [weight for _mutate, weight in _KINDS.values()]
    (kind,) = chance.choices(kinds, weights)
    return kind, _KINDS[kind][0](chance, draft)
