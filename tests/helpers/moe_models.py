"""Writes MoE models: small and large ones that llama.cpp runs, and full-size sparse ones."""

import functools
import math
import struct
from pathlib import Path
from typing import BinaryIO

import gguf
import numpy as np
from numpy.typing import NDArray

from models.gguf_types import STORAGE_TYPES, StorageType
from tests.helpers.gguf_bytes import ARRAY, SCALAR_FORMATS, STRING
from tests.helpers.gguf_edit import read_header
from tests.helpers.moe_shapes import MoeShape, Tensor
from tests.helpers.worker_process import STARTER

_ALIGNMENT = 32
_BY_NAME = {storage.name: (number, storage) for number, storage in STORAGE_TYPES.items()}
_CONTROL = 3
"""A token's type in GGUF files: no text, such as the end of a turn."""
_UNUSED = 5
"""The type of a token that no text has."""
_TOKENS, _TYPES = "tokenizer.ggml.tokens", "tokenizer.ggml.token_type"
_POOL_BYTES = 32 * 2**20
"""Random blocks that are repeated in a large model: more than any processor's cache."""
Bytes = NDArray[np.uint8]
_Value = tuple[object, gguf.GGUFValueType, gguf.GGUFValueType | None]


def write_model(shape: MoeShape, path: Path, seed: int = 1) -> Path:
    """Write a model with random weights, the same ones for the same seed.

    Its tokenizer and chat template are the starter model's, whose vocabulary it must have. What
    it says means nothing, but it never ends a turn by itself: control tokens have no weights.
    """
    generator = np.random.default_rng(seed)
    writer = _begin(shape, path)
    tokenizer = _starter_tokenizer(STARTER)
    control = _silent_tokens(tokenizer)
    for key, (value, kind, inner) in tokenizer.items():
        writer.add_key_value(key, value, kind, inner)
    for tensor in shape.tensors():
        data = _weights(tensor, generator)
        if tensor.name in ("token_embd.weight", "output.weight"):
            _silence(data, tensor.type_name, control)
        writer.add_tensor(tensor.name, data, raw_dtype=_raw(tensor))
    writer.write_header_to_file(path)
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_large(shape: MoeShape, path: Path, seed: int = 1, tokenizer: Path = STARTER) -> Path:
    """Write a model of many GiB with random weights, as fast as the disk takes it.

    Large parts repeat the same random blocks. ``tokenizer`` needs the starter model's header
    only; a larger vocabulary is filled up with tokens that no text has.
    """
    generator = np.random.default_rng(seed)
    writer = _begin(shape, path)
    keys = _filled_up(_starter_tokenizer(tokenizer), shape.vocabulary)
    silent = _silent_tokens(keys)
    for key, (value, kind, inner) in keys.items():
        writer.add_key_value(key, value, kind, inner)
    tensors = list(shape.tensors())
    for tensor in tensors:
        writer.add_tensor_info(
            tensor.name, tensor.shape[::-1], np.dtype(np.float16), tensor_bytes(tensor),
            _raw(tensor),
        )  # fmt: skip
    writer.write_header_to_file(path)
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    pools: dict[tuple[str, int], Bytes] = {}
    with path.open("r+b") as file:
        file.seek(_padded(file.seek(0, 2)))
        for tensor in tensors:
            if "_exps." in tensor.name and tensor_bytes(tensor) > _POOL_BYTES:
                _write_repeated(file, tensor, pools, generator)
            else:
                data = _weights(tensor, generator)
                if tensor.name in ("token_embd.weight", "output.weight"):
                    _silence(data, tensor.type_name, silent)
                file.write(data.tobytes())
            file.write(bytes(-file.tell() % _ALIGNMENT))
    return path


