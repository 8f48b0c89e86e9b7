"""Delete everything, and mean it: every file of ours in the data folder, each of them told."""

import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.backups.errors import BackupError
from app.data_place import MARK, NOTE, mark_of
from app.paths import DataPaths
from app.storage.replacing import opening_lock
from models.naming import shorten

_FILES = (
    "history.sqlite3*", "library.sqlite3*", "settings.json*", "loading-at-start*",
    "library-move.lock",
)  # fmt: skip
"""With what belongs to them: logs of the database, what was set aside, what waits."""

_FOLDERS = ("backups", "kv", "hub-cache", "logs", "mirrors", "importing")


@dataclass(frozen=True, slots=True)
class Erased:
    """What is gone, and what was left because it is not ours or was not asked for."""

    removed: tuple[Path, ...]
    left: tuple[Path, ...]
    freed_bytes: int


def what_is_there(paths: DataPaths, *, models: bool) -> tuple[Path, ...]:
    """What ``erase_everything`` would remove; for a question that names it."""
    return tuple(_ours(paths, models=models))


def erase_everything(paths: DataPaths, *, models: bool) -> Erased:
    """Remove history, settings, library, backups, kept states, caches and logs from the disk.

    ``models``: also the folder of models inside the data folder. A link is removed, never
    followed; nothing outside the data folder and no other program's file is touched. The caller
    holds the instance lock and has closed everything. Raises BackupError backup.io naming the
    first thing that could not be removed, after removing all others.
    """
    removed: list[Path] = []
    freed = 0
    trouble: OSError | None = None
    refused = paths.root
    with opening_lock(paths.history):
        targets = (*_of_moves(paths), *what_is_there(paths, models=models))
        for path in targets:
            if path.name == f"{paths.history.name}.opening":
                continue
            size = _size(path)
            try:
                _remove(path)
            except OSError as error:
                trouble, refused = trouble or error, path
                continue
            removed.append(path)
            freed += size
    if trouble is not None:
        raise BackupError("backup.not_erased", name=shorten(refused.name)) from trouble
    left = tuple(
        path
        for path in sorted(paths.root.iterdir())
        if path != paths.lock and not path.name.endswith(".opening")
    )
    return Erased(tuple(removed), left, freed)


def _ours(paths: DataPaths, *, models: bool) -> Iterator[Path]:
    for pattern in _FILES:
        yield from sorted(paths.root.glob(pattern))
    for name in (*_FOLDERS, *(("models",) if models else ())):
        path = paths.root / name
        if path.is_symlink() or path.exists():
            yield path


def _of_moves(paths: DataPaths) -> Iterator[Path]:
    """What says that the data were moved, and what was set aside then.

    The note first: without the mark it would name a folder that nobody believes in.
    """
    mark = mark_of(paths.root)
    if mark is None:
        return
    if paths.home is not None and (paths.home / NOTE).exists():
        yield paths.home / NOTE
    yield from (Path(each) for each in mark.kept if Path(each).is_dir())
    yield paths.root / MARK


def _remove(path: Path) -> None:
    # What a link itself is: it is removed, and what it leads to stays.
    if not stat.S_ISDIR(path.lstat().st_mode):
        path.unlink()
    else:
        shutil.rmtree(path)


def _size(path: Path) -> int:
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size
    return sum(each.lstat().st_size for each in path.rglob("*") if not each.is_dir())
