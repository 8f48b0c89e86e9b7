"""Reads all headers of one quantization on the Hub, and writes the stub that stands for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.library.judged import JudgedRow
from app.placement.entities import Placement
from app.placement.simulation import Subject
from models.errors import ModelFileDamaged
from models.facts import ModelFacts
from models.facts_reading import read_facts
from models.gguf_check import check_model
from models.naming import quantization_of, shorten
from models.remote_header import Beginning, RemoteHeader, RemoteHeaders
from models.repository import Quantization
from models.stub import write_read_stub


@dataclass(frozen=True, slots=True)
class ReadSubject:
    """A quantization whose headers were read."""

    subject: Subject
    """With stubs in place of its files."""
    label: str
    fetched_bytes: int
    """For these headers; nothing where they were kept from before."""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row whose headers were read."""

    subject: Subject
    """With stubs in place of its files."""
    label: str
    placement: Placement
    """By arithmetic."""


def read_row(
    headers: RemoteHeaders,
    row: JudgedRow,
    folder: Path,
    stub_name: str,
    begun: Callable[[Beginning], None] | None,
    planned: Callable[[ModelFacts], Placement],
) -> ReadRow:
    """Read and check the headers of all files of ``row``; its stub goes into ``folder``.

    ``begun`` hears the beginning of the first header, ``planned`` plans by arithmetic.

    Raises:
        ModelFileError: the files are no model that this engine can use.
        KnownError: the network; ReadingCancelled: it was given up.
        OSError: the stub cannot be written.
    """
    read = read_subject(headers, row.quantization, folder, stub_name, begun)
    return ReadRow(read.subject, row.label or read.label, planned(read.subject.facts))


def read_subject(
    headers: RemoteHeaders,
    quantization: Quantization,
    folder: Path,
    stub_name: str,
    begun: Callable[[Beginning], None] | None,
) -> ReadSubject:
    """The same without a plan. Raises like ``read_row``."""
    files = quantization.files
    read = [
        headers.read(file.path, file.size, None if number else begun)
        for number, file in enumerate(files)
    ]
    first = read[0].header
    _check_set(read, quantization)
    check_model(first, [tensor for each in read for tensor in each.header.tensors])
    facts = read_facts([each.header for each in read])
    # With another file's vocabulary the hash is not that of the file: a key of its own.
    kind = "stitched-" if any(each.is_stitched for each in read) else ""
    subject = Subject(
        key=f"{kind}{first.header_sha256}-{quantization.size_bytes}",
        name=shorten(first.name or quantization.name),
        paths=tuple(str(path) for path in write_read_stub(read, folder, stub_name)),
        facts=facts,
    )
    label = quantization.label or quantization_of(Path(files[0].path), first.file_type)
    return ReadSubject(subject, label, sum(each.fetched_bytes for each in read))


def _check_set(read: Sequence[RemoteHeader], quantization: Quantization) -> None:
    """Refuse files that do not belong together."""
    headers = [each.header for each in read]
    names = [tensor.name for header in headers for tensor in header.tensors]
    count, told = headers[0].split_count, headers[0].integer("split.tensors.count")
    numbers = [header.integer("split.no") for header in headers]
    wrong = count != len(read) or (count > 1 and numbers != list(range(count)))
    if wrong or len(set(names)) != len(names) or (told is not None and told != len(names)):
        raise ModelFileDamaged("gguf.parts_mixed", name=shorten(quantization.name))
