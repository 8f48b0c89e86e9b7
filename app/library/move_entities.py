"""What is moved with the library's folder, how far that is, and what became of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.library.entities import InstalledModel
from models.entities import ModelFile
from models.errors import KnownError

MovePhase = Literal["copying", "verifying", "tidying"]


@dataclass(frozen=True, slots=True)
class MoveProgress:
    """How far a move is."""

    phase: MovePhase
    name: str
    """Of the file."""
    number: int
    """Of the file, counted from 1."""
    count: int
    done_bytes: int
    """Copied and read again, of all files together."""
    total_bytes: int
    """Twice the size of all files."""


@dataclass(frozen=True, slots=True)
class Stayed:
    """A model that was left where it is."""

    model: InstalledModel
    why: KnownError


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The library has another folder now."""

    folder: Path
    models: int
    """How many moved there."""
    size_bytes: int
    stayed: tuple[Stayed, ...] = ()
    """Models of the old folder that are used where they were."""
    kept: tuple[Path, ...] = ()
    """Old files that could not be removed yet; the next start tries again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFile:
    """One file on its way."""

    source: ModelFile
    target: Path
    known: str = ""
    """Its SHA-256; empty when nobody read it yet."""


@dataclass(frozen=True, slots=True)
class PlannedModel:
    """One model with all its files, companions last."""

    model: InstalledModel
    files: tuple[PlannedFile, ...]


@dataclass(frozen=True, slots=True)
class ArrivedFile:
    """A file that lies in its new place, and was read there."""

    planned: PlannedFile
    file: ModelFile
    sha256: str
    """Empty for one that only got a second name: nobody read it."""


@dataclass(frozen=True, slots=True)
class ArrivedModel:
    """A model that lies in its new place."""

    model: InstalledModel
    files: tuple[ArrivedFile, ...]
    """In the order of the plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedDownload:
    """A download that is not done: it goes on in the new folder."""

    identifier: str
    old: tuple[ModelFile, ...]
    """The files of its partial, in the old folder."""
