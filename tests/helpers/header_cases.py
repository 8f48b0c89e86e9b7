"""Headers made by hand: each tells one lie that a broken or hostile file could tell."""

from collections.abc import Callable
from dataclasses import replace

from tests.helpers.gguf_bytes import (
    BOOL,
    F32,
    F64,
    I8,
    I32,
    I64,
    STRING,
    U16,
    U32,
    U64,
    Tensor,
    array,
    strings,
    value,
)
from tests.helpers.moe_headers import (
    Draft,
    sized,
    small_deepseek2,
    small_qwen3moe,
    small_split,
    sparse_bases,
)

Make = Callable[[], Draft]
_KEY = "tokenizer.ggml."


def _mla(**changes: bytes | None) -> Make:
    """Latent attention with keys of the architecture changed."""
    return lambda: small_deepseek2().with_keys(**_owned(changes))


def _grouped(**changes: bytes | None) -> Make:
    return lambda: small_qwen3moe().with_keys(**_owned(changes))


def _owned(changes: dict[str, bytes | None]) -> dict[str, bytes | None]:
    return {f"__{name}": content for name, content in changes.items()}


def _tokenizer(**changes: bytes | None) -> Make:
    named = {f"{_KEY}{name}": content for name, content in changes.items()}
    return lambda: small_qwen3moe().with_keys(**named)


def _table(change: Callable[[Tensor], Tensor | None], base: Make = small_qwen3moe) -> Make:
    """The table with every tensor changed or, for None, left out."""

    def make() -> Draft:
        draft = base()
        changed = [change(tensor) for tensor in draft.parts[0].tensors]
        return draft.with_tensors([tensor for tensor in changed if tensor is not None])

    return make


def _at(name: str, base: Make = small_qwen3moe, **changes: object) -> Make:
    """One tensor changed; its size follows."""
    return _table(
        lambda tensor: sized(replace(tensor, **changes)) if tensor.name == name else tensor,  # type: ignore[arg-type]
        base,
    )


def _without(*parts: str, base: Make = small_qwen3moe) -> Make:
    return _table(
        lambda tensor: None if any(part in str(tensor.name) for part in parts) else tensor, base
    )


def _split(change: Callable[[Draft], Draft]) -> Make:
    return lambda: change(small_split())


def _split_key(place: int, key: str, content: bytes) -> Make:
    def change(draft: Draft) -> Draft:
        part = draft.parts[place]
        return draft.with_part(place, replace(part, keys={**part.keys, key: content}))

    return _split(change)


def _mixed() -> Draft:
    """The second part belongs to another model of as many parts."""
    draft = small_split()
    part = draft.parts[1]
    return draft.with_part(
        1, replace(part, tensors=[replace(each, name=f"x.{each.name!s}") for each in part.tensors])
    )


def _repeated() -> Draft:
    draft = small_split()
    return replace(draft, parts=(draft.parts[0], draft.parts[0], draft.parts[2]))


def _many_layers() -> Draft:
    """As many layers as the reader takes, all but the first three empty."""
    draft = small_qwen3moe().with_keys(__block_count=value(U32, 1000))
    last = Tensor("blk.999.attn_q.weight", (256, 256), 8, 256 * 272)
    return draft.with_tensors([*draft.parts[0].tensors, last])


def _many_tensors() -> Draft:
    draft = small_qwen3moe()
    more = [Tensor(f"blk.0.extra_{number}.weight", (32,), 0, 128) for number in range(20_000)]
    return draft.with_tensors([*draft.parts[0].tensors, *more])


def _many_keys() -> Draft:
    draft = small_qwen3moe()
    more = {f"general.note.{number}": value(STRING, "x" * 40) for number in range(20_000)}
    part = draft.parts[0]
    return draft.with_part(0, replace(part, keys={**part.keys, **more}))


def _predicting(count: int) -> Make:
    return lambda: small_deepseek2().with_keys(__nextn_predict_layers=value(U32, count))


def _renamed(architecture: str) -> Make:
    """Every figure stands under the other architecture's name."""

    def make() -> Draft:
        draft = small_qwen3moe()
        part, old = draft.parts[0], f"{draft.architecture}."
        keys = {
            f"{architecture}.{key.removeprefix(old)}" if key.startswith(old) else key: content
            for key, content in part.keys.items()
        }
        keys["general.architecture"] = value(STRING, architecture)
        return draft.with_part(0, replace(part, keys=keys))

    return make


def _tied_wrong() -> Draft:
    draft = small_qwen3moe()
    narrow = replace(draft.parts[0].tensors[0], shape=(256, 100))
    rest = [each for each in draft.parts[0].tensors[1:] if each.name != "output.weight"]
    return draft.with_tensors([sized(narrow), *rest])


