"""Gives all data another folder: copies beside, checks, then says so in one small file.

Whenever it is killed, either the old folder is in use, or the new one, whole. The caller holds the
instance lock of the old folder and has closed everything; models stay where they are.
"""

import contextlib
import hashlib
import logging
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from app.amounts import file_size
from app.backups.erasing import what_is_there
from app.data_place import MARK, Mark, MarkState, forget, mark_of, point, pointed, put_mark
from app.errors import DataFolderError
from app.files import sync_folder
from app.notices import Notice
from app.paths import DataPaths
from app.settings.store import SettingsStore
from app.storage.copies import copy_is_sound
from app.storage.replacing import opening_lock, without_its_log
from models.errors import KnownError
from models.naming import shorten

log = logging.getLogger("moestro.data")

NAME = "Moestro"
_KEPT = "moved-"
_RESERVE_BYTES = 100_000_000
_BLOCK = 1 << 20
_LOCKS = (".lock", ".opening")

Told = Callable[[int, int], None]


class MoveStopped(Exception):  # noqa: N818 - somebody wanted it
    """``stop`` said so: the old folder stays in use."""


@dataclass(frozen=True, slots=True)
class DataMoved:
    """What became of it."""

    folder: Path
    kept: Path | None
    """The files of before; None when they could not be set aside yet."""
    size_bytes: int


def place_in(chosen: Path) -> Path:
    """Where data go when a person chose this folder: into one of their own."""
    return chosen if chosen.name.casefold() == NAME.casefold() else chosen / NAME


def check_move(paths: DataPaths, target: Path) -> int:
    """How many bytes would be copied. Raises DataFolderError when ``target`` cannot take them."""
    name = shorten(str(target))
    if paths.home is None:
        raise DataFolderError("data.move_chosen", path=shorten(str(paths.root)))
    real, old = target.resolve(), paths.root.resolve()
    if real == old:
        raise DataFolderError("data.move_same", path=name)
    if real.is_relative_to(old) or old.is_relative_to(real):
        raise DataFolderError("data.move_inside", path=name)
    try:
        if not target.parent.is_dir() or (os.path.lexists(target) and not target.is_dir()):
            raise DataFolderError("data.move_no_folder", path=name)
        if not _is_free(DataPaths(target), paths.home):
            raise DataFolderError("data.move_not_empty", path=name)
        needed = sum(size for _path, size in _files(paths))
        free = shutil.disk_usage(target.parent).free
    except OSError as error:
        raise DataFolderError("data.move_io", path=name, reason=_reason(error)) from error
    if free < needed + _RESERVE_BYTES:
        facts = {"needed": file_size(needed + _RESERVE_BYTES), "free": file_size(free)}
        raise DataFolderError("data.move_no_room", path=name, **facts)
    return needed


def move_data(
    paths: DataPaths,
    target: Path,
    told: Told = lambda _done, _total: None,
    stop: Callable[[], bool] = lambda: False,
) -> DataMoved:
    """Copy, check and switch to ``target``; the old files are set aside in their folder.

    ``told`` hears bytes done and in all. Raises DataFolderError, StorageError (storage.busy: a
    command is still writing) and MoveStopped; the old folder is in use then.
    """
    total = check_move(paths, target)
    home = paths.home
    assert home is not None
    new = DataPaths(target, home)
    mark = Mark(secrets.token_hex(16), MarkState.COPYING, str(paths.root), _kept_before(paths))
    try:
        # Whoever opens the history now waits, and who has it open already is waited for.
        with opening_lock(paths.history):
            for database in (paths.history, paths.library):
                if database.is_file():
                    without_its_log(database)
            _clear(new, home)
            target.mkdir(mode=0o700, exist_ok=True)
            put_mark(target, mark)
            _copy_all(paths, target, total, told, stop)
            _check(paths, new)
            put_mark(target, replace(mark, state=MarkState.CHECKED))
            sync_folder(target.parent)
            # From here on the new folder is the one in use.
            point(home, target, mark.id)
    except (OSError, KnownError, MoveStopped) as error:
        _take_back(new, home, mark)
        if isinstance(error, OSError):
            log.warning("the data were not moved: %s", error)
            name = shorten(str(target))
            raise DataFolderError("data.move_io", path=name, reason=_reason(error)) from error
        raise
    return DataMoved(target, finish_move(new), total)


def begin_anew(home: Path) -> None:
    """Give up the folder that the note names, and use the usual place again.

    The note is kept under another name, so that a person finds the folder. Raises DataFolderError.
    """
    try:
        # Half a copy must not be taken for a history.
        _clear(DataPaths(home), home)
        if mark_of(home) is not None:
            (home / MARK).unlink()
        forget(home)
    except OSError as error:
        name = shorten(str(home))
        raise DataFolderError("data.move_io", path=name, reason=_reason(error)) from error


