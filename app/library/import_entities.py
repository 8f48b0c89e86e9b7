"""What is asked of an import, how far it is, and what became of each model."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from app.library.entities import InstalledModel, Origin
from app.library.errors import KeepingError
from models.errors import KnownError, ModelFileAbsent
from models.naming import shorten, shown_name
from models.peers import FoundModel
from models.peers_walk import OutOfTime, Walk
from models.repository import read_repository

ImportWay = Literal["leave", "copy", "link", "move"]
"""``leave`` uses the files where they are; ``link`` gives them a second name on the same disk."""
_MOST_FILES = 20_000


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import is."""

    name: str
    """Of the model that it works on."""
    number: int
    """Counted from 1."""
    count: int
    done_bytes: int
    """Of this model, copied or compared."""
    total_bytes: int
    """0 where nothing needs to be read to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of one model; without a ``trouble`` there is a ``model``."""

    path: Path
    model: InstalledModel | None = None
    trouble: KnownError | None = None
    is_duplicate: bool = False
    """The library had it already, byte for byte; nothing was done."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that somebody wants to add."""

    path: Path
    """Of its first file."""
    origin: Origin = field(default_factory=Origin)
    trouble: KnownError | None = None


def candidates_in(path: Path, walk: Walk) -> list[Candidate]:
    """The models at ``path``: a file, or everything below a folder."""
    if not path.is_dir():
        absent = None if path.exists() else ModelFileAbsent("gguf.missing", name=shown_name(path))
        return [Candidate(path, trouble=absent)]
    files = []
    trouble: list[KnownError] = []
    try:
        for file in walk.files(path):
            if file.suffix.casefold() == ".gguf" and walk.is_whole(file):
                files.append(_LocalFile(file.relative_to(path).as_posix(), file.stat().st_size))
            if len(files) > _MOST_FILES:
                raise OutOfTime
    except (OutOfTime, OSError):
        trouble.append(KeepingError("library.folder_not_read", folder=shorten(str(path))))
    contents = read_repository(files)
    trouble += [KeepingError("library.odd_name", name=name) for name in contents.refused]
    found = [
        Candidate(path / each.files[0].path, trouble=each.problem)
        for model in contents.models
        for each in model.quantizations
    ]
    if not (found or trouble):
        trouble.append(KeepingError("library.nothing_found", folder=shorten(str(path))))
    return [*found, *(Candidate(path, trouble=each) for each in trouble)]


def candidate_of(found: FoundModel) -> Candidate:
    """Another program's model, to be used in place."""
    repository = found.repository or ""
    return Candidate(found.path, Origin(program=found.program.value, repository=repository))


@dataclass(frozen=True, slots=True)
class _LocalFile:
    path: str
    size: int
    sha256: str | None = None
