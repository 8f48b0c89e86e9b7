"""The starter model with its first layers alone: its tokens and template, but quick nonsense."""

import re
import struct
from pathlib import Path

from tests.helpers.gguf_bytes import U32, string, value
from tests.helpers.gguf_edit import Header, read_header

_ALIGNMENT = 32
_LAYER = re.compile(r"blk\.(\d+)\.")


def with_layers(source: Path, target: Path, layers: int) -> Path:
    """Write ``source`` to ``target`` with its first ``layers`` layers; it reads and writes.

    What it writes means nothing. For tests of what happens around an answer.
    """
    header = read_header(source)
    begin = source.stat().st_size - header.data_size
    found = _tensors(header.tensors, header.data_size)
    kept = [each for each in found if _is_kept(each[0], layers)]
    infos, pieces, offset = b"", [], 0
    with source.open("rb") as file:
        for name, shape, old, size in kept:
            infos += string(name) + shape + struct.pack("<Q", offset)
            file.seek(begin + old)
            pieces.append(file.read(size))
            offset += size
    keys = header.with_keys({"llama.block_count": value(U32, layers)}).keys
    cut = Header(keys, len(kept), infos, offset)
    cut.write(target)
    with target.open("r+b") as file:
        file.seek(-offset, 2)
        for piece in pieces:
            file.write(piece)
    return target


def _is_kept(name: str, layers: int) -> bool:
    layer = _LAYER.match(name)
    return layer is None or int(layer[1]) < layers


def _tensors(infos: bytes, data_size: int) -> list[tuple[str, bytes, int, int]]:
    """Of each tensor: name, its shape and type as they stand, where it begins, and its room."""
    found = []
    at = 0
    while at < len(infos):
        (length,) = struct.unpack_from("<Q", infos, at)
        name = infos[at + 8 : at + 8 + length].decode()
        at += 8 + length
        (dimensions,) = struct.unpack_from("<I", infos, at)
        end = at + 4 + 8 * dimensions + 4
        (offset,) = struct.unpack_from("<Q", infos, end)
        found.append((name, infos[at:end], offset))
        at = end + 8
    found.sort(key=lambda each: each[2])
    ends = [each[2] for each in found[1:]] + [data_size]
    return [
        (name, shape, offset, end - offset)
        for (name, shape, offset), end in zip(found, ends, strict=True)
    ]
