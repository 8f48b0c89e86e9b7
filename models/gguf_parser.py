"""Reads a GGUF header from bytes that may be hostile, with a cap on everything.

The bytes come from a ``ByteSource`` that grows, so that a file is read no further than its
header and bytes that are still arriving can say how many more are needed.
"""

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, NoReturn, Protocol

from models.errors import ModelFileDamaged, ModelFileError, ModelFileNewer
from models.gguf_header import (
    GgufHeader,
    GgufTensor,
    Scalar,
    SkippedArray,
    UnreadableText,
    Value,
)
from models.gguf_types import RETIRED_STORAGE_TYPES, STORAGE_TYPES

MAX_HEADER_BYTES = 64 * 1024 * 1024
MAX_KEYS = 65_536
MAX_TENSORS = 65_536
MAX_ARRAY_ITEMS = 4_000_000
MAX_KEY_BYTES = 65_535
MAX_NAME_BYTES = 63
"""The engine keeps names of tensors in 64 bytes, the last one zero."""
MAX_DIMENSIONS = 4
MAX_ALIGNMENT = 1024 * 1024
KEPT_ARRAY_ITEMS = 1024
"""Longer arrays are vocabularies; per-layer arrays are far shorter."""

_DEFAULT_ALIGNMENT = 32
_FIRST_READ = 256 * 1024
_STRING, _ARRAY = 8, 9
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_FORMATS = {
    0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d",
}  # fmt: skip


class NeedMore(Exception):  # noqa: N818 - not a failure while bytes still arrive
    """The header goes on: the source must hold at least ``end`` bytes."""

    def __init__(self, end: int) -> None:
        super().__init__(end)
        self.end = end


class ByteSource(Protocol):
    """The beginning of a file. ``data`` only ever grows, in place."""

    data: bytearray

    def require(self, end: int) -> None:
        """Let ``data`` reach ``end`` bytes. Raises NeedMore when it cannot."""


class StreamSource:
    """A ``ByteSource`` over an open file."""

    def __init__(self, stream: BinaryIO) -> None:
        self.data = bytearray()
        self._stream = stream

    def require(self, end: int) -> None:
        """Read on, at least doubling what is held. Raises NeedMore at the end of the file."""
        while len(self.data) < end:
            chunk = self._stream.read(max(end - len(self.data), len(self.data), _FIRST_READ))
            if not chunk:
                raise NeedMore(end)
            self.data += chunk


def parse_header(source: ByteSource, file_name: str) -> GgufHeader:
    """Read the header that ``source`` begins with; ``file_name`` is for the sentences.

    Raises:
        ModelFileError: it is no header that this engine can use.
        NeedMore: the bytes end before the header does.
    """
    return HeaderParser(source, file_name).parse()


@dataclass(frozen=True, slots=True)
class Texts:
    """A long array of texts that was stepped over; most of a header's reading time."""

    count: int
    content: bytes
    """All texts with their lengths."""


