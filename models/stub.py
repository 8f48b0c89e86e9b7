"""Writes stubs: files with a model's header and a hole for its weights, for rehearsals.

llama.cpp builds a model of a stub as it would of the file itself, as long as nothing is
allocated. A stub takes kilobytes on the disk however large the model is, and has no tokenizer:
reading a vocabulary is most of the time that a rehearsal would take.
"""

import ctypes
import re
import struct
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from models.errors import ModelFileDamaged, ModelFileError
from models.gguf import CheckedModel
from models.gguf_header import GgufHeader
from models.gguf_parser import HeaderParser, NeedMore
from models.naming import parse_shard, shown_name

_COUNTS = struct.Struct("<QQ")
_COUNTS_START, _KEYS_START = 8, 24
"""Behind magic and version stand the numbers of tensors and keys, then the keys."""
_U32, _STRING = 4, 8
"""Types of values."""
_NO_VOCABULARY = "no_vocab"
"""What llama.cpp takes as a tokenizer that is none."""
_NAME_CHARACTERS = 80


class ReadHeader(Protocol):
    """A header that was read before, so that it need not be read again."""

    @property
    def data(self) -> bytes:
        """The file's first bytes, at least to the end of the tensor table."""
        ...

    @property
    def header(self) -> GgufHeader:
        """What they say."""
        ...

    @property
    def key_spans(self) -> Mapping[str, tuple[int, int]]:
        """Where each key with its value begins and ends."""
        ...


def write_stub(headers: Sequence[bytes], folder: Path, name: str = "model") -> list[Path]:
    """Write stubs of a model's files into ``folder``; returns their paths in order.

    ``headers`` holds, for each file of the model, its bytes from the first one on, at least to
    the end of the tensor table; what follows is not looked at. ``name`` is what the files are
    called after. The caller removes them.

    Raises:
        ModelFileError: a header is incomplete, or none that this engine can use.
        OSError: they cannot be written, or files of this name are there already.
    """
    return write_read_stub([_parse(data, name) for data in headers], folder, name)


def write_read_stub(headers: Sequence[ReadHeader], folder: Path, name: str) -> list[Path]:
    """The same of headers that were read before. Raises OSError."""
    stem = re.sub(r"[^\w.-]+", "-", name)[:_NAME_CHARACTERS] or "model"
    count = len(headers)
    paths = []
    for number, read in enumerate(headers, 1):
        ending = f"-{number:05d}-of-{count:05d}" if count > 1 else ""
        path = folder / f"{stem}{ending}.gguf"
        content = _without_tokenizer(read.data, read.header, read.key_spans, first=number == 1)
        _write(path, read.header, content)
        paths.append(path)
    return paths


def stub_of(model: CheckedModel, folder: Path) -> list[Path]:
    """Write stubs of a local model's files into ``folder``; returns their paths in order.

    Raises:
        ModelFileError: ``gguf.changing`` when a file is no longer the one that was checked.
        OSError: a file cannot be read or a stub cannot be written.
    """
    headers = []
    for file, header in zip(model.handle.files, model.headers, strict=True):
        with file.path.open("rb", buffering=0) as stream:
            headers.append(stream.read(header.header_bytes))
        if not file.is_unchanged():
            raise ModelFileError("gguf.changing", name=shown_name(file.path))
    shard = parse_shard(model.handle.path.name)
    return write_stub(headers, folder, shard.prefix if shard else model.handle.path.stem)


class _Whole:
    """Bytes that are all there is."""

    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)

    def require(self, end: int) -> None:
        raise NeedMore(end)


@dataclass(frozen=True, slots=True)
class _Parsed:
    data: bytes
    header: GgufHeader
    key_spans: Mapping[str, tuple[int, int]]


def _parse(data: bytes, name: str) -> _Parsed:
    parser = HeaderParser(_Whole(data), name)
    try:
        return _Parsed(data, parser.parse(), parser.key_spans)
    except NeedMore as short:
        missing = max(short.end - len(data), 1)
        raise ModelFileDamaged("gguf.truncated_header", name=name, missing=missing) from None


def _without_tokenizer(
    data: bytes, header: GgufHeader, keys: Mapping[str, tuple[int, int]], *, first: bool
) -> bytes:
    """The header's bytes with the vocabulary's size in place of the vocabulary.

    Everything else is kept byte for byte and in its order.
    """
    size_key = f"{header.architecture}.vocab_size"
    vocabulary = header.vocabulary
    kept = [
        data[begin:end]
        for key, (begin, end) in keys.items()
        # The weights have a row for each token that is listed, whatever the other figure says.
        if not key.startswith("tokenizer.") and (key != size_key or vocabulary is None)
    ]
    if first and header.architecture is not None:
        content = _NO_VOCABULARY.encode()
        kept.append(_key("tokenizer.ggml.model", _STRING) + _length(content) + content)
        if vocabulary is not None:
            kept.append(_key(size_key, _U32) + struct.pack("<I", vocabulary))
    table = max((end for _begin, end in keys.values()), default=_KEYS_START)
    return b"".join(
        (data[:_COUNTS_START], _COUNTS.pack(len(header.tensors), len(kept)), *kept,
         data[table : header.header_bytes])
    )  # fmt: skip


def _key(name: str, kind: int) -> bytes:
    content = name.encode()
    return _length(content) + content + struct.pack("<I", kind)


def _length(content: bytes) -> bytes:
    return struct.pack("<Q", len(content))


def _write(path: Path, header: GgufHeader, content: bytes) -> None:
    """Write the header, and a hole that reaches as far as the weights would."""
    data_start = -(-len(content) // header.alignment) * header.alignment
    weights = max(header.data_end - header.data_offset, 0)
    with path.open("xb") as file:
        _make_sparse(file)
        file.write(content)
        file.truncate(data_start + weights)


def _make_sparse(file: BinaryIO) -> None:
    """Windows gives a file room for its holes unless it is told not to."""
    if sys.platform == "win32":
        import msvcrt

        set_sparse = 0x900C4
        returned = ctypes.c_ulong()
        ctypes.windll.kernel32.DeviceIoControl(
            ctypes.c_void_p(msvcrt.get_osfhandle(file.fileno())),
            set_sparse, None, 0, None, 0, ctypes.byref(returned), None,
        )  # fmt: skip
