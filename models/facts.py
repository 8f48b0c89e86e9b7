"""What placement must know of a model: its layers, the bytes of their parts, its KV cache.

All of it comes from headers alone (``models.facts_reading``), so it can be known of a model
that was never downloaded. Weights are exact. The KV cache follows llama.cpp's own formula, but
what a load really takes is llama.cpp's to say: compute buffers are in no header.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models.gguf_types import STORAGE_TYPES
from models.tensor_roles import TensorRole

KvType = Literal["f16", "q8_0", "q4_0"]

_BY_NAME = {storage.name.lower(): storage for storage in STORAGE_TYPES.values()}
_KV_TYPES: tuple[KvType, ...] = ("f16", "q8_0", "q4_0")
_CELL_STEP = 256


@dataclass(frozen=True, slots=True)
class PartBytes:
    """Bytes of one layer's weights, by part."""

    attention: int = 0
    shared_experts: int = 0
    routed_experts: int = 0
    feed_forward: int = 0
    """Of a layer without experts."""
    other: int = 0

    @property
    def total(self) -> int:
        """All parts together."""
        return (
            self.attention
            + self.shared_experts
            + self.routed_experts
            + self.feed_forward
            + self.other
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFacts:
    """One layer of a model."""

    index: int
    bytes: PartBytes
    heads: int
    kv_heads: int
    key_length: int
    """Values of one head's key, as the KV cache keeps it."""
    value_length: int
    key_values: int
    """Values that the KV cache keeps as key of one token: 0 in a recurrent layer."""
    value_values: int
    """The same for the value: 0 with MLA, which keeps one latent vector as key."""
    window_tokens: int = 0
    """Tokens that attention looks back on; 0 when it sees the whole context."""
    experts_used: int = 0
    """Routed experts that compute each token in this layer; 0 when it has none."""
    largest_expert_bytes: int = 0
    """The largest tensor of routed experts: what a GPU borrows room for when it reads a prompt
    with experts that lie in RAM."""

    def kv_bytes_per_token(self, kv_type: KvType) -> int:
        """Bytes of KV cache that one token takes in this layer.

        key_values + value_values, each as a row of ``kv_type``, where key_values is the number
        of KV heads times the key's length and value_values likewise; with MLA there is no
        value. Source: llama_kv_cache's constructor in llama-kv-cache.cpp, n_embd_k_gqa() and
        n_embd_v_gqa() in llama-hparams.cpp (llama.cpp 0c1e57098). Without flash attention,
        values of unequal length are padded to the longest, which is not counted here.
        """
        storage = _BY_NAME[kv_type]
        return sum(
            -(-values // storage.block_size) * storage.block_bytes
            for values in (self.key_values, self.value_values)
        )

    def kv_cells(self, context_tokens: int, ubatch_tokens: int, *, full: bool = False) -> int:
        """Tokens that the KV cache of this layer has room for.

        The context, padded to 256; in a layer with a window no more than window and ubatch
        together, padded too, unless ``full`` asks for all of it. Source: llama_context's n_ctx
        and llama_kv_cache_iswa's constructor (llama.cpp 0c1e57098).
        """
        context = _padded(context_tokens)
        if self.window_tokens == 0 or full:
            return context
        return _padded(min(context, self.window_tokens + ubatch_tokens))

    def kv_bytes(
        self, kv_type: KvType, context_tokens: int, ubatch_tokens: int, *, full: bool = False
    ) -> int:
        """Bytes of this layer's KV cache for a context of so many tokens."""
        cells = self.kv_cells(context_tokens, ubatch_tokens, full=full)
        return cells * self.kv_bytes_per_token(kv_type)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """A model as placement sees it, all its files together."""

    architecture: str
    parameters: int
    vocabulary: int
    """Entries of the vocabulary; 0 when nothing tells."""
    trained_context_tokens: int
    """0 when the header does not say."""
    layers: tuple[LayerFacts, ...]
    prediction_layers: tuple[LayerFacts, ...] = ()
    """Layers that only predict several tokens at once: in the file, but not loaded."""
    experts: int = 0
    """Routed experts of a layer; 0 for a dense model."""
    experts_used: int = 0
    shared_experts: int = 0
    leading_dense_layers: int = 0
    """Layers before the first one with routed experts; 0 for a dense model."""
    kv_lora_rank: int = 0
    is_mla: bool = False
    """Whether the KV cache keeps one latent vector for each token instead of keys and values."""
    token_embedding_bytes: int
    output_bytes: int
    """The output head and what stands with it. With a tied embedding the head is a copy of the
    token embedding, which then counts here as well."""
    tied_embedding: bool
    weight_bytes: int
    """All weights in the files, prediction layers included, a tied embedding once."""
    types: Mapping[TensorRole, Mapping[str, int]]
    """Bytes by part and quantization type, prediction layers included."""

    @property
    def active_parameters(self) -> int:
        """Weights that compute a token.

        All but the routed experts that are not chosen, and the table in which tokens are only
        looked up; publishers count the same way, give or take that table. Of a dense model, all.
        """
        if not (self.experts and 0 < self.experts_used < self.experts):
            return self.parameters
        idle = self._weights(TensorRole.ROUTED_EXPERTS) * (self.experts - self.experts_used)
        looked_up = 0 if self.tied_embedding else self._weights(TensorRole.TOKEN_EMBEDDING)
        return self.parameters - idle // self.experts - looked_up

    @property
    def moe_layers(self) -> int:
        """Layers with routed experts."""
        return sum(1 for layer in self.layers if layer.bytes.routed_experts)

    @property
    def routed_expert_bytes(self) -> int:
        """All routed experts that are loaded."""
        return sum(layer.bytes.routed_experts for layer in self.layers)

    @property
    def kv_types(self) -> tuple[KvType, ...]:
        """The types that llama.cpp accepts for this model's KV cache, the exact one first.

        A quantized type must divide the length of every head's key and value into whole
        blocks. Source: llama_init_from_model (llama.cpp 0c1e57098).
        """
        return tuple(
            kv_type
            for kv_type in _KV_TYPES
            if all(
                length % _BY_NAME[kv_type].block_size == 0
                for layer in self.layers
                for length in (layer.key_length, layer.value_length)
            )
        )

    def kv_bytes(
        self, kv_type: KvType, context_tokens: int, ubatch_tokens: int, *, full: bool = False
    ) -> int:
        """Bytes of the whole KV cache for a context of so many tokens."""
        return sum(
            layer.kv_bytes(kv_type, context_tokens, ubatch_tokens, full=full)
            for layer in self.layers
        )

    def _weights(self, role: TensorRole) -> int:
        """How many weights a part has."""
        return sum(
            size // _BY_NAME[name.lower()].block_bytes * _BY_NAME[name.lower()].block_size
            for name, size in self.types.get(role, {}).items()
        )


def _padded(tokens: int) -> int:
    return -(-tokens // _CELL_STEP) * _CELL_STEP
