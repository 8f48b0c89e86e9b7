"""Makes a real GGUF file's header say something else, at the cost of the header alone.

The weights of the edited file are a hole: they read as zeros and take no room on the disk.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tests.helpers.gguf_bytes import ARRAY, STRING, string

_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_ALIGNMENT = 32


@dataclass(frozen=True)
class Header:
    """A header taken apart; values are bytes as ``gguf_bytes.value`` makes them."""

    keys: dict[str, bytes]
    tensor_count: int
    tensors: bytes
    data_size: int

    def with_keys(self, changes: Mapping[str, bytes | None]) -> "Header":
        """The same header with values changed or, for None, left out."""
        keys = {**self.keys, **changes}
        left = {key: content for key, content in keys.items() if content is not None}
        return Header(left, self.tensor_count, self.tensors, self.data_size)

    def write(self, path: Path) -> Path:
        """Write the file with a hole for its weights."""
        body = b"".join(string(key) + content for key, content in self.keys.items())
        counts = struct.pack("<IQQ", 3, self.tensor_count, len(self.keys))
        content = b"GGUF" + counts + body + self.tensors
        content += bytes(-len(content) % _ALIGNMENT)
        with path.open("wb") as file:
            file.write(content)
            file.truncate(len(content) + self.data_size)
        return path


def read_header(path: Path) -> Header:
    """Take the header of a correct file apart."""
    with path.open("rb") as file:
        assert file.read(4) == b"GGUF"
        _version, tensor_count, key_count = struct.unpack("<IQQ", file.read(20))
        keys = {}
        for _ in range(key_count):
            name = _text(file).decode()
            begin = file.tell()
            _skip_value(file, _number(file, "<I"))
            end = file.tell()
            file.seek(begin)
            keys[name] = file.read(end - begin)
        begin = file.tell()
        for _ in range(tensor_count):
            _text(file)
            file.seek(8 * _number(file, "<I") + 12, 1)
        end = file.tell()
        file.seek(begin)
        tensors = file.read(end - begin)
        data_size = path.stat().st_size - (end + -end % _ALIGNMENT)
    return Header(keys, tensor_count, tensors, data_size)


def _number(file: BinaryIO, form: str) -> int:
    return int(struct.unpack(form, file.read(struct.calcsize(form)))[0])


def _text(file: BinaryIO) -> bytes:
    return file.read(_number(file, "<Q"))


def _skip_value(file: BinaryIO, kind: int) -> None:
    if kind == STRING:
        _text(file)
    elif kind == ARRAY:
        inner, count = _number(file, "<I"), _number(file, "<Q")
        if inner in _SIZES:
            file.seek(_SIZES[inner] * count, 1)
        else:
            for _ in range(count):
                _skip_value(file, inner)
    else:
        file.seek(_SIZES[kind], 1)
