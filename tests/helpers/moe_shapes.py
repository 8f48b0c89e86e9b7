"""Shapes of MoE models: two small ones that run, and the published ones in full size.

What is written of each is what llama.cpp asks for: its own names of keys and tensors, in the
types of a Q4_K_M file (or what the shape says).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gguf import GGUFValueType

Key = tuple[str, object, GGUFValueType]


@dataclass(frozen=True)
class Tensor:
    """``shape`` begins with the length of a row, as llama.cpp counts it."""

    name: str
    shape: tuple[int, ...]
    type_name: str


@dataclass(frozen=True, kw_only=True)
class Mla:
    """Multi-head latent attention: one latent vector is kept instead of keys and values."""

    kv_rank: int
    plain: int
    """Values of a head's key without position."""
    rope: int
    value: int
    query_rank: int = 0
    """0 for a model whose queries are not compressed."""


@dataclass(frozen=True, kw_only=True)
class MoeShape:
    """All that decides the keys and tensors of a file."""

    name: str
    architecture: str
    layers: int
    embedding: int
    heads: int
    kv_heads: int
    head_length: int
    feed_forward: int
    experts: int
    experts_used: int
    expert_feed_forward: int
    vocabulary: int
    context: int
    shared_experts: int = 0
    leading_dense: int = 0
    mla: Mla | None = None
    window: int = 0
    sigmoid_gate: bool = False
    tied_embedding: bool = False
    main_type: str = "Q4_K"
    better_type: str = "Q6_K"
    """Of the output, and of values and down projections in the layers that need it most."""
    expert_type: str = ""
    """Of all experts; empty for the types above."""

    def with_types(self, main: str, better: str | None = None) -> "MoeShape":
        """The same model in other types."""
        return replace(self, main_type=main, better_type=better or main)

    def metadata(self) -> Iterator[Key]:
        """The metadata that belongs to the architecture; the tokenizer's is not among it."""
        for name, number in self._numbers().items():
            yield f"{self.architecture}.{name}", number, GGUFValueType.UINT32
        for name, figure in {
            "attention.layer_norm_rms_epsilon": 1e-6,
            "rope.freq_base": 10000.0 if self.mla else 1000000.0,
        }.items():
            yield f"{self.architecture}.{name}", figure, GGUFValueType.FLOAT32
        if self.architecture == "qwen3vlmoe":
            sections = [12, 10, 10, 0]  # of time, rows and columns: half of a head's length
            yield f"{self.architecture}.rope.dimension_sections", sections, GGUFValueType.ARRAY
        if self.mla:
            scale = 2.5 if self.sigmoid_gate else 1.0
            yield f"{self.architecture}.expert_weights_scale", scale, GGUFValueType.FLOAT32
            normal = self.sigmoid_gate
            yield f"{self.architecture}.expert_weights_norm", normal, GGUFValueType.BOOL
            gate = 2 if self.sigmoid_gate else 1
            yield f"{self.architecture}.expert_gating_func", gate, GGUFValueType.UINT32

    def _numbers(self) -> dict[str, int]:
        numbers = {
            "context_length": self.context,
            "embedding_length": self.embedding,
            "block_count": self.layers,
            "feed_forward_length": self.feed_forward,
            "vocab_size": self.vocabulary,
            "attention.head_count": self.heads,
            "attention.head_count_kv": self.kv_heads,
            "attention.key_length": self.head_length,
            "attention.value_length": self.head_length,
            "expert_count": self.experts,
            "expert_used_count": self.experts_used,
            "expert_feed_forward_length": self.expert_feed_forward,
        }
        if self.window:
            numbers["attention.sliding_window"] = self.window
        if mla := self.mla:
            numbers |= {
                "attention.key_length": mla.kv_rank + mla.rope,
                "attention.value_length": mla.kv_rank,
                "attention.key_length_mla": mla.plain + mla.rope,
                "attention.value_length_mla": mla.value,
                "attention.kv_lora_rank": mla.kv_rank,
                "rope.dimension_count": mla.rope,
                "expert_shared_count": self.shared_experts,
                "leading_dense_block_count": self.leading_dense,
            }
            if mla.query_rank:
                numbers["attention.q_lora_rank"] = mla.query_rank
        return numbers

    # --- tensors ---------------------------------------------------------------------------

    def tensors(self) -> Iterator[Tensor]:
        """The tensor table in order."""
        width, vocabulary = self.embedding, self.vocabulary
        yield self._weights("token_embd", self.main_type, width, vocabulary)
        yield Tensor("output_norm.weight", (width,), "F32")
        if not self.tied_embedding:
            yield self._weights("output", self.better_type, width, vocabulary)
        for layer in range(self.layers):
            parts = [self._latent_attention if self.mla else self._attention]
            parts.append(self._dense if layer < self.leading_dense else self._experts)
            for part in parts:
                for tensor in part(self._type_of(layer)):
                    yield replace(tensor, name=f"blk.{layer}.{tensor.name}")

    def _type_of(self, layer: int) -> str:
        """The better type in the first and last eighth and every third layer between."""
        eighth = self.layers // 8
        inner = (layer - eighth) % 3 == 2
        needs_more = layer < eighth or layer >= 7 * self.layers // 8 or inner
        return self.better_type if needs_more else self.main_type

    def _attention(self, better: str) -> Iterator[Tensor]:
        width, length = self.embedding, self.head_length
        queries, keys = self.heads * length, self.kv_heads * length
        yield Tensor("attn_norm.weight", (width,), "F32")
        yield self._weights("attn_q", self.main_type, width, queries)
        yield self._weights("attn_k", self.main_type, width, keys)
        yield self._weights("attn_v", better, width, keys)
        yield self._weights("attn_output", self.main_type, queries, width)
        if self.architecture == "gpt-oss":
            for name, size in (("q", queries), ("k", keys), ("v", keys), ("output", width)):
                yield Tensor(f"attn_{name}.bias", (size,), "F32")
            yield Tensor("attn_sinks.weight", (self.heads,), "F32")
            yield Tensor("post_attention_norm.weight", (width,), "F32")
            return
        yield Tensor("attn_q_norm.weight", (length,), "F32")
        yield Tensor("attn_k_norm.weight", (length,), "F32")
        yield Tensor("ffn_norm.weight", (width,), "F32")

    def _latent_attention(self, better: str) -> Iterator[Tensor]:
        assert self.mla
        width, mla = self.embedding, self.mla
        queries = self.heads * (mla.plain + mla.rope)
        yield Tensor("attn_norm.weight", (width,), "F32")
        if mla.query_rank:
            yield self._weights("attn_q_a", self.main_type, width, mla.query_rank)
            yield Tensor("attn_q_a_norm.weight", (mla.query_rank,), "F32")
            yield self._weights("attn_q_b", self.main_type, mla.query_rank, queries)
        else:
            yield self._weights("attn_q", self.main_type, width, queries)
        yield self._weights("attn_kv_a_mqa", self.main_type, width, mla.kv_rank + mla.rope)
        yield Tensor("attn_kv_a_norm.weight", (mla.kv_rank,), "F32")
        yield self._weights("attn_k_b", "Q8_0", mla.plain, mla.kv_rank, self.heads)
        yield self._weights("attn_v_b", "Q8_0", mla.kv_rank, mla.value, self.heads)
        yield self._weights("attn_output", self.main_type, self.heads * mla.value, width)
        yield Tensor("ffn_norm.weight", (width,), "F32")

    def _dense(self, better: str) -> Iterator[Tensor]:
        yield from self._three("ffn_{}", self.main_type, better, self.feed_forward)

    def _experts(self, better: str) -> Iterator[Tensor]:
        yield Tensor("ffn_gate_inp.weight", (self.embedding, self.experts), "F32")
        if self.sigmoid_gate:
            yield Tensor("exp_probs_b.bias", (self.experts,), "F32")
        inner = self.expert_feed_forward
        main = self.expert_type or self.main_type
        yield from self._three("ffn_{}_exps", main, self.expert_type or better, inner, self.experts)
        if self.architecture == "gpt-oss":
            yield Tensor("ffn_gate_inp.bias", (self.experts,), "F32")
            for name, size in (("gate", inner), ("up", inner), ("down", self.embedding)):
                yield Tensor(f"ffn_{name}_exps.bias", (size, self.experts), "F32")
        if self.shared_experts:
            yield from self._three(
                "ffn_{}_shexp", self.main_type, better, inner * self.shared_experts
            )

    def _three(self, name: str, main: str, better: str, inner: int, *more: int) -> Iterator[Tensor]:
        yield self._weights(name.format("gate"), main, self.embedding, inner, *more)
        yield self._weights(name.format("up"), main, self.embedding, inner, *more)
        yield self._weights(name.format("down"), better, inner, self.embedding, *more)

    @staticmethod
    def _weights(name: str, type_name: str, *shape: int) -> Tensor:
        """A row that is no whole number of blocks gets the type that llama.cpp then takes."""
        if shape[0] % 256:
            type_name = {"Q4_K": "Q5_0", "Q6_K": "Q8_0"}.get(type_name, type_name)
        if shape[0] % 32:
            type_name = "F16"
        return Tensor(f"{name}.weight", shape, type_name)


