"""Finds the projector that lies beside a model's file, by the rule that repositories follow."""

from dataclasses import dataclass
from pathlib import Path

from models.entities import ModelFile
from models.repository import is_projector, read_repository

_MOST_FILES = 2000


@dataclass(frozen=True, slots=True)
class _Neighbour:
    """A file in the model's folder, as names of repositories are grouped."""

    path: str
    size: int
    file: ModelFile
    sha256: str | None = None


def projector_beside(model_path: Path) -> ModelFile | None:
    """The projector in the same folder that goes with this model; None when there is none."""
    here: dict[str, _Neighbour] = {}
    try:
        for number, path in enumerate(model_path.parent.iterdir()):
            if number >= _MOST_FILES:
                return None
            if path.suffix.casefold() == ".gguf" and path.is_file():
                file = ModelFile.of(path)
                here[path.name] = _Neighbour(path.name, file.size, file)
    except OSError:
        return None
    if not any(is_projector(name) for name in here):
        return None
    for model in read_repository(here.values()).models:
        for each in model.quantizations:
            names = {file.path for file in each.files}
            if model_path.name in names and each.projector is not None:
                return here[each.projector.path].file
    return None