def _overlapping() -> Draft:
    draft = small_qwen3moe()
    return draft.with_tensors([replace(each, offset=0) for each in draft.parts[0].tensors])


def _another_size(name: str) -> Make:
    """Layer 1 has twice the experts' width of the others."""
    return _table(
        lambda tensor: sized(replace(tensor, shape=(tensor.shape[0], tensor.shape[1] * 2,
                                                    *tensor.shape[2:])))
        if tensor.name == f"blk.1.{name}.weight" else tensor
    )  # fmt: skip


_V3, _OSS, _Q30, _LITE = sparse_bases()

CASES: dict[str, Make] = {
    # layers
    "no layers": _mla(block_count=value(U32, 0)),
    "600 layers stated, 3 there": _mla(block_count=value(U32, 600)),
    "2 layers stated, 3 there": _mla(block_count=value(U32, 2)),
    "4,294,967,295 layers": _mla(block_count=value(U32, 2**32 - 1)),
    "-3 layers": _mla(block_count=value(I32, -3)),
    "1,000 layers, nearly all empty": _many_layers,
    "layers told as text": _mla(block_count=value(STRING, "3")),
    "as many prediction layers as layers": _predicting(3),
    "more prediction layers than layers": _predicting(9),
    "all but one layer predict ahead": _predicting(2),
    "more dense layers first than layers": _mla(leading_dense_block_count=value(U32, 99)),
    "a layer's experts stand in another layer's place": _table(
        lambda tensor: replace(tensor, name=str(tensor.name).replace("blk.1.ffn_up", "blk.2.ffn_x"))
    ),
    # experts
    "more experts used than there are": _grouped(expert_used_count=value(U32, 5)),
    "no expert used": _grouped(expert_used_count=value(U32, 0)),
    "no experts told, experts there": _grouped(expert_count=None, expert_used_count=None),
    "experts told, none there": _without("_exps"),
    "100,000 experts": _grouped(expert_count=value(U32, 100_000)),
    "experts used told for each layer, too few": _grouped(
        expert_used_count=array(U32, [2, 2])
    ),
    "4 experts told, 8 in the weights": _table(
        lambda tensor: sized(replace(tensor, shape=(*tensor.shape[:-1], 8)))
        if "_exps" in str(tensor.name) else tensor
    ),
    "experts in groups that do not divide them": _mla(
        expert_group_count=value(U32, 3), expert_group_used_count=value(U32, 9)
    ),
    "an unknown gate": _mla(expert_gating_func=value(U32, 77)),
    "shared experts told, none there": _without("_shexp", base=small_deepseek2),
    "no router": _without("ffn_gate_inp"),
    # attention
    "no heads": _grouped(**{"attention.head_count": value(U32, 0)}),
    "no heads that keep keys": _grouped(**{"attention.head_count_kv": value(U32, 0)}),
    "heads that do not divide": _grouped(**{"attention.head_count_kv": value(U32, 3)}),
    "more heads that keep keys than heads": _grouped(
        **{"attention.head_count_kv": value(U32, 64)}
    ),
    "heads for each layer, some without": _grouped(
        **{"attention.head_count": array(U32, [4, 0, 4]),
           "attention.head_count_kv": array(U32, [2, 0, 2])}
    ),
    "keys of no length": _grouped(**{"attention.key_length": value(U32, 0)}),
    "keys of 1,048,576 values": _grouped(**{"attention.key_length": value(U32, 2**20)}),
    "latent attention without ranks": _mla(
        **{"attention.kv_lora_rank": None, "attention.q_lora_rank": None}
    ),
    "latent attention of rank 0": _mla(**{"attention.kv_lora_rank": value(U32, 0)}),
    "latent lengths without latent weights": _grouped(
        **{"attention.key_length_mla": value(U32, 64), "attention.value_length_mla": value(U32, 64)}
    ),
    "a rotated part longer than the key": _mla(**{"rope.dimension_count": value(U32, 4096)}),
    # context and windows
    "a context of 0": _grouped(context_length=value(U32, 0)),
    "a context of 1": _grouped(context_length=value(U32, 1)),
    "a context of 4,294,967,295": _grouped(context_length=value(U32, 2**32 - 1)),
    "a context of 2^64-1": _grouped(context_length=value(U64, 2**64 - 1)),
    "a context of 2^64-1 and no cache": lambda: _renamed("mamba")().with_keys(
        **{"__context_length": value(U64, 2**64 - 1), "__attention.head_count_kv": value(U32, 0)}
    ),
    "a context of -1": _grouped(context_length=value(I64, -1)),
    "a window of 0": lambda: _OSS.with_keys(**{"__attention.sliding_window": value(U32, 0)}),
    "a window of -5": lambda: _OSS.with_keys(**{"__attention.sliding_window": value(I32, -5)}),
    "a window of 4,294,967,295": lambda: _OSS.with_keys(
        **{"__attention.sliding_window": value(U32, 2**32 - 1)}
    ),
    "a window pattern of 2^31": lambda: _OSS.with_keys(
        **{"__attention.sliding_window_pattern": value(U32, 2**31)}
    ),
    "a window pattern of yes and no, too short": lambda: _OSS.with_keys(
        **{"__attention.sliding_window_pattern": array(BOOL, [True, False])}
    ),
    # decimals
    "an epsilon that is no number": _grouped(
        **{"attention.layer_norm_rms_epsilon": value(F32, float("nan"))}
    ),
    "an infinite base frequency": _grouped(**{"rope.freq_base": value(F32, float("inf"))}),
    "a base frequency of 0": _grouped(**{"rope.freq_base": value(F32, 0.0)}),
    "a scale in the wrong precision": _mla(expert_weights_scale=value(F64, float("inf"))),
    # tensors
    "all tensors at the beginning": _overlapping,
    "sizes that overflow": _at("blk.0.ffn_up_exps.weight", shape=(2**32, 2**31, 4)),
    "a negative length": _at("blk.0.attn_q.weight", shape=(256, -256)),
    "an unknown type of weights": _at("blk.0.attn_q.weight", type_number=99),
    "a retired type of weights": _at("blk.0.attn_q.weight", type_number=31),
    "whole numbers as weights": _at("blk.0.attn_q.weight", type_number=26),
    "a norm in four bits": _at("output_norm.weight", type_number=2),
    "attention of another layer's shape": _at("blk.2.attn_k.weight", shape=(256, 512)),
    "experts of another layer's shape": _another_size("ffn_up_exps"),
    "an expert with one dimension too few": _at("blk.1.ffn_down_exps.weight", shape=(256, 256)),
    "no embedding": _without("token_embd"),
    "a tied embedding of the wrong shape": _tied_wrong,
    "no output norm": _without("output_norm"),
    "20,000 tensors that nobody asked for": _many_tensors,
    "20,000 keys that nobody asked for": _many_keys,
    # vocabulary
    "a vocabulary of 4,294,967,295": _grouped(vocab_size=value(U32, 2**32 - 1)),
    "a vocabulary longer than the list": _grouped(vocab_size=value(U32, 50_000)),
    "a list longer than the embedding": _tokenizer(tokens=strings(5000)),
    "fewer scores than tokens": _tokenizer(scores=array(F32, [0.0, 0.0])),
    "types of tokens that do not exist": _tokenizer(token_type=array(I32, [2**31 - 1] * 1536)),
    "an unknown tokenizer": _tokenizer(model=value(STRING, "abacus")),
    "no tokenizer but 400,000,000 tokens": lambda: small_qwen3moe().with_keys(
        **{f"{_KEY}model": value(STRING, "no_vocab"), "__vocab_size": value(U32, 400_000_000)}
    ),
    "an end of text outside the list": _tokenizer(eos_token_id=value(U32, 2**31)),
    "a start of text below 0": _tokenizer(bos_token_id=value(I8, -1)),
    # the whole
    "an unknown architecture": _renamed("frobnicator"),
    "a model of another kind": _renamed("bert"),
    "another model's figures": _renamed("deepseek2"),
    "an architecture with a NUL": _renamed("qwen3moe\0"),
    "a part is missing": _split(lambda draft: replace(draft, absent=frozenset({1}))),
    "a part of another model": _mixed,
    "the same part twice": _repeated,
    "200 parts told, 3 there": _split_key(0, "split.count", value(U16, 200)),
    "parts in another order": _split(lambda draft: replace(draft, parts=draft.parts[::-1])),
    "more tensors told than in all parts": _split_key(
        0, "split.tensors.count", value(I32, 2**31 - 1)
    ),
    "a part with another alignment": _split_key(1, "general.alignment", value(U32, 64)),
    # full size
    "671B with 61 layers that predict ahead but one": lambda: _V3.with_keys(
        __nextn_predict_layers=value(U32, 60)
    ),
    "671B with 1,048,576 heads": lambda: _V3.with_keys(
        **{"__attention.head_count": value(U32, 2**20)}
    ),
    "30B with a cache of 512 times its size": lambda: _Q30.with_keys(
        **{"__attention.head_count_kv": value(U32, 2048)}
    ),
    "16B whose leading layers are not dense": lambda: _LITE.with_keys(
        __leading_dense_block_count=value(U32, 0)
    ),
}  # fmt: skip
