"""Headers of MoE models as pieces that tests can change, with holes for their weights.

Small ones have a tokenizer of their own and can be loaded; what they say means nothing. The
sparse ones have published shapes and no tokenizer.
"""

import functools
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.gguf_types import STORAGE_TYPES
from tests.helpers import moe_shapes
from tests.helpers.gguf_bytes import F32, I32, STRING, U16, U32, Gguf, Tensor, array, string, value
from tests.helpers.moe_models import tensor_bytes
from tests.helpers.moe_shapes import MoeShape

VOCABULARY = 1536
"""More than a reader keeps of an array, so that both ways of reading one are taken."""
_NUMBERS = {storage.name: number for number, storage in STORAGE_TYPES.items()}
_BYTE = 6
_TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}"
_SPLIT = 3
_MOST_BYTES = 1 << 60
"""Of one tensor: the offsets behind some of these can still be written."""


@dataclass(frozen=True)
class Draft:
    """The files of a model to be."""

    base: str
    parts: tuple[Gguf, ...]
    name: str = "model"
    data_sizes: tuple[int | None, ...] = ()
    """Bytes of the hole behind each header; None and those absent: what the table asks for."""
    headers: tuple[bytes, ...] = ()
    """Written in place of what the parts make, where there is one."""
    absent: frozenset[int] = frozenset()
    """Parts that are not written."""

    @property
    def is_small(self) -> bool:
        """Whether it may be loaded for real."""
        return self.base.startswith("small")

    def write(self, folder: Path) -> Path:
        """Write all files; returns the first one's path."""
        count = len(self.parts)
        paths = []
        for number, part in enumerate(self.parts):
            ending = f"-{number + 1:05d}-of-{count:05d}" if count > 1 else ""
            path = folder / f"{self.name}{ending}.gguf"
            paths.append(path)
            if number in self.absent:
                continue
            content = self.headers[number] if self.headers else part.header()
            content += bytes(-len(content) % part.alignment)
            size = self.data_sizes[number] if self.data_sizes else None
            with path.open("wb") as file:
                file.write(content)
                file.truncate(len(content) + (data_size(part) if size is None else size))
        return paths[0]

    def with_part(self, number: int, part: Gguf) -> "Draft":
        """The same with another part."""
        parts = list(self.parts)
        parts[number] = part
        return replace(self, parts=tuple(parts))

    def with_keys(self, **changes: bytes | None) -> "Draft":
        """The same with keys of the first part set or, for None, left out; see ``Gguf``.

        A name that begins with ``__`` belongs to the architecture.
        """
        prefix = self.architecture
        named = {
            f"{prefix}{key}" if key.startswith("__") else key: content
            for key, content in changes.items()
        }
        return self.with_part(0, self.parts[0].with_keys(**named))

    def with_tensors(self, tensors: Sequence[Tensor]) -> "Draft":
        """The same with another table in the first part."""
        return self.with_part(0, replace(self.parts[0], tensors=tuple(tensors)))

    @property
    def architecture(self) -> str:
        """As the first part names it; empty when an earlier lie took the name away."""
        named = self.parts[0].keys.get("general.architecture", b"")
        return named[12:].decode("utf-8", "replace")


def data_size(part: Gguf) -> int:
    """Bytes of the weights that a table asks for, as far as they can be had of a disk."""
    total = sum(-(-max(tensor.size, 0) // part.alignment) * part.alignment
                for tensor in part.tensors)  # fmt: skip
    return min(total, 1 << 43)


def sized(tensor: Tensor) -> Tensor:
    """The tensor with the bytes that its shape and type come to, as far as that makes sense."""
    storage = STORAGE_TYPES.get(tensor.type_number)
    if storage is None or not tensor.shape:
        return tensor
    elements = 1
    for length in tensor.shape:
        elements *= max(length, 0)
    size = elements // storage.block_size * storage.block_bytes
    return replace(tensor, size=min(size, _MOST_BYTES))


@functools.cache
def draft_of(shape: MoeShape, base: str, parts: int = 1) -> Draft:
    """The header of a shape, in several files if so wished."""
    keys = {
        "general.architecture": value(STRING, shape.architecture),
        "general.name": value(STRING, shape.name),
    }
    for key, content, kind in shape.metadata():
        keys[key] = value(int(kind), content)
    keys |= _tokenizer() if base.startswith("small") else {
        "tokenizer.ggml.model": value(STRING, "no_vocab")
    }  # fmt: skip
    tensors = [
        Tensor(each.name, each.shape, _NUMBERS[each.type_name], tensor_bytes(each))
        for each in shape.tensors()
    ]
    if parts == 1:
        return Draft(base, (Gguf(keys, tensors),))
    each = -(-len(tensors) // parts)
    return Draft(
        base,
        tuple(
            Gguf(
                {
                    **(keys if number == 0 else {}),
                    "split.no": value(U16, number),
                    "split.count": value(U16, parts),
                    "split.tensors.count": value(I32, len(tensors)),
                },
                tensors[number * each : (number + 1) * each],
            )
            for number in range(parts)
        ),
    )


@functools.cache
def _tokenizer() -> dict[str, bytes]:
    """SentencePiece with all bytes and some words of nonsense."""
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{number:02X}>" for number in range(256))]
    tokens += [f"▁t{number}" for number in range(VOCABULARY - len(tokens))]
    types = [2, 3, 3, *[_BYTE] * 256]
    types += [1] * (VOCABULARY - len(types))
    listed = struct.pack("<IIQ", 9, STRING, len(tokens)) + b"".join(map(string, tokens))
    return {
        "tokenizer.ggml.model": value(STRING, "llama"),
        "tokenizer.ggml.tokens": listed,
        "tokenizer.ggml.scores": array(F32, [-float(number) for number in range(VOCABULARY)]),
        "tokenizer.ggml.token_type": array(I32, types),
        "tokenizer.ggml.bos_token_id": value(U32, 1),
        "tokenizer.ggml.eos_token_id": value(U32, 2),
        "tokenizer.chat_template": value(STRING, _TEMPLATE),
    }


def _little(shape: MoeShape) -> MoeShape:
    return replace(
        shape, layers=3, experts=4, experts_used=2, vocabulary=VOCABULARY, tied_embedding=False
    )


def small_deepseek2() -> Draft:
    """Latent attention, a dense layer, shared experts."""
    return draft_of(_little(moe_shapes.SMALL_DEEPSEEK2), "small deepseek2")


def small_qwen3moe() -> Draft:
    """Grouped attention, experts in all layers."""
    return draft_of(_little(moe_shapes.SMALL_QWEN3MOE), "small qwen3moe")


def small_split() -> Draft:
    """In three files."""
    return draft_of(_little(moe_shapes.SMALL_QWEN3MOE), "small split", _SPLIT)


def sparse_bases() -> tuple[Draft, ...]:
    """Published shapes, one of them in three files."""
    return (
        draft_of(moe_shapes.DEEPSEEK_V3, "sparse DeepSeek-V3", _SPLIT),
        draft_of(moe_shapes.GPT_OSS_120B, "sparse gpt-oss-120b"),
        draft_of(moe_shapes.QWEN3_30B, "sparse Qwen3-30B"),
        draft_of(moe_shapes.DEEPSEEK_V2_LITE, "sparse V2-Lite"),
    )