# --- small ones that run; their vocabulary is the starter model's ----------------------------

SMALL_DEEPSEEK2 = MoeShape(
    name="Small DeepSeek2", architecture="deepseek2", layers=6, embedding=256, heads=4,
    kv_heads=1, head_length=0, feed_forward=512, experts=16, experts_used=4,
    expert_feed_forward=256, vocabulary=49152, context=4096, shared_experts=1, leading_dense=1,
    mla=Mla(kv_rank=224, plain=32, rope=32, value=64, query_rank=256), sigmoid_gate=True,
    tied_embedding=True, better_type="Q8_0",
)  # fmt: skip

SMALL_QWEN3MOE = MoeShape(
    name="Small Qwen3 MoE", architecture="qwen3moe", layers=6, embedding=256, heads=4,
    kv_heads=2, head_length=64, feed_forward=512, experts=16, experts_used=4,
    expert_feed_forward=256, vocabulary=49152, context=4096, tied_embedding=True,
    better_type="Q8_0",
)  # fmt: skip

SMALL_QWEN3VLMOE = replace(
    SMALL_QWEN3MOE, name="Small Qwen3 VL MoE", architecture="qwen3vlmoe"
)  # fmt: skip
"""Goes with a projector; positions have rows and columns."""

SMALL_GPT_OSS = replace(
    SMALL_QWEN3MOE, name="Small gpt-oss", architecture="gpt-oss", feed_forward=256, window=64,
    tied_embedding=False, main_type="Q8_0",
)  # fmt: skip
"""Every second layer attends to the last 64 tokens only."""
SMALL = (SMALL_DEEPSEEK2, SMALL_QWEN3MOE)