class HeaderParser:
    """Reads one header, in one go or, when bytes are still arriving, in several.

    Where the bytes of ``known`` stand again, they need not be stepped through again.
    """

    def __init__(self, source: ByteSource, file_name: str, known: Sequence[Texts] = ()) -> None:
        self._source = source
        self._data = source.data
        self._name = file_name
        self._position = 0
        self._done = 0
        """Where the last complete entry ends: reading goes on there."""
        self._beginning: tuple[int, int, int] | None = None
        self.metadata: dict[str, Value] = {}
        """What was read so far."""
        self.key_spans: dict[str, tuple[int, int]] = {}
        """Where each key with its value begins and ends, bytes from the start of the file."""
        self._tensors: dict[str, GgufTensor] = {}
        self._data_position = 0
        self._stepped = (-1, 0, 0)
        """Start of a long array of texts, how many were stepped over, and where that led."""
        self._texts = 0
        """How many texts that array has."""
        self._known = known
        self._long_texts: list[tuple[int, int, int]] = []
        """Of each complete array of texts how many, and where they begin and end."""

    @property
    def left(self) -> tuple[int, int]:
        """Entries of the tensor table, and keys, that are still to be read."""
        _version, tensors, keys = self._beginning or (0, 0, 0)
        return tensors - len(self._tensors), keys - len(self.metadata)

    @property
    def done(self) -> int:
        """Where the last complete entry ends, bytes from the start of the file."""
        return self._done

    @property
    def texts(self) -> tuple[int, int] | None:
        """Of a long array of texts that is not all there: how many it has, and where it will
        end if the rest are as long as those so far."""
        start, stepped, position = self._stepped
        if start <= self._done or not stepped:
            return None
        return self._texts, start + (position - start) * self._texts // stepped

    @property
    def long_texts(self) -> tuple[Texts, ...]:
        """The long arrays of texts that were read so far."""
        return tuple(
            Texts(count, bytes(self._data[start:end])) for count, start, end in self._long_texts
        )

    def parse(self) -> GgufHeader:
        """The header. Raises like ``parse_header``; after NeedMore it may be called again.

        It then goes on behind what was complete, so that a header of many pieces costs
        hardly more than one of a single piece.
        """
        self._position = self._done
        if self._beginning is None:
            self._beginning = (
                self._version(),
                self._count(MAX_TENSORS, "tensors"),
                self._count(MAX_KEYS, "keys"),
            )
            self._done = self._position
        version, tensor_count, key_count = self._beginning
        while len(self.metadata) < key_count:
            self._read_key()
            self._done = self._position
        alignment = self._alignment()
        while len(self._tensors) < tensor_count:
            self._read_tensor(alignment)
            self._done = self._position
        end = self._position
        with memoryview(self._data) as view:
            digest = hashlib.sha256(view[:end]).hexdigest()
        return GgufHeader(
            file_name=self._name,
            version=version,
            metadata=self.metadata,
            tensors=tuple(self._tensors.values()),
            header_bytes=end,
            header_sha256=digest,
            alignment=alignment,
            data_offset=_padded(end, alignment),
        )

    # --- parts ---------------------------------------------------------------------------

    def _read_key(self) -> None:
        begin = self._position
        key = self._identifier(MAX_KEY_BYTES, "key")
        if key in self.metadata:
            self._damaged(f"key {key} stands twice")
        self.metadata[key] = self._value()
        self.key_spans[key] = (begin, self._position)

    def _read_tensor(self, alignment: int) -> None:
        name = self._identifier(MAX_NAME_BYTES, "tensor name")
        if name in self._tensors:
            self._damaged(f"tensor {name} stands twice")
        tensor = self._tensor(name)
        # The engine demands that the data lies without gaps, in the table's order.
        if tensor.offset != self._data_position:
            self._damaged(f"tensor {name} lies at {tensor.offset} instead of {self._data_position}")
        self._tensors[name] = tensor
        self._data_position = _padded(tensor.offset + tensor.size, alignment)

    def _version(self) -> int:
        magic = self._take(4)
        if magic != b"GGUF":
            raise ModelFileDamaged("gguf.not_gguf", name=self._name)
        version = self._u32()
        if version == 1:
            raise ModelFileDamaged("gguf.version_1", name=self._name)
        if version & 0xFFFF == 0 and version:
            raise ModelFileDamaged("gguf.big_endian", name=self._name)
        if version > 3 and version < 0x1_0000:
            raise ModelFileNewer("gguf.newer_version", name=self._name, version=version)
        if version not in (2, 3):
            self._damaged(f"version {version}")
        return version

    def _alignment(self) -> int:
        alignment = self.metadata.get("general.alignment", _DEFAULT_ALIGNMENT)
        if (
            not isinstance(alignment, int)
            or not 1 <= alignment <= MAX_ALIGNMENT
            or alignment & (alignment - 1)
        ):
            self._damaged(f"alignment {alignment}")
        return alignment

    def _value(self) -> Value:
        kind = self._u32()
        if kind != _ARRAY:
            return self._scalar(kind)
        kind = self._u32()
        count = self._count(MAX_ARRAY_ITEMS, "array items")
        if count <= KEPT_ARRAY_ITEMS:
            items = [self._scalar(kind) for _ in range(count)]
            if any(isinstance(item, UnreadableText) for item in items):
                return SkippedArray(count)
            return tuple(item for item in items if not isinstance(item, UnreadableText))
        if kind == _STRING:
            self._skip_strings(count)
        else:
            self._take(count * struct.calcsize("<" + self._format(kind)), keep=False)
        return SkippedArray(count)

    def _scalar(self, kind: int) -> Scalar | UnreadableText:
        if kind == _STRING:
            content = self._take(self._u64())
            try:
                return content.decode()
            except UnicodeDecodeError:
                return UnreadableText(content)
        form = "<" + self._format(kind)
        value: Scalar = struct.unpack(form, self._take(struct.calcsize(form)))[0]
        return value

    def _format(self, kind: int) -> str:
        if kind not in _FORMATS:
            self._damaged(f"a value of type {kind}")
        return _FORMATS[kind]

    def _skip_strings(self, count: int) -> None:
        """Step over a vocabulary: only the lengths are looked at, in one tight loop."""
        data, start, unpack = self._data, self._position, _U64.unpack_from
        known, stepped, position = self._stepped
        if known != start:
            stepped, position = 0, start
        end, self._texts = len(data), count
        for each in self._known:
            if each.count == count and data.startswith(each.content, start):
                stepped, position = count, start + len(each.content)
        for number in range(stepped, count):
            if position + 8 > end:
                self._stepped = (start, number, position)
                self._need(position + 8)
                end = len(data)
            position += 8 + unpack(data, position)[0]
        self._stepped = (start, count, position)
        self._need(position)
        self._long_texts.append((count, start, position))
        self._position = position

    def _tensor(self, name: str) -> GgufTensor:
        dimensions = self._u32()
        if not 1 <= dimensions <= MAX_DIMENSIONS:
            self._damaged(f"tensor {name} has {dimensions} dimensions")
        shape = struct.unpack(f"<{dimensions}q", self._take(8 * dimensions))
        number = self._u32()
        offset = self._u64()
        storage = STORAGE_TYPES.get(number)
        if storage is None:
            self._refuse_type(number)
        if min(shape) < 1 or shape[0] % storage.block_size:
            self._damaged(f"tensor {name} has shape {shape} in type {storage.name}")
        tensor = GgufTensor(name, shape, number, offset, 0)
        size = tensor.elements // storage.block_size * storage.block_bytes
        if tensor.elements >= 2**63 or size >= 2**63:
            self._damaged(f"tensor {name} has shape {shape}")
        return GgufTensor(name, shape, number, offset, size)

    def _refuse_type(self, number: int) -> NoReturn:
        if number in RETIRED_STORAGE_TYPES:
            raise ModelFileError("gguf.retired_type", name=self._name)
        if number > 255:
            self._damaged(f"a tensor of type {number}")
        raise ModelFileNewer("gguf.newer_type", name=self._name, number=number)

    # --- bytes ---------------------------------------------------------------------------

    def _need(self, end: int) -> None:
        if end > MAX_HEADER_BYTES:
            self._damaged(f"a header of {end} bytes")
        if end > len(self._data):
            self._source.require(end)

    def _take(self, count: int, *, keep: bool = True) -> bytes:
        start, end = self._position, self._position + count
        self._need(end)
        self._position = end
        return bytes(self._data[start:end]) if keep else b""

    def _u32(self) -> int:
        return int(_U32.unpack(self._take(4))[0])

    def _u64(self) -> int:
        return int(_U64.unpack(self._take(8))[0])

    def _count(self, most: int, what: str) -> int:
        count = self._u64()
        if count > most:
            self._damaged(f"{count} {what}")
        return count

    def _identifier(self, most: int, what: str) -> str:
        length = self._u64()
        if not 1 <= length <= most:
            self._damaged(f"a {what} of {length} bytes")
        content = self._take(length)
        try:
            return content.decode()
        except UnicodeDecodeError:
            self._damaged(f"a {what} that is no text")

    def _damaged(self, detail: str) -> NoReturn:
        """Refuse the file; ``detail`` is for the log."""
        raise ModelFileDamaged("gguf.damaged", name=self._name, detail=detail[:200])


def _padded(position: int, alignment: int) -> int:
    return (position + alignment - 1) // alignment * alignment
