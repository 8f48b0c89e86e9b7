"""Facts of the models of the verdict table, in every quantization that it names.

Shapes are the published ones, in the types of each quantization; the bytes of all parts are
then scaled alike, so that together they are the file's size in the table. (A file of the same
label differs by a few per cent from one maker to the next.)
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from models.facts import LayerFacts, ModelFacts, PartBytes
from models.facts_reading import read_facts
from models.gguf_header import GgufHeader, GgufTensor
from models.gguf_types import STORAGE_TYPES
from tests.helpers.moe_models import tensor_bytes
from tests.helpers.moe_shapes import (
    DEEPSEEK_V2_LITE,
    DEEPSEEK_V3,
    GPT_OSS_120B,
    QWEN3_30B,
    QWEN3_235B,
    Key,
    MoeShape,
    Tensor,
)
from tests.helpers.verdict_table import read_table

_NUMBERS = {storage.name: number for number, storage in STORAGE_TYPES.items()}
_TYPES = {
    "Q2_K": ("Q2_K", "Q3_K"), "Q2_K_L": ("Q2_K", "Q3_K"), "Q3_K_M": ("Q3_K", "Q4_K"),
    "Q4_K_M": ("Q4_K", "Q6_K"), "Q5_K_M": ("Q5_K", "Q6_K"), "Q6_K": ("Q6_K", "Q6_K"),
    "Q8_0": ("Q8_0", "Q8_0"), "F16": ("F16", "F16"), "MXFP4": ("Q8_0", "Q8_0"),
}  # fmt: skip
"""Main and better type by label."""
_INSTEAD = {
    "Q2_K": "Q4_0", "Q3_K": "Q4_0", "Q4_K": "Q5_0", "Q5_K": "Q5_1", "Q6_K": "Q8_0",
}  # fmt: skip
"""For rows that are no whole number of 256: tensor_type_fallback in llama-quant.cpp."""


@dataclass(frozen=True, kw_only=True)
class _Shape(MoeShape):
    """The shapes that the real files of the tests do not need: dense ones, and GLM-4.5."""

    prediction_layers: int = 0

    def metadata(self) -> Iterator[Key]:
        for key, value, kind in super().metadata():
            if self.experts or "expert" not in key:
                yield key, value, kind

    def _numbers(self) -> dict[str, int]:
        extra = {
            "expert_shared_count": self.shared_experts,
            "leading_dense_block_count": self.leading_dense if self.experts else 0,
            "nextn_predict_layers": self.prediction_layers,
        }
        return super()._numbers() | {name: number for name, number in extra.items() if number}

    def tensors(self) -> Iterator[Tensor]:
        for tensor in super().tensors():
            if tensor.name == "token_embd.weight" and self.tied_embedding:
                # It is the output head as well, which gets the better type.
                yield self._weights("token_embd", self.better_type, *tensor.shape)
            else:
                yield tensor
        width = self.embedding
        for layer in range(self.layers - self.prediction_layers, self.layers):
            name = f"blk.{layer}.nextn."
            yield self._weights(f"{name}eh_proj", self.main_type, 2 * width, width)
            yield self._weights(f"{name}embed_tokens", self.main_type, width, self.vocabulary)
            yield self._weights(f"{name}shared_head_head", self.main_type, width, self.vocabulary)

    def _attention(self, better: str) -> Iterator[Tensor]:
        has_biases = self.architecture in ("qwen2", "glm4moe")
        for tensor in super()._attention(better):
            if not (has_biases and tensor.name in ("attn_q_norm.weight", "attn_k_norm.weight")):
                yield tensor
        if has_biases:
            keys = self.kv_heads * self.head_length
            for name, size in (("q", self.heads * self.head_length), ("k", keys), ("v", keys)):
                yield Tensor(f"attn_{name}.bias", (size,), "F32")

    @staticmethod
    def _weights(name: str, type_name: str, *shape: int) -> Tensor:
        if shape[0] % STORAGE_TYPES[_NUMBERS[type_name]].block_size:
            type_name = _INSTEAD[type_name]
        return Tensor(f"{name}.weight", shape, type_name)


def _same(shape: MoeShape, **changes: Any) -> _Shape:
    return _Shape(**{each.name: getattr(shape, each.name) for each in fields(shape)} | changes)


def _dense(name: str, architecture: str, layers: int, **sizes: Any) -> _Shape:
    return _Shape(
        name=name, architecture=architecture, layers=layers, leading_dense=layers, experts=0,
        experts_used=0, expert_feed_forward=0, kv_heads=8, head_length=128, **sizes,
    )  # fmt: skip


# From each model's published config.json.
_SHAPES = {
    shape.name: shape
    for shape in (
        _dense("Qwen3-0.6B", "qwen3", 28, embedding=1024, heads=16, feed_forward=3072,
               vocabulary=151936, context=40960, tied_embedding=True),
        _dense("Qwen3-4B", "qwen3", 36, embedding=2560, heads=32, feed_forward=9728,
               vocabulary=151936, context=40960, tied_embedding=True),
        _dense("R1-Distill-Qwen-14B", "qwen2", 48, embedding=5120, heads=40, feed_forward=13824,
               vocabulary=152064, context=131072),
        _dense("R1-Distill-Qwen-32B", "qwen2", 64, embedding=5120, heads=40, feed_forward=27648,
               vocabulary=152064, context=131072),
        _same(DEEPSEEK_V2_LITE),
        _same(GPT_OSS_120B, name="gpt-oss-20b", layers=24, experts=32),
        _same(QWEN3_30B),
        _same(GPT_OSS_120B),
        _Shape(name="GLM-4.5-Air", architecture="glm4moe", layers=47, prediction_layers=1,
               embedding=4096, heads=96, kv_heads=8, head_length=128, feed_forward=10944,
               experts=128, experts_used=8, expert_feed_forward=1408, vocabulary=151552,
               context=131072, shared_experts=1, leading_dense=1, sigmoid_gate=True),
        _same(QWEN3_235B),
        _same(DEEPSEEK_V3, name="DeepSeek-V3"),
    )
}  # fmt: skip


@functools.cache
def facts_for(model_name: str, label: str) -> ModelFacts:
    """Facts of a model of the table, with the weights that its file has in this quantization."""
    quantizations = _table()["models"][model_name]["quantizations"]
    sizes = {each["label"]: each["bytes"] for each in quantizations}
    main, better = _TYPES[label]
    shape = _SHAPES[model_name]
    if shape.expert_type and main.endswith("_K"):
        main = better = "Q5_0"  # rows of 2,880: experts stay in MXFP4, all else becomes this
    return scaled(read_facts([_header(shape.with_types(main, better))]), sizes[label])


@functools.cache
def _table() -> dict[str, Any]:
    return read_table()


def _header(shape: MoeShape) -> GgufHeader:
    """What the header reader would find in a file of this shape."""
    metadata: dict[str, Any] = {"general.architecture": shape.architecture}
    metadata |= {key: value for key, value, _kind in shape.metadata()}
    tensors, offset = [], 0
    for tensor in shape.tensors():
        size = tensor_bytes(tensor)
        number = _NUMBERS[tensor.type_name]
        tensors.append(GgufTensor(tensor.name, tensor.shape, number, offset, size))
        offset += size
    return GgufHeader(
        file_name=shape.name, version=3, metadata=metadata, tensors=tuple(tensors),
        header_bytes=0, header_sha256="", alignment=32, data_offset=0,
    )  # fmt: skip


# --- scaling ---------------------------------------------------------------------------------


def scaled(facts: ModelFacts, weight_bytes: int) -> ModelFacts:
    """The same model with every part scaled, so that all weights take ``weight_bytes``."""
    factor = weight_bytes / facts.weight_bytes

    def part(size: int) -> int:
        return round(size * factor)

    def layers(old: tuple[LayerFacts, ...]) -> tuple[LayerFacts, ...]:
        return tuple(
            replace(
                layer,
                bytes=PartBytes(**{
                    each.name: part(getattr(layer.bytes, each.name)) for each in fields(PartBytes)
                }),
                largest_expert_bytes=part(layer.largest_expert_bytes),
            )
            for layer in old
        )  # fmt: skip

    changed = replace(
        facts,
        layers=layers(facts.layers),
        prediction_layers=layers(facts.prediction_layers),
        token_embedding_bytes=part(facts.token_embedding_bytes),
        output_bytes=part(facts.output_bytes),
        types={
            role: {name: part(size) for name, size in sizes.items()}
            for role, sizes in facts.types.items()
        },
    )
    return replace(changed, weight_bytes=all_weights(changed))


def all_weights(facts: ModelFacts) -> int:
    """What the weights of the parts add up to."""
    layers = (*facts.layers, *facts.prediction_layers)
    twice = facts.token_embedding_bytes if facts.tied_embedding else 0
    outside = facts.token_embedding_bytes + facts.output_bytes - twice
    return sum(layer.bytes.total for layer in layers) + outside
