"""Puts a model's files into the library's folder: all of them or none, and nothing is replaced.

They gather in a hidden folder beside their place, which then gets its name in one step. What is
moved is linked there first and keeps its old name until the library remembers the new one.
"""

import contextlib
import errno
import hashlib
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from app.amounts import file_size
from app.library.errors import KeepingError
from app.library.hashing import PIECE_BYTES, Stopped
from app.library.volumes import Volumes
from models.entities import ModelHandle
from models.errors import ModelFileError
from models.gguf import CheckedModel, open_model
from models.naming import parse_shard, shorten, shown_name
from models.transfer_paths import folder_of, local_paths
from models.transfer_promotion import sync_folder

Placing = Literal["copy", "link", "move"]

IMPORTED = "imported"
"""The publisher's place in the library, of models that have none."""
GATHERING = ".imports"
_MOST_PLACES = 100
_NO_LINK = {errno.EXDEV, errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


@dataclass(frozen=True, slots=True)
class PlacedFiles:
    """A model in the library's folder."""

    checked: CheckedModel
    hashes: tuple[str, ...]
    """SHA-256 of each file if it was read to its end, as for a copy."""
    leftover: tuple[Path, ...] = ()
    """Old names, to be removed once the library remembers the new ones."""
    came_from: tuple[Path, ...] = ()
    """Old names that exist no more, where a disk knows no links."""
    is_ours: bool = True
    """The files were put where they are by this import."""

    def take_back(self) -> None:
        """Undo it, as the library could not remember it. Raises OSError."""
        if not self.is_ours:
            return
        paths = [file.path for file in self.checked.handle.files]
        for number, path in enumerate(paths):
            if self.came_from:
                path.rename(self.came_from[number])
            else:
                path.unlink()
        paths[0].parent.rmdir()


class Placer:
    """Works for one import, on its own thread. ``tell`` hears of bytes as they are copied."""

    def __init__(
        self,
        library: Path,
        volumes: Volumes,
        tell: Callable[[int], None],
        stopped: threading.Event,
    ) -> None:
        self._library = library
        self._volumes = volumes
        self._tell = tell
        self._stopped = stopped

    def place(self, source: CheckedModel, how: Placing) -> PlacedFiles:
        """Bring the files of ``source`` into the library.

        Raises KeepingError, UnsafeName, ModelFileError, OSError, Stopped; nothing is changed
        then.
        """
        paths = [file.path for file in source.handle.files]
        if how == "move" and any(path.is_symlink() for path in paths):
            raise KeepingError("library.is_link", name=shown_name(paths[0]))
        names = [str(name) for name in local_paths([path.name for path in paths])]
        # Not its parents: they may be the place of a drive that is away.
        self._library.mkdir(mode=0o755, exist_ok=True)
        sweep(self._library)
        if how == "copy":
            return self._copied(source.handle, names, leftover=())
        try:
            return self._linked(source.handle, names, tuple(paths) if how == "move" else ())
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            if how == "link":
                raise KeepingError("library.no_link", name=shown_name(paths[0])) from error
        if len({self._volumes.device(path) for path in (self._library, *paths)}) == 1:
            return self._renamed(source.handle, names)
        return self._copied(source.handle, names, leftover=tuple(paths))

    # --- the ways --------------------------------------------------------------------------

    def _copied(
        self, source: ModelHandle, names: Sequence[str], leftover: tuple[Path, ...]
    ) -> PlacedFiles:
        self._check_room(source)
        hashes = []
        with self._gathering("copy") as folder:
            for file, name in zip(source.files, names, strict=True):
                hashes.append(self._copy(file.path, folder / name))
            return self._named(folder, source, names, tuple(hashes), leftover)

    def _linked(
        self, source: ModelHandle, names: Sequence[str], leftover: tuple[Path, ...]
    ) -> PlacedFiles:
        with self._gathering("link") as folder:
            for file, name in zip(source.files, names, strict=True):
                os.link(file.path.resolve(), folder / name)
            return self._named(folder, source, names, (), leftover)

    def _renamed(self, source: ModelHandle, names: Sequence[str]) -> PlacedFiles:
        """On a disk without links: one file after the other, and back when one cannot be moved."""
        folder = self._free_place(source)
        folder.mkdir(parents=True)
        done: list[tuple[Path, Path]] = []
        try:
            for file, name in zip(source.files, names, strict=True):
                file.path.rename(folder / name)
                done.append((folder / name, file.path))
            came_from = tuple(file.path for file in source.files)
            return PlacedFiles(_checked(folder, source, names), (), came_from=came_from)
        except BaseException:
            for new, old in reversed(done):
                new.rename(old)
            folder.rmdir()
            raise

    # --- steps -----------------------------------------------------------------------------

    def _check_room(self, source: ModelHandle) -> None:
        folder = shorten(str(self._library))
        limit = self._volumes.largest_file(self._library)
        if limit is not None and max(file.size for file in source.files) > limit:
            raise KeepingError("download.fs_limit", folder=folder)
        short = self._volumes.is_short(self._library, source.size, ())
        if short is not None:
            raise KeepingError(
                "library.no_room",
                name=shown_name(source.path),
                needed=file_size(short[0]),
                free=file_size(short[1]),
            )

    @contextlib.contextmanager
    def _gathering(self, how: str) -> Iterator[Path]:
        folder = self._library / GATHERING / f"{how}-{os.getpid()}-{secrets.token_hex(4)}"
        folder.mkdir(parents=True, mode=0o755)
        try:
            yield folder
        finally:
            _clear(folder)

    def _copy(self, source: Path, target: Path) -> str:
        digest = hashlib.sha256()
        with source.open("rb", buffering=0) as reading, target.open("xb", buffering=0) as writing:
            while piece := reading.read(PIECE_BYTES):
                if self._stopped.is_set():
                    raise Stopped
                digest.update(piece)
                _write(writing.fileno(), piece)
                self._tell(len(piece))
            os.fsync(writing.fileno())
        return digest.hexdigest()

    def _named(
        self,
        gathered: Path,
        source: ModelHandle,
        names: Sequence[str],
        hashes: tuple[str, ...],
        leftover: tuple[Path, ...],
    ) -> PlacedFiles:
        """Check what was gathered, then give it its place."""
        _checked(gathered, source, names)
        sync_folder(gathered)
        folder = self._free_place(source)
        folder.parent.mkdir(exist_ok=True)
        gathered.rename(folder)
        try:
            sync_folder(folder.parent)
            return PlacedFiles(_checked(folder, source, names), hashes, leftover)
        except BaseException:
            folder.rename(gathered)
            raise

    def _free_place(self, source: ModelHandle) -> Path:
        """A folder that is not there yet."""
        shard = parse_shard(source.path.name)
        base = shard.prefix if shard else source.path.stem
        wished = self._library / folder_of(f"{IMPORTED}/{base}")
        for number in range(1, _MOST_PLACES):
            folder = wished if number == 1 else wished.with_name(f"{wished.name}-{number}")
            if not os.path.lexists(folder):
                return folder
        raise KeepingError(
            "download.occupied", name=shown_name(source.path), folder=shorten(str(wished.parent))
        )


def sweep(library: Path) -> None:
    """Remove copies that a program left half done which is no more."""
    with contextlib.suppress(OSError):
        for folder in (library / GATHERING).glob("copy-*"):
            told = folder.name.split("-")[1]
            if told.isdigit() and not psutil.pid_exists(int(told)):
                _clear(folder)


def _checked(folder: Path, source: ModelHandle, names: Sequence[str]) -> CheckedModel:
    found = open_model(folder / names[0])
    if found.handle.key != source.key:
        raise ModelFileError("gguf.changing", name=shown_name(source.path))
    return found


def _write(descriptor: int, piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        view = view[os.write(descriptor, view) :]


def _clear(folder: Path) -> None:
    """Remove a folder that holds files of ours alone; it may have got its name meanwhile."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    with contextlib.suppress(OSError):
        folder.parent.rmdir()
