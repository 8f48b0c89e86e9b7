"""Builds GGUF files byte by byte, also wrong ones that no proper writer would make."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

U8, I8, U16, I16, U32, I32, F32, BOOL, STRING, ARRAY, U64, I64, F64 = range(13)
SCALAR_FORMATS = {U8: "B", I8: "b", U16: "H", I16: "h", U32: "I", I32: "i", F32: "f", BOOL: "?",
                  U64: "Q", I64: "q", F64: "d"}  # fmt: skip


def string(text: str | bytes) -> bytes:
    content = text.encode() if isinstance(text, str) else text
    return struct.pack("<Q", len(content)) + content


def scalar(kind: int, value: Any) -> bytes:
    return string(value) if kind == STRING else struct.pack("<" + SCALAR_FORMATS[kind], value)


def value(kind: int, content: Any) -> bytes:
    """A typed value; ``content`` may be bytes that are taken as they are."""
    return struct.pack("<I", kind) + scalar(kind, content)


def array(kind: int, items: Sequence[Any]) -> bytes:
    body = b"".join(scalar(kind, item) for item in items)
    return struct.pack("<IIQ", ARRAY, kind, len(items)) + body


def strings(count: int, length: int = 6) -> bytes:
    """An array of ``count`` strings, made quickly."""
    item = string(b"x" * length)
    return struct.pack("<IIQ", ARRAY, STRING, count) + item * count


@dataclass(frozen=True)
class Tensor:
    name: str | bytes
    shape: tuple[int, ...] = (32, 2)
    type_number: int = 0
    size: int = 256
    offset: int | None = None
    dimensions: int | None = None


@dataclass(frozen=True)
class Gguf:
    """A file to be; ``keys`` maps names to values already typed by ``value`` or ``array``."""

    keys: Mapping[str, bytes]
    tensors: Sequence[Tensor]
    magic: bytes = b"GGUF"
    version: bytes = struct.pack("<I", 3)
    alignment: int = 32
    key_count: int | None = None
    tensor_count: int | None = None
    more_keys: Sequence[bytes] = field(default=())
    """Whole entries after the others, such as a key for the second time."""

    def header(self) -> bytes:
        keys = [string(key) + content for key, content in self.keys.items()]
        keys += self.more_keys
        key_count = len(keys) if self.key_count is None else self.key_count
        tensor_count = len(self.tensors) if self.tensor_count is None else self.tensor_count
        return b"".join(
            (self.magic, self.version, struct.pack("<QQ", tensor_count, key_count), *keys,
             self._table())
        )  # fmt: skip

    def _table(self) -> bytes:
        table, position = [], 0
        for tensor in self.tensors:
            offset = position if tensor.offset is None else tensor.offset
            dimensions = len(tensor.shape) if tensor.dimensions is None else tensor.dimensions
            table.append(
                string(tensor.name)
                + struct.pack("<I", dimensions)
                + struct.pack(f"<{len(tensor.shape)}q", *tensor.shape)
                + struct.pack("<IQ", tensor.type_number, offset)
            )
            position = self._pad(position + tensor.size)
        return b"".join(table)

    def build(self) -> bytes:
        content = self.header()
        content += bytes(self._pad(len(content)) - len(content))
        for tensor in self.tensors[:-1]:
            content += bytes(self._pad(tensor.size))
        return content + (bytes(self.tensors[-1].size) if self.tensors else b"")

    def write(self, path: Path) -> Path:
        path.write_bytes(self.build())
        return path

    def with_keys(self, **changes: bytes | None) -> "Gguf":
        """The same file with keys set or, for None, left out; ``__`` stands for a dot."""
        keys = dict(self.keys)
        for name, content in changes.items():
            key = name.replace("__", ".")
            keys.pop(key, None)
            if content is not None:
                keys[key] = content
        return replace(self, keys=keys)

    def _pad(self, position: int) -> int:
        return -(-position // self.alignment) * self.alignment


def model(layers: int = 2, name: str = "Tiny Test", **changes: Any) -> Gguf:
    """A small and correct file of architecture "llama" (its weights mean nothing)."""
    keys = {
        "general.architecture": value(STRING, "llama"),
        "general.name": value(STRING, name),
        "general.license": value(STRING, "apache-2.0"),
        "llama.block_count": value(U32, layers),
        "llama.context_length": value(U32, 2048),
        "tokenizer.ggml.tokens": array(STRING, ["a", "b", "c"]),
        "tokenizer.chat_template": value(STRING, "{{ messages }}"),
        "general.file_type": value(U32, 15),
    }
    tensors = [Tensor("token_embd.weight")]
    tensors += [Tensor(f"blk.{layer}.attn_q.weight") for layer in range(layers)]
    return replace(Gguf(keys, tensors), **changes)


def split_model(folder: Path, parts: int = 3, layers: int = 3) -> list[Path]:
    """Write a model split into ``parts`` files; the weights are spread over them."""
    whole = model(layers)
    paths = []
    for number in range(parts):
        keys = dict(whole.keys) if number == 0 else {}
        keys["split.no"] = value(U16, number)
        keys["split.count"] = value(U16, parts)
        keys["split.tensors.count"] = value(I32, len(whole.tensors))
        path = folder / f"tiny-Q4_K_M-{number + 1:05d}-of-{parts:05d}.gguf"
        paths.append(Gguf(keys, whole.tensors[number::parts]).write(path))
    return paths