# --- published shapes, from each model's config.json -----------------------------------------

DEEPSEEK_V3 = MoeShape(
    name="DeepSeek-V3 671B", architecture="deepseek2", layers=61, embedding=7168, heads=128,
    kv_heads=1, head_length=0, feed_forward=18432, experts=256, experts_used=8,
    expert_feed_forward=2048, vocabulary=129280, context=163840, shared_experts=1,
    leading_dense=3, mla=Mla(kv_rank=512, plain=128, rope=64, value=128, query_rank=1536),
    sigmoid_gate=True,
)  # fmt: skip

DEEPSEEK_V2_LITE = MoeShape(
    name="DeepSeek-V2-Lite", architecture="deepseek2", layers=27, embedding=2048, heads=16,
    kv_heads=1, head_length=0, feed_forward=10944, experts=64, experts_used=6,
    expert_feed_forward=1408, vocabulary=102400, context=163840, shared_experts=2,
    leading_dense=1, mla=Mla(kv_rank=512, plain=128, rope=64, value=128),
)  # fmt: skip

QWEN3_235B = MoeShape(
    name="Qwen3-235B-A22B", architecture="qwen3moe", layers=94, embedding=4096, heads=64,
    kv_heads=4, head_length=128, feed_forward=12288, experts=128, experts_used=8,
    expert_feed_forward=1536, vocabulary=151936, context=40960,
)  # fmt: skip

QWEN3_30B = MoeShape(
    name="Qwen3-30B-A3B", architecture="qwen3moe", layers=48, embedding=2048, heads=32,
    kv_heads=4, head_length=128, feed_forward=6144, experts=128, experts_used=8,
    expert_feed_forward=768, vocabulary=151936, context=40960,
)  # fmt: skip

GPT_OSS_120B = MoeShape(
    name="gpt-oss-120b", architecture="gpt-oss", layers=36, embedding=2880, heads=64, kv_heads=8,
    head_length=64, feed_forward=2880, experts=128, experts_used=4, expert_feed_forward=2880,
    vocabulary=201088, context=131072, window=128, main_type="Q8_0", better_type="Q8_0",
    expert_type="MXFP4",
)  # fmt: skip

FULL = (DEEPSEEK_V3, QWEN3_235B, GPT_OSS_120B, QWEN3_30B, DEEPSEEK_V2_LITE)
