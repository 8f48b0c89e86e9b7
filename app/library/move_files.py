"""Brings files into the new library's folder: copied, on the disk, read again, then named.

On one disk a file only gets a second name, which takes no room and no time.
"""

import contextlib
import errno
import hashlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from app.library.errors import KeepingError
from app.library.hashing import PIECE_BYTES, Stopped, sha256_of
from app.library.move_entities import ArrivedFile, MovePhase, PlannedFile
from app.library.move_journal import JournaledMove
from models.entities import ModelFile
from models.naming import shorten, shown_name
from models.transfer_promotion import sync_folder

log = logging.getLogger("moestro.library")

_NO_LINK = {errno.EXDEV, errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}

Count = Callable[[MovePhase, str, int], None]


class SourceDiffers(Exception):  # noqa: N818 - the model stays where it is
    """The old file is not what it should be, or cannot be read."""

    def __init__(self, *, is_damaged: bool) -> None:
        super().__init__()
        self.is_damaged = is_damaged


class Carrier:
    """Works for one move, on its thread. ``note`` keeps what was made before it gets its name;
    ``count`` hears of bytes; ``may_link`` says that old and new folder share a disk.
    """

    def __init__(
        self,
        move: JournaledMove,
        note: Callable[[ModelFile], None],
        count: Count,
        stopped: threading.Event,
        *,
        may_link: bool,
    ) -> None:
        self._move = move
        self._note = note
        self._count = count
        self._stopped = stopped
        self.may_link = may_link
        self._number = 0

    def bring(self, planned: PlannedFile) -> ArrivedFile:
        """Give ``planned`` its place.

        Raises SourceDiffers, KeepingError: the copy is not like its source, OSError: the new
        folder takes no more, Stopped.
        """
        if self._stopped.is_set():
            raise Stopped
        name = shown_name(planned.source.path)
        sha256 = ""

        def make(part: Path) -> None:
            nonlocal sha256
            if not self._linked(planned, part, name):
                sha256 = self._copied(planned, part, name)

        file = self.put(planned.target, make)
        return ArrivedFile(planned, file, sha256)

    def put(self, target: Path, make: Callable[[Path], None]) -> ModelFile:
        """Let ``make`` write a file aside, then give it its name; raises what ``make`` raises."""
        self._number += 1
        part = self._move.gathering / f"{self._number}.part"
        make(part)
        # Noted before: after a kill in between, the next start knows whose it is.
        self._note(replace(ModelFile.of(part), path=target))
        self._make_folders(target.parent)
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "occupied", str(target))
        part.rename(target)
        sync_folder(target.parent)
        return ModelFile.of(target)

    def _linked(self, planned: PlannedFile, part: Path, name: str) -> bool:
        if not self.may_link:
            return False
        try:
            os.link(planned.source.path, part)
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            return False
        if replace(ModelFile.of(part), path=planned.source.path) != planned.source:
            raise SourceDiffers(is_damaged=False)
        self._count("copying", name, 2 * planned.source.size)
        return True

    def _copied(self, planned: PlannedFile, part: Path, name: str) -> str:
        sha256 = self._copy(planned.source.path, part, name)
        if not planned.source.is_unchanged():
            raise SourceDiffers(is_damaged=False)
        if planned.known and sha256 != planned.known:
            raise SourceDiffers(is_damaged=True)
        again = sha256_of(part, lambda size: self._count("verifying", name, size), self._stopped)
        if again != sha256:
            folder = shorten(str(self._move.target))
            raise KeepingError("library.move_copy_differs", name=name, folder=folder)
        return sha256

    def _copy(self, source: Path, part: Path, name: str) -> str:
        digest = hashlib.sha256()
        with part.open("xb", buffering=0) as writing:
            for piece in _pieces(source):
                if self._stopped.is_set():
                    raise Stopped
                digest.update(piece)
                view = memoryview(piece)
                while view:
                    view = view[os.write(writing.fileno(), view) :]
                self._count("copying", name, len(piece))
            os.fsync(writing.fileno())
            if hasattr(os, "posix_fadvise"):
                # So that reading it again asks the disk, not the memory it was written from.
                with contextlib.suppress(OSError):
                    os.posix_fadvise(writing.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return digest.hexdigest()

    def _make_folders(self, folder: Path) -> None:
        """Make what is missing below the new folder, each on the disk before the next."""
        missing = []
        while folder != self._move.target and not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        for place in reversed(missing):
            place.mkdir(mode=0o755, exist_ok=True)
            sync_folder(place.parent)


def _pieces(source: Path) -> Iterator[bytes]:
    """The content of a file. Raises SourceDiffers when it cannot be read."""
    try:
        with source.open("rb", buffering=0) as reading:
            while piece := reading.read(PIECE_BYTES):
                yield piece
    except OSError as error:
        log.warning("an old file cannot be read: %s", error)
        raise SourceDiffers(is_damaged=False) from error


def clean(move: JournaledMove) -> tuple[Path, ...]:
    """Remove a move's rubbish, and the folders that it leaves empty; returns what has to stay.

    Only files that are still as they were noted. Harmless when it was done before.
    """
    root = move.target if move.state == "copying" else move.source
    kept = []
    folders = set()
    for file in move.rubbish:
        folders.add(file.path.parent)
        try:
            if file.is_unchanged():
                file.path.unlink()
        except OSError as error:
            log.warning("an old file cannot be removed: %s", error)
            kept.append(file.path)
    with contextlib.suppress(OSError):
        for path in move.gathering.iterdir():
            path.unlink()
    folders.add(move.gathering)
    for folder in folders:
        for place in (folder, *folder.parents):
            if place in (root, move.target, move.source):
                break
            with contextlib.suppress(OSError):
                place.rmdir()
    return tuple(kept)
