"""What of a library's folder can be moved, where it goes, and whether the new folder can take it.

On a move's own thread: a drive may take its time to answer.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from app.amounts import file_size
from app.library.download_orders import PARTS_FOLDER
from app.library.entities import InstalledModel
from app.library.errors import KeepingError, LibraryError
from app.library.import_files import GATHERING
from app.library.move_entities import PlannedFile, PlannedModel, Stayed
from app.library.move_journal import MOVING
from app.library.volumes import Volumes
from models.entities import ModelFile
from models.errors import KnownError, ModelFileAbsent
from models.naming import shorten, shown_name

_MOST_PLACES = 100
_OURS = frozenset((PARTS_FOLDER, GATHERING, MOVING))


def check_target(source: Path, target: Path, models: Iterable[InstalledModel]) -> None:
    """Refuse a folder that cannot become the library's. Raises KeepingError, OSError.

    It may be there and hold nothing but what the library has there already; what it lies in
    must be there, since it may be the place of a drive that is away.
    """
    name = shorten(str(target))
    try:
        str(target).encode()
    except UnicodeEncodeError:
        raise KeepingError("library.odd_name", name=shown_name(target)) from None
    real, old = target.resolve(), source.resolve()
    if real == old or (target.exists() and source.exists() and target.samefile(source)):
        raise KeepingError("library.move_same", folder=name)
    if real.is_relative_to(old) or old.is_relative_to(real):
        raise KeepingError("library.move_inside", folder=name)
    if not target.parent.is_dir() or (os.path.lexists(target) and not target.is_dir()):
        raise KeepingError("library.move_no_folder", folder=name)
    if target.is_dir():
        recorded = {
            file.path for model in models for file in _files_of(model) if model.origin.is_owned
        }
        if not _holds_only(target, recorded):
            raise KeepingError("library.move_not_empty", folder=name)


def plan_models(
    models: Iterable[InstalledModel], source: Path, target: Path
) -> tuple[list[PlannedModel], list[Stayed]]:
    """The models that Moestro put below ``source``, and which of them have to stay and why."""
    planned, stayed = [], []
    taken: dict[Path, Path] = {}
    for model in models:
        inside = all(file.path.is_relative_to(source) for file in _files_of(model))
        if model.is_demo or not (model.origin.is_owned and inside):
            continue
        trouble = _trouble(model)
        if trouble is not None:
            stayed.append(Stayed(model, trouble))
            continue
        hashes = model.origin.hashes or ("",) * len(model.handle.files)
        known = (*hashes, *model.origin.companion_hashes)
        # Two models may share a companion: it moves once.
        new = [file.path for file in _files_of(model) if file.path not in taken]
        places = _places([path.relative_to(source) for path in new], target, set(taken.values()))
        taken.update(zip(new, places, strict=True))
        files = tuple(
            PlannedFile(source=file, target=taken[file.path], known=sha256)
            for file, sha256 in zip(_files_of(model), known, strict=True)
        )
        planned.append(PlannedModel(model, files))
    return planned, stayed


def check_room(folder: Path, sizes: Sequence[int], volumes: Volumes) -> None:
    """Refuse what the disk of ``folder`` cannot take. Raises KeepingError, OSError."""
    name = shorten(str(folder))
    limit = volumes.largest_file(folder)
    if limit is not None and max(sizes, default=0) > limit:
        raise KeepingError("download.fs_limit", folder=name)
    short = volumes.is_short(folder, sum(sizes), ())
    if short is not None:
        raise KeepingError(
            "library.move_no_room",
            folder=name,
            needed=file_size(short[0]),
            free=file_size(short[1]),
        )


def _files_of(model: InstalledModel) -> tuple[ModelFile, ...]:
    return (*model.handle.files, *model.origin.companions)


def _trouble(model: InstalledModel) -> KnownError | None:
    """Why a model cannot be moved."""
    name = shorten(model.name)
    if model.is_damaged:
        return LibraryError("library.damaged", name=name)
    if model.missing_files:
        return ModelFileAbsent("gguf.missing", name=shown_name(model.handle.path))
    for file in _files_of(model):
        if not file.is_unchanged():
            return KeepingError("library.changed", name=shown_name(file.path))
    return None


def _places(names: Sequence[Path], target: Path, taken: set[Path]) -> list[Path]:
    """Where the files of one model go: as they lay, else with a number behind the repository."""
    for number in range(1, _MOST_PLACES):
        places = [target / _numbered(name, number) for name in names]
        if not any(os.path.lexists(place) or place in taken for place in places):
            return places
    name = shown_name(names[0])
    raise KeepingError("download.occupied", name=name, folder=shorten(str(target)))


def _numbered(name: Path, number: int) -> Path:
    if number == 1:
        return name
    *folders, last = name.parts
    if not folders:
        return Path(f"{number}", last)
    folders[min(1, len(folders) - 1)] += f"-{number}"
    return Path(*folders, last)


def _holds_only(folder: Path, recorded: set[Path]) -> bool:
    """Whether all files below ``folder`` are recorded, or gather in folders of ours."""
    for place, folders, files in os.walk(folder, onerror=_refuse):
        if Path(place) == folder:
            folders[:] = [name for name in folders if name not in _OURS]
        if any(Path(place, name) not in recorded for name in files):
            return False
    return True


def _refuse(error: OSError) -> None:
    raise error
