"""Where everything lies: the parts of a data folder, how large each is, and how much room is left.

Looks only, follows no link, and may take seconds: not for the state thread.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.data_place import MARK, NOTE
from app.paths import DataPaths


class DataPart(StrEnum):
    """What lies together for one reason."""

    HISTORY = "history"
    """Chats, drafts, notes, presets: what a user wrote."""
    SETTINGS = "settings"
    BACKUPS = "backups"
    ASIDE = "aside"
    """Damaged files that were set aside, settings of before a restore."""
    MODELS = "models"
    LIBRARY = "library"
    """The list of models; made again when it is gone."""
    CACHE = "cache"
    STATES = "states"
    """What models had read, so that they need not read it again."""
    LOGS = "logs"
    OTHER = "other"
    """Files that Moestro does not know."""


@dataclass(frozen=True, slots=True)
class PartUse:
    """One part; ``path`` is its folder or its first file, though it may not be there yet."""

    part: DataPart
    path: Path
    size_bytes: int
    files: int


@dataclass(frozen=True, slots=True)
class DataUse:
    """Everything, in the order of ``DataPart``."""

    root: Path
    parts: tuple[PartUse, ...]
    free_bytes: int
    """On the disk of the data folder; 0 when nobody knows."""

    @property
    def size_bytes(self) -> int:
        """Of all parts, wherever they lie."""
        return sum(each.size_bytes for each in self.parts)

    def of(self, part: DataPart) -> PartUse:
        """One part."""
        return next(each for each in self.parts if each.part is part)


_OURS = ("instance.lock", "library-move.lock", "loading-at-start", MARK, NOTE)
_ASIDE = (".damaged-", ".before-restore", ".bad", "moved-")


def measure(
    paths: DataPaths, models: Path, stop: Callable[[], bool] = lambda: False
) -> DataUse | None:
    """How much every part takes, ``models`` being where new models go; None when ``stop`` said so.

    What cannot be looked at counts as nothing.
    """
    found: dict[DataPart, list[Path]] = {each: [] for each in DataPart}
    for path in _children(paths.root):
        # A folder of models elsewhere is looked at below; the one in here is known by its name.
        found[_part_of(path, paths)].append(path)
    if models != paths.models:
        found[DataPart.MODELS].append(models)
    homes = {
        DataPart.HISTORY: paths.history, DataPart.SETTINGS: paths.settings,
        DataPart.BACKUPS: paths.backups, DataPart.MODELS: models,
        DataPart.LIBRARY: paths.library, DataPart.CACHE: paths.hub_cache,
        DataPart.STATES: paths.root / "kv", DataPart.LOGS: paths.logs,
    }  # fmt: skip
    parts = []
    for part, places in found.items():
        sizes = []
        for size in _sizes(places):
            if stop():
                return None
            sizes.append(size)
        home = homes.get(part) or (places[0] if places else paths.root)
        parts.append(PartUse(part, home, sum(sizes), len(sizes)))
    return DataUse(paths.root, tuple(parts), _free(paths.root))


def _part_of(path: Path, paths: DataPaths) -> DataPart:
    name = path.name
    if any(mark in name for mark in _ASIDE):
        return DataPart.ASIDE
    folders = {
        paths.backups.name: DataPart.BACKUPS, paths.models.name: DataPart.MODELS,
        paths.hub_cache.name: DataPart.CACHE, "kv": DataPart.STATES,
        paths.logs.name: DataPart.LOGS, paths.mirrors.name: DataPart.SETTINGS,
        paths.importing.name: DataPart.CACHE,
    }  # fmt: skip
    if name in folders:
        return folders[name]
    begins = {
        paths.history.name: DataPart.HISTORY, paths.library.name: DataPart.LIBRARY,
        paths.settings.name: DataPart.SETTINGS,
    }  # fmt: skip
    for begin, part in begins.items():
        if name.startswith(begin):
            return part
    return DataPart.SETTINGS if name in _OURS else DataPart.OTHER


def _sizes(places: Iterable[Path]) -> Iterator[int]:
    """Of every file below, without following a link."""
    waiting = list(places)
    while waiting:
        path = waiting.pop()
        try:
            status = path.lstat()
        except OSError:
            continue
        if path.is_dir() and not path.is_symlink():
            waiting += _children(path)
        else:
            yield status.st_size


def _children(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return sorted(Path(each.path) for each in entries)
    except OSError:
        return []


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
