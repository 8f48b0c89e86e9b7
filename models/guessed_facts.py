"""Guesses the facts of a model whose metadata is known but not its tensor table.

The table is made up from the shape: what every architecture has in common, in one type. Only
proportions count, as the result is scaled to the size of the files. Layers, heads, experts and
with them the KV cache are the metadata's own and right; a few per cent of the bytes may be
counted to the wrong part.
"""

from collections.abc import Iterator, Mapping

from models.errors import ModelFileDamaged
from models.facts import ModelFacts
from models.facts_reading import read_facts
from models.gguf_check import MAX_LAYERS
from models.gguf_header import GgufHeader, GgufTensor, Value
from models.scaled_facts import scaled_facts

_F16 = 1
_MOST = 1 << 20
_VOCABULARY = 128_000
"""Where nothing tells: most large models have 100,000 to 200,000 entries."""


def guessed_facts(
    metadata: Mapping[str, Value],
    weight_bytes: int,
    label: str,
    vocabulary: int | None = None,
    *,
    tied_embedding: bool = False,
) -> ModelFacts:
    """Facts of a model with this GGUF metadata, whose files have ``weight_bytes`` of weights.

    ``vocabulary`` counts where the metadata does not say. Raises ModelFileDamaged when the
    figures make no sense.
    """
    plain = _header(metadata, ())
    tensors = []
    offset = 0
    for name, shape in _Shape(plain, vocabulary, tied_embedding=tied_embedding).tensors():
        size = 2 * shape[0] * shape[1]
        tensors.append(GgufTensor(name, shape, _F16, offset, size))
        offset += size
    told = dict(metadata)
    told.setdefault(f"{plain.architecture}.vocab_size", vocabulary or _VOCABULARY)
    return scaled_facts(read_facts([_header(told, tuple(tensors))]), weight_bytes, label)


class _Shape:
    """Tensors as the metadata lets them be expected."""

    def __init__(self, header: GgufHeader, vocabulary: int | None, *, tied_embedding: bool) -> None:
        self._header = header
        self._prefix = f"{header.architecture}."
        self._layers = header.block_count or 0
        self._width = self._number("embedding_length")
        if not 0 < self._layers <= MAX_LAYERS or self._width == 0:
            raise ModelFileDamaged("gguf.damaged", name=header.file_name, detail="no shape")
        self._vocabulary = self._number("vocab_size", vocabulary or _VOCABULARY)
        self._tied = tied_embedding

    def tensors(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """Names and shapes; experts of a layer are laid side by side."""
        yield "token_embd.weight", (self._width, self._vocabulary)
        if not self._tied:
            yield "output.weight", (self._width, self._vocabulary)
        for layer in range(self._layers):
            for name, shape in (*self._attention(layer), *self._feed_forward(layer)):
                yield f"blk.{layer}.{name}.weight", shape

    def _attention(self, layer: int) -> Iterator[tuple[str, tuple[int, int]]]:
        width = self._width
        interval = self._number("full_attention_interval")
        heads = self._of_layer("attention.head_count", layer)
        if heads == 0 or (interval > 1 and (layer + 1) % interval):
            inner = self._number("ssm.inner_size", 2 * width)
            yield "ssm_in", (width, 2 * inner)
            yield "ssm_out", (inner, width)
            return
        rank = self._number("attention.kv_lora_rank")
        key = self._number("attention.key_length", width // heads)
        value = self._number("attention.value_length", width // heads)
        if rank:
            yield from self._latent_attention(heads, rank, key, value)
            return
        kv_heads = self._of_layer("attention.head_count_kv", layer, heads)
        yield "attn_q", (width, heads * key)
        yield "attn_k", (width, max(kv_heads, 1) * key)
        yield "attn_v", (width, max(kv_heads, 1) * value)
        yield "attn_output", (heads * value, width)

    def _latent_attention(
        self, heads: int, rank: int, key: int, value: int
    ) -> Iterator[tuple[str, tuple[int, int]]]:
        width = self._width
        key = self._number("attention.key_length_mla", key)
        value = self._number("attention.value_length_mla", value)
        rope = self._number("rope.dimension_count", 64)
        queries = self._number("attention.q_lora_rank")
        if queries:
            yield "attn_q_a", (width, queries)
        yield "attn_q_b" if queries else "attn_q", (queries or width, heads * key)
        yield "attn_kv_a_mqa", (width, rank + rope)
        yield "attn_k_b", (rank, heads * max(key - rope, 1))
        yield "attn_v_b", (rank, heads * value)
        yield "attn_output", (heads * value, width)

    def _feed_forward(self, layer: int) -> Iterator[tuple[str, tuple[int, int]]]:
        width, dense = self._width, self._of_layer("feed_forward_length", layer)
        experts = self._number("expert_count")
        step = self._number("interleave_moe_layer_step", 1)
        leading = self._number("leading_dense_block_count")
        if not experts or layer < leading or (step > 1 and (layer + 1) % step):
            for part in ("gate", "up", "down"):
                yield f"ffn_{part}", (width, max(dense, 1))
            return
        inner = self._number("expert_feed_forward_length", dense)
        yield "ffn_gate_inp", (width, experts)
        for part in ("gate", "up", "down"):
            yield f"ffn_{part}_exps", (width, max(inner, 1) * experts)
        shared = self._number("expert_shared_count")
        shared_inner = self._number("expert_shared_feed_forward_length", inner * shared)
        if shared_inner:
            for part in ("gate", "up", "down"):
                yield f"ffn_{part}_shexp", (width, shared_inner)

    # --- figures ---------------------------------------------------------------------------

    def _number(self, name: str, default: int = 0) -> int:
        value = self._header.integer(self._prefix + name)
        return default if value is None or not 0 <= value <= _MOST else value

    def _of_layer(self, name: str, layer: int, default: int = 0) -> int:
        values = self._header.integers(self._prefix + name) or (default,)
        value = values[min(layer, len(values) - 1)]
        return value if 0 <= value <= _MOST else default


def _header(metadata: Mapping[str, Value], tensors: tuple[GgufTensor, ...]) -> GgufHeader:
    return GgufHeader(
        file_name="", version=3, metadata=metadata, tensors=tensors,
        header_bytes=0, header_sha256="", alignment=32, data_offset=0,
    )  # fmt: skip