def finish_move(paths: DataPaths) -> Path | None:
    """Note that the folder is used, and set the files of before aside; returns where they are.

    For each start, before anything is opened. Harmless when it was done.
    """
    mark = mark_of(paths.root)
    if mark is None or mark.state is MarkState.COPYING:
        return None
    try:
        if mark.state is MarkState.CHECKED:
            mark = replace(mark, state=MarkState.USED)
            put_mark(paths.root, mark)
        if not mark.came_from:
            return None
        old = DataPaths(Path(mark.came_from))
        kept = _kept_folder(old.root, mark.id)
        for path in what_is_there(old, models=False):
            if not path.name.endswith(_LOCKS):
                kept.mkdir(mode=0o700, exist_ok=True)
                path.rename(kept / path.name)
        (old.root / MARK).unlink(missing_ok=True)
        sync_folder(old.root)
        put_mark(paths.root, replace(mark, came_from="", kept=(*mark.kept, str(kept))))
    except OSError as error:
        # The disk of before may be away already; what is on it is not used any more.
        log.warning("the old data could not be set aside: %s", error)
        return None
    return kept


# --- what is copied, and how -------------------------------------------------------------------


def _files(paths: DataPaths) -> Iterator[tuple[Path, int]]:
    """Everything of ours that goes along, links as what they are, and its size."""
    waiting = list(what_is_there(paths, models=False))
    while waiting:
        path = waiting.pop()
        status = path.lstat()
        if stat.S_ISDIR(status.st_mode):
            waiting += sorted(path.iterdir())
        elif not path.name.endswith(_LOCKS):
            yield path, status.st_size if stat.S_ISREG(status.st_mode) else 0


def _copy_all(
    paths: DataPaths, target: Path, total: int, told: Told, stop: Callable[[], bool]
) -> None:
    done = 0
    folders = {target}
    for source, size in _files(paths):
        copy = target / source.relative_to(paths.root)
        for folder in reversed(copy.relative_to(target).parents[:-1]):
            (target / folder).mkdir(mode=0o700, exist_ok=True)
            folders.add(target / folder)
        if source.is_symlink():
            copy.symlink_to(Path(os.path.normpath(source.parent / source.readlink())))
        elif source.is_file():
            _copy(source, copy, stop)
        done += size
        told(done, total)
    for folder in folders:
        sync_folder(folder)


def _copy(source: Path, copy: Path, stop: Callable[[], bool]) -> None:
    """Copied, on the disk, and read again. Raises OSError, DataFolderError, MoveStopped."""
    digest = hashlib.sha256()
    descriptor = os.open(
        copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
    )
    with source.open("rb") as reading, open(descriptor, "wb") as writing:  # noqa: PTH123
        while block := reading.read(_BLOCK):
            if stop():
                raise MoveStopped
            digest.update(block)
            writing.write(block)
        writing.flush()
        os.fsync(writing.fileno())
        if hasattr(os, "posix_fadvise"):
            # So that reading it again asks the disk, not the memory it was written from.
            os.posix_fadvise(writing.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    with copy.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").digest() != digest.digest():
            raise DataFolderError("data.move_differs", path=shorten(str(copy)))


def _check(paths: DataPaths, new: DataPaths) -> None:
    """The history opens in its new place, and models are found where they stay."""
    if new.history.is_file() and not copy_is_sound(new.history):
        raise DataFolderError("data.move_damaged", path=shorten(str(paths.history)))
    refused: list[Notice] = []
    settings = SettingsStore(new.settings, refused.append)
    if paths.models.is_dir() and not settings.current.library_folder:
        settings.change(library_folder=str(paths.models))
    if refused:
        raise OSError(f"{new.settings.name} was not written")


# --- the folders -------------------------------------------------------------------------------


def _is_free(target: DataPaths, home: Path) -> bool:
    """Whether nothing is there but what a move that was ended left.

    In the usual place only data would be in the way: its note, models and other files may stay.
    """
    if not target.root.is_dir():
        return True
    ours = {path.name for path in what_is_there(target, models=False)}
    allowed = ours if _is_leftover(target, home) else set()
    found = ours if target.root == home else {each.name for each in target.root.iterdir()}
    return all(name in allowed or name.startswith(MARK) or name.endswith(_LOCKS) for name in found)


def _is_leftover(target: DataPaths, home: Path) -> bool:
    """Whether a move that was ended left what is there: nobody has ever used it."""
    mark = mark_of(target.root)
    if mark is None or mark.state is MarkState.USED:
        return False
    try:
        return pointed(home) != target.root
    except DataFolderError:
        return mark.state is MarkState.COPYING


def _clear(target: DataPaths, home: Path) -> None:
    """Remove what a move that was ended left. Raises OSError."""
    if not _is_leftover(target, home):
        return
    for path in what_is_there(target, models=False):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _take_back(target: DataPaths, home: Path, mark: Mark) -> None:
    """It did not come to its end: nothing of it stays where it can be removed."""
    now = mark_of(target.root)
    if now is None or now.id != mark.id:
        return
    with contextlib.suppress(OSError):
        put_mark(target.root, mark)
        _clear(target, home)
        (target.root / MARK).unlink()
        target.root.rmdir()


def _kept_before(paths: DataPaths) -> tuple[str, ...]:
    """Folders of earlier moves."""
    mark = mark_of(paths.root)
    return mark.kept if mark is not None else ()


def _kept_folder(root: Path, identity: str) -> Path:
    """The same one for the same move, however often that is ended."""
    found = sorted(root.glob(f"{_KEPT}*-{identity[:8]}"))
    return found[0] if found else root / f"{_KEPT}{datetime.now(UTC):%Y-%m-%d}-{identity[:8]}"


def _reason(error: OSError) -> str:
    return shorten(error.strerror or type(error).__name__, 40)
