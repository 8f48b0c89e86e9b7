"""Looks through folders of other programs: only reading, and never longer than agreed.

What cannot be read is passed over and noted. Folders that are links are not entered, so that
no ring of links is walked for ever; files that are links are followed.
"""

import contextlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from models.repository import Quantization, read_repository

_MOST_TEXT = 1 << 20
_MOST_FILES = 2000
"""In one folder of models: more is no folder of models."""
_DEPTH = 6
_MAGIC = b"GGUF"
_PARTIAL_ENDINGS = (".part", ".tmp", ".incomplete", ".downloadinprogress", ".aria2", ".url")
_PARTIAL_BEGINNINGS = ("downloading_", "incomplete-")


class OutOfTime(Exception):  # noqa: N818 - what was found until then counts
    """The agreed time is over."""


@dataclass(slots=True)
class Walk:
    """One look-around, with its time and what it could not read."""

    deadline: float
    """On ``clock``."""
    clock: Callable[[], float] = time.monotonic
    unreadable: list[Path] = field(default_factory=list)
    _seen: set[tuple[int, int]] = field(default_factory=set)

    def check(self) -> None:
        """Raise OutOfTime when the time is over."""
        if self.clock() > self.deadline:
            raise OutOfTime

    def is_new(self, path: Path) -> bool:
        """Whether this very file was not found before, under whatever name."""
        try:
            status = path.stat()
        except OSError:
            return False
        key = status.st_dev, status.st_ino
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    # --- folders ---------------------------------------------------------------------------

    def folders(self, place: Path) -> list[Path]:
        """The folders in ``place`` by name, links left out; empty when it cannot be read."""
        return [path for path, is_folder in self._entries(place) if is_folder]

    def files(self, place: Path, depth: int = _DEPTH) -> Iterator[Path]:
        """Files below ``place`` by name, at most ``depth`` folders deep."""
        for path, is_folder in self._entries(place):
            if not is_folder:
                yield path
            elif depth > 0:
                yield from self.files(path, depth - 1)

    def _entries(self, place: Path) -> list[tuple[Path, bool]]:
        self.check()
        found = []
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    self.check()
                    # A link that leads nowhere concerns itself alone.
                    with contextlib.suppress(OSError):
                        if entry.is_dir(follow_symlinks=False):
                            found.append((Path(entry.path), True))
                        elif entry.is_file():
                            found.append((Path(entry.path), False))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError:
            self.unreadable.append(place)
        return sorted(found)

    # --- files -----------------------------------------------------------------------------

    def text(self, path: Path) -> str:
        """The text of a small file; empty when there is none or it cannot be read."""
        self.check()
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                return ""
            with path.open("rb") as file:
                content = file.read(_MOST_TEXT + 1)
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return ""
        except OSError:
            self.unreadable.append(path)
            return ""
        return content.decode("utf-8", "replace") if len(content) <= _MOST_TEXT else ""

    def models(self, place: Path, depth: int = _DEPTH) -> list["LocalModel"]:
        """The models whose files lie whole in ``place``."""
        files = []
        for path in self.files(place, depth):
            if path.name.casefold().endswith(".gguf") and self.is_whole(path):
                inside = PurePath(path.relative_to(place)).as_posix()
                with contextlib.suppress(OSError):
                    files.append(_LocalFile(inside, path.stat().st_size, None))
            if len(files) >= _MOST_FILES:
                break
        contents = read_repository(files)
        return [
            LocalModel(place / each.files[0].path, model.name, each, _has_holes(place, each))
            for model in contents.models
            for each in model.quantizations
            if each.problem is None
        ]

    def is_whole(self, path: Path) -> bool:
        """Whether a file begins as a model does, and its name is not that of a piece."""
        name = path.name.casefold()
        if name.endswith(_PARTIAL_ENDINGS) or name.startswith(_PARTIAL_BEGINNINGS):
            return False
        if "-partial" in name:
            return False
        self.check()
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                return False
            with path.open("rb", buffering=0) as file:
                return file.read(len(_MAGIC)) == _MAGIC
        except (FileNotFoundError, ValueError):
            return False
        except OSError:
            self.unreadable.append(path)
            return False


@dataclass(frozen=True, slots=True)
class _LocalFile:
    path: str
    size: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model that lies on the disk."""

    path: Path
    """Of its first file."""
    name: str
    quantization: Quantization
    has_holes: bool
    """Whether large parts of its files were never written."""


def _has_holes(place: Path, quantization: Quantization) -> bool:
    """Whether a file of it takes less than half its size on the disk.

    A hint: a download that reserved its whole size looks so. Weights hardly shrink on a disk
    that compresses.
    """
    return any(is_hollow(place / file.path) for file in quantization.files)


def is_hollow(path: Path) -> bool:
    """The same of one file. False where the system does not say."""
    try:
        status = path.stat()
    except OSError:
        return False
    blocks = getattr(status, "st_blocks", None)
    return blocks is not None and blocks * 512 < status.st_size // 2