def _write_repeated(
    file: BinaryIO,
    tensor: Tensor,
    pools: dict[tuple[str, int], Bytes],
    generator: np.random.Generator,
) -> None:
    """Fill a tensor with blocks of its type's pool, from another place on each time."""
    storage = _BY_NAME[tensor.type_name][1]
    kind = (tensor.type_name, tensor.shape[0])
    if kind not in pools:
        count = _POOL_BYTES // storage.block_bytes
        pools[kind] = _BLOCKS[kind[0]](storage, count, 1 / math.sqrt(kind[1]), generator)
    pool = pools[kind]
    left = tensor_bytes(tensor)
    while left:
        begin = int(generator.integers(len(pool)))
        piece = pool[begin : begin + left // storage.block_bytes]
        file.write(piece.tobytes())
        left -= piece.nbytes


def write_sparse(shape: MoeShape, folder: Path, *, parts: int = 1) -> list[Path]:
    """Write the files of a full-size model whose weights are holes, in ``parts`` files.

    They take the room of their headers only, as long as nobody copies them naively. Without a
    tokenizer: llama.cpp loads them, but there is no text to be had.
    """
    tensors = list(shape.tensors())
    path = folder / f"{shape.name.replace(' ', '-')}.gguf"
    most = -(-len(tensors) // parts) if parts > 1 else 0
    writer = _begin(shape, path, split_max_tensors=most)
    writer.add_string("tokenizer.ggml.model", "no_vocab")
    for tensor in tensors:
        writer.add_tensor_info(
            tensor.name, tensor.shape[::-1], np.dtype(np.float16), tensor_bytes(tensor),
            _raw(tensor),
        )  # fmt: skip
    writer.write_header_to_file(path)
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    paths = sorted(folder.glob(f"{path.stem}*.gguf"))
    assert len(paths) == parts
    for number, part in enumerate(paths):
        held = tensors[number * most : (number + 1) * most] if most else tensors
        with part.open("r+b") as file:
            end = _padded(part.stat().st_size)
            file.truncate(end + sum(_padded(tensor_bytes(tensor)) for tensor in held))
    return paths


def tensor_bytes(tensor: Tensor) -> int:
    """Bytes of a tensor's weights."""
    storage = _BY_NAME[tensor.type_name][1]
    return math.prod(tensor.shape) // storage.block_size * storage.block_bytes


def _begin(shape: MoeShape, path: Path, *, split_max_tensors: int = 0) -> gguf.GGUFWriter:
    writer = gguf.GGUFWriter(path, shape.architecture, split_max_tensors=split_max_tensors)
    writer.add_name(shape.name)
    for key, value, kind in shape.metadata():
        inner = gguf.GGUFValueType.INT32 if kind is gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(key, value, kind, inner)
    return writer


def _padded(position: int) -> int:
    return -(-position // _ALIGNMENT) * _ALIGNMENT


def _raw(tensor: Tensor) -> gguf.GGMLQuantizationType:
    return gguf.GGMLQuantizationType(_BY_NAME[tensor.type_name][0])


# --- weights ---------------------------------------------------------------------------------


def _weights(tensor: Tensor, generator: np.random.Generator) -> NDArray[np.generic]:
    """Random weights that keep the size of what passes through them."""
    rows = tensor.shape[::-1]
    if len(tensor.shape) == 1:
        near_one = 1 + 0.05 * generator.standard_normal(rows, np.float32)
        return near_one if tensor.name.endswith("norm.weight") else near_one - 1
    deviation = 1 / math.sqrt(tensor.shape[0])
    if tensor.type_name in ("F32", "F16"):
        plain = deviation * generator.standard_normal(rows, np.float32)
        return plain if tensor.type_name == "F32" else plain.astype(np.float16)
    storage = _BY_NAME[tensor.type_name][1]
    count = math.prod(tensor.shape) // storage.block_size
    blocks = _BLOCKS[tensor.type_name](storage, count, deviation, generator)
    return blocks.reshape(*rows[:-1], -1)


def _begin_blocks(
    storage: StorageType, count: int, scale: float, generator: np.random.Generator
) -> Bytes:
    """Blocks of random bytes behind a scale of about ``scale``."""
    blocks = generator.integers(0, 256, (count, storage.block_bytes), np.uint8)
    blocks[:, :2] = _halves(scale * generator.uniform(0.75, 1.25, count))
    return blocks


def _halves(values: NDArray[np.float64]) -> Bytes:
    return values.astype("<f2").view(np.uint8).reshape(-1, 2)


def _q8_0(s: StorageType, count: int, deviation: float, g: np.random.Generator) -> Bytes:
    # Whole numbers from -128 to 127: their deviation is 256/sqrt(12).
    return _begin_blocks(s, count, deviation * math.sqrt(12) / 256, g)


def _q4_0(s: StorageType, count: int, deviation: float, g: np.random.Generator) -> Bytes:
    return _begin_blocks(s, count, deviation * math.sqrt(12) / 16, g)


def _q5_0(s: StorageType, count: int, deviation: float, g: np.random.Generator) -> Bytes:
    return _begin_blocks(s, count, deviation * math.sqrt(12) / 32, g)


def _q4_k(s: StorageType, count: int, deviation: float, g: np.random.Generator) -> Bytes:
    """Scale, scale of the offsets, 12 bytes with eight pairs of 6 bits, 128 bytes of nibbles."""
    blocks = _begin_blocks(s, count, deviation * math.sqrt(12) / 16 / 32, g)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float64).reshape(-1)
    blocks[:, 2:4] = _halves(scales * 7.5)
    # Each of the eight scales and offsets is 32: all nibbles count alike, around zero.
    blocks[:, 4:16] = np.array([0xA0] * 8 + [0] * 4, np.uint8)
    return blocks


def _q6_k(s: StorageType, count: int, deviation: float, g: np.random.Generator) -> Bytes:
    """128 bytes of low and 64 of high bits, 16 scales, and last the scale of these."""
    blocks = _begin_blocks(s, count, 1.0, g)
    blocks[:, :2] = g.integers(0, 256, (count, 2), np.uint8)
    blocks[:, 192:208] = 32
    blocks[:, 208:] = _halves(deviation * math.sqrt(12) / 64 / 32 * g.uniform(0.75, 1.25, count))
    return blocks


_BLOCKS = {"Q8_0": _q8_0, "Q4_0": _q4_0, "Q5_0": _q5_0, "Q4_K": _q4_k, "Q6_K": _q6_k}


def _silence(data: NDArray[np.generic], type_name: str, rows: list[int]) -> None:
    """Make rows of an embedding zero: as output they are then never the likeliest."""
    if type_name in ("F32", "F16"):
        data[rows] = 0
        return
    places = {"Q4_K": slice(0, 4), "Q6_K": slice(208, 210)}.get(type_name, slice(0, 2))
    blocks = data.reshape(data.shape[0], -1, _BY_NAME[type_name][1].block_bytes)
    for row in rows:
        blocks[row, :, places] = 0


# --- the tokenizer ---------------------------------------------------------------------------


@functools.cache
def _starter_tokenizer(path: Path) -> dict[str, _Value]:
    # Read with the project's own tools: gguf's reader takes seconds for a vocabulary.
    keys = read_header(path).keys
    return {key: _decode(raw) for key, raw in keys.items() if key.startswith("tokenizer.")}


def _decode(raw: bytes) -> _Value:
    """The value behind a typed value's bytes, its type, and that of an array's items."""
    kind = int.from_bytes(raw[:4], "little")
    if kind != ARRAY:
        return _items(raw[4:], kind, 1)[0], gguf.GGUFValueType(kind), None
    inner, count = struct.unpack_from("<IQ", raw, 4)
    return _items(raw[16:], inner, count), gguf.GGUFValueType.ARRAY, gguf.GGUFValueType(inner)


def _items(raw: bytes, kind: int, count: int) -> list[object]:
    if kind != STRING:
        return list(struct.unpack_from(f"<{count}{SCALAR_FORMATS[kind]}", raw))
    items: list[object] = []
    position = 0
    for _ in range(count):
        end = position + 8 + int.from_bytes(raw[position : position + 8], "little")
        items.append(raw[position + 8 : end].decode())
        position = end
    return items


def _filled_up(tokenizer: dict[str, _Value], vocabulary: int) -> dict[str, _Value]:
    """The tokenizer with as many tokens as the vocabulary has."""
    filled = dict(tokenizer)
    for key, new in ((_TOKENS, "<unused{}>"), (_TYPES, _UNUSED)):
        value, kind, inner = tokenizer[key]
        assert isinstance(value, list)
        numbers = range(len(value), vocabulary)
        more = [new.format(number) if isinstance(new, str) else new for number in numbers]
        filled[key] = ([*value, *more], kind, inner)
    return filled


def _silent_tokens(tokenizer: dict[str, _Value]) -> list[int]:
    """Tokens that an answer shall not have."""
    kinds = tokenizer[_TYPES][0]
    assert isinstance(kinds, list)
    return [number for number, kind in enumerate(kinds) if kind in (_CONTROL, _UNUSED)]
