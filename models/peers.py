"""Finds models that other programs keep on this computer, so that they can be used in place.

Nothing is written, renamed or removed in their folders, and nothing is copied. What a found
file really is shows when it is opened: names and places are those programs' own word.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from models.peers_places import PeerFolders
from models.peers_scans import (
    Scanned,
    scan_flat,
    scan_hub_cache,
    scan_jan,
    scan_ollama,
    scan_publishers,
)
from models.peers_walk import OutOfTime, Walk

_SECONDS = 5.0


class Program(StrEnum):
    """Who keeps a model; the values are the programs' own names."""

    HUGGING_FACE = "Hugging Face"
    LLAMA_CPP = "llama.cpp"
    LM_STUDIO = "LM Studio"
    JAN = "Jan"
    GPT4ALL = "GPT4All"
    OLLAMA = "Ollama"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundModel:
    """A model of another program."""

    program: Program
    path: Path
    """Of its first file: what is opened to use it."""
    name: str
    repository: str | None
    """On the Hub, as far as the folders tell."""
    quantization: str | None
    """Its label; None when only the header can tell."""
    size_bytes: int
    may_not_load: bool
    """Whether it looks unfinished, or is in a form of that program's own."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found."""

    models: tuple[FoundModel, ...]
    unreadable: tuple[Path, ...]
    """Folders and files that may not be read."""
    is_complete: bool
    """Whether there was time for everything."""


def find_models(
    home: Path,
    environment: Mapping[str, str],
    *,
    system: str = sys.platform,
    service_home: Path | None = None,
    seconds: float = _SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Findings:
    """Look where other programs keep their models, below ``home`` and where they were told to.

    ``service_home`` is the home of a service that keeps models for all users. Each file is
    found once, however many names it has. A call to a dead network drive can take longer than
    ``seconds``: this is for a thread of its own.
    """
    walk = Walk(clock() + seconds, clock)
    folders = PeerFolders(home, environment, system, service_home, walk)
    models: list[FoundModel] = []
    is_complete = True
    try:
        models.extend(each for each in _found(folders, walk) if walk.is_new(each.path))
    except OutOfTime:
        is_complete = False
    return Findings(tuple(models), tuple(dict.fromkeys(walk.unreadable)), is_complete)


def _found(folders: PeerFolders, walk: Walk) -> Iterator[FoundModel]:
    for root in folders.hub_caches():
        yield from _each(Program.HUGGING_FACE, root, scan_hub_cache, walk)
    for root in folders.llama_cpp():
        yield from _each(Program.LLAMA_CPP, root, scan_hub_cache, walk)
        yield from _each(Program.LLAMA_CPP, root, scan_flat, walk)
    for root in folders.lm_studio():
        yield from _each(Program.LM_STUDIO, root, scan_publishers, walk)
    for root in folders.jan():
        yield from _each(Program.JAN, root, scan_jan, walk)
    for root in folders.gpt4all():
        yield from _each(Program.GPT4ALL, root, scan_flat, walk)
    for root in folders.ollama():
        yield from _each(Program.OLLAMA, root, scan_ollama, walk)


def _each(
    program: Program, root: Path, scan: Callable[[Path, Walk], Iterable[Scanned]], walk: Walk
) -> Iterator[FoundModel]:
    try:
        for each in scan(root, walk):
            yield FoundModel(
                program=program,
                path=each.path,
                name=each.name,
                repository=each.repository,
                quantization=each.quantization,
                size_bytes=each.size_bytes,
                may_not_load=each.may_not_load,
            )
    except OSError:
        walk.unreadable.append(root)  # it went away while it was looked at
