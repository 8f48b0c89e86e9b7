"""Quantizations of one model as a publisher uploads them: real headers, holes for weights.

Keys stand in the order of real files: the model's first, then the vocabulary, then what a
program that quantizes appends.
"""

import functools
import struct
from collections.abc import Mapping
from pathlib import Path

from models.gguf_types import FILE_TYPES, STORAGE_TYPES
from models.quantization import main_type_of
from tests.helpers.gguf_bytes import ARRAY, I32, STRING, U32, Gguf, Tensor, string, value
from tests.helpers.moe_models import tensor_bytes
from tests.helpers.moe_shapes import MoeShape

_NUMBERS = {storage.name: number for number, storage in STORAGE_TYPES.items()}
_FILE_TYPES = {name: number for number, name in FILE_TYPES.items()}
_ALIGNMENT = 32


def quantization(
    shape: MoeShape,
    label: str,
    *,
    vocabulary: int = 0,
    before: Mapping[str, bytes] | None = None,
    after: Mapping[str, bytes] | None = None,
) -> Gguf:
    """The file of ``shape`` in the quantization called ``label``.

    ``vocabulary`` is how many tokens are listed, 0 for as many as the shape has.
    """
    main = main_type_of(label)
    typed = shape.with_types(main, main)
    keys = {
        "general.architecture": value(STRING, shape.architecture),
        "general.name": value(STRING, shape.name),
        **(before or {}),
    }
    for key, content, kind in typed.metadata():
        keys[key] = value(int(kind), content)
    keys |= _vocabulary(vocabulary or shape.vocabulary)
    keys["general.quantization_version"] = value(U32, 2)
    keys["general.file_type"] = value(U32, _FILE_TYPES.get(label, 15))
    keys |= after or {}
    tensors = [
        Tensor(each.name, each.shape, _NUMBERS[each.type_name], tensor_bytes(each))
        for each in typed.tensors()
    ]
    return Gguf(keys, tensors)


def size_of(file: Gguf) -> int:
    """Bytes of the whole file."""
    size = _padded(len(file.header()))
    return size + sum(_padded(tensor.size) for tensor in file.tensors)


def write_sparse_file(file: Gguf, path: Path) -> Path:
    """Write the header and a hole for the weights."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        stream.write(file.header())
        stream.truncate(size_of(file))
    return path


@functools.cache
def _vocabulary(count: int) -> dict[str, bytes]:
    tokens = b"".join(string(f"tok{number * 7919 % 1_000_003}") for number in range(count))
    merges = b"".join(string(f"to{number % 977} k{number}") for number in range(count - 200))
    return {
        "tokenizer.ggml.model": value(STRING, "gpt2"),
        "tokenizer.ggml.pre": value(STRING, "qwen2"),
        "tokenizer.ggml.tokens": struct.pack("<IIQ", ARRAY, STRING, count) + tokens,
        "tokenizer.ggml.token_type": struct.pack("<IIQ", ARRAY, I32, count)
        + struct.pack("<i", 1) * count,
        "tokenizer.ggml.merges": struct.pack("<IIQ", ARRAY, STRING, count - 200) + merges,
        "tokenizer.ggml.eos_token_id": value(U32, 1),
        "tokenizer.chat_template": value(STRING, "{{ messages }}" * 300),
    }


def _padded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
