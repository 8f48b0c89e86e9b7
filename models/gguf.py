"""Checks model files on this computer: header, extent, and all parts of a split model.

Reading is bounded in bytes and time; nothing is mapped into memory, because a mapped file
that another program shortens would kill this process.
"""

import contextlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from models.entities import ModelFile, ModelHandle
from models.errors import ModelFileAbsent, ModelFileDamaged, ModelFileError
from models.gguf_check import check_extent, check_model
from models.gguf_header import GgufHeader
from models.gguf_parser import NeedMore, StreamSource, parse_header
from models.gguf_sniff import SNIFFED_BYTES, check_beginning
from models.naming import parse_shard, shown_name


@dataclass(frozen=True, slots=True)
class CheckedModel:
    """A model whose files were all checked."""

    headers: tuple[GgufHeader, ...]
    """One of each file; what describes the model stands in the first."""
    handle: ModelHandle

    @property
    def header(self) -> GgufHeader:
        """The header of the first file."""
        return self.headers[0]

    @property
    def parameters(self) -> int:
        """Weights in all files."""
        return sum(header.parameters for header in self.headers)


def read_header(path: Path) -> GgufHeader:
    """Read and check the header of one file; of a split model any part may be given.

    Raises:
        ModelFileAbsent: nothing is there, or it may not be read.
        ModelFileError: it is no model that the engine can use; the code says why.
    """
    _file, header = _read_part(path)
    if header.split_count == 1:
        check_model(header, header.tensors)
    return header


def open_model(path: Path) -> CheckedModel:
    """Check a model with all its parts and return the handle that the engine may load.

    Raises:
        ModelFileAbsent: the file or one of its other parts is missing or cannot be read.
        ModelFileError: it is no model that the engine can use; the code says why.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow the links of caches
    parts = [_read_part(path)]
    split_count = parts[0][1].split_count
    if split_count > 1:
        paths = _part_paths(path, split_count)
        _check_present(paths, path)
        parts = [_read_part(part) for part in paths]
    files = tuple(file for file, _header in parts)
    headers = tuple(header for _file, header in parts)
    first = headers[0]
    _check_set(headers)
    check_model(first, [tensor for header in headers for tensor in header.tensors])
    if not all(file.is_unchanged() for file in files):
        raise ModelFileError("gguf.changing", name=shown_name(path))
    key = f"{first.header_sha256}-{sum(file.size for file in files)}"
    return CheckedModel(headers, ModelHandle(key, files))


def _read_part(path: Path) -> tuple[ModelFile, GgufHeader]:
    """Read one file's header and check that the file holds all its weights."""
    name = shown_name(path)
    try:
        _check_regular(path, name)
        with path.open("rb", buffering=0) as stream:
            status = os.fstat(stream.fileno())
            file = ModelFile(path, status.st_size, status.st_mtime_ns, status.st_ino)
            return file, _read_stream(stream, file.size, name)
    except (FileNotFoundError, NotADirectoryError):
        raise ModelFileAbsent("gguf.missing", name=name) from None
    except OSError as error:
        raise ModelFileAbsent("gguf.not_readable", name=name, detail=str(error)) from error


def _check_regular(path: Path, name: str) -> None:
    """Refuse folders, and what would have to be waited for: pipes and devices."""
    try:
        mode = path.stat().st_mode
    except ValueError:
        # A NUL in the path, or a half character: no system has such a file.
        raise ModelFileAbsent("gguf.missing", name=name) from None
    if stat.S_ISDIR(mode):
        raise ModelFileError("gguf.folder", name=name)
    if not stat.S_ISREG(mode):
        raise ModelFileError("gguf.special", name=name)


def _read_stream(stream: BinaryIO, size: int, name: str) -> GgufHeader:
    source = StreamSource(stream)
    with contextlib.suppress(NeedMore):
        source.require(SNIFFED_BYTES)
    check_beginning(bytes(source.data[:SNIFFED_BYTES]), name)
    try:
        header = parse_header(source, name)
    except NeedMore as short:
        # How long the header would be is unknown; at least this much is missing.
        missing = max(short.end - size, 1)
        raise ModelFileDamaged("gguf.truncated_header", name=name, missing=missing) from None
    check_extent(header, size)
    return header


def _part_paths(path: Path, count: int) -> list[Path]:
    """The files of a split model in order. The engine finds them by these very names."""
    shard = parse_shard(path.name)
    if shard is None or shard.count != count:
        raise ModelFileError("gguf.part_name", name=shown_name(path), count=count)
    return [path.with_name(shard.sibling(number)) for number in range(1, count + 1)]


def _check_present(paths: list[Path], asked: Path) -> None:
    missing = [part for part in paths if not part.exists()]
    if missing:
        raise ModelFileAbsent(
            "gguf.part_missing",
            name=shown_name(asked),
            part=shown_name(missing[0]),
        )


def _check_set(headers: Sequence[GgufHeader]) -> None:
    """Refuse parts that do not belong together."""
    if len(headers) == 1:
        return
    expected = headers[0].integer("split.tensors.count")
    total = sum(len(header.tensors) for header in headers)
    names = {tensor.name for header in headers for tensor in header.tensors}
    for number, header in enumerate(headers):
        if header.split_count != len(headers) or header.integer("split.no") != number:
            raise ModelFileDamaged("gguf.part_stranger", name=header.file_name)
    if len(names) != total or (expected is not None and expected != total):
        raise ModelFileDamaged("gguf.parts_mixed", name=headers[0].file_name)
