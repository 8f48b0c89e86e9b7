"""Where an export goes: one file, a folder of files, or a zip of them; whole or not at all."""

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, Protocol

from app.export.files import (
    NewFile,
    export_error,
    is_there,
    temporary_in,
    told,
)
from app.export.files_left import hold
from app.export.placing import place_all
from app.files import sync_folder

Packing = Literal["file", "folder", "zip"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where to. ``path`` is a file for "file" and "zip", a folder for "folder"."""

    path: Path
    packing: Packing = "file"
    overwrite: bool = False
    """Whether files of the same name may be replaced; in a folder each gets a number else."""


class Place(Protocol):
    """What takes the files of one export."""

    def file(self, folder: str, name: str) -> contextlib.AbstractContextManager[IO[bytes]]:
        """A file to write, below the folder of this name, or at the top of an empty one."""

    def keep(self) -> None:
        """Everything is written: it becomes visible now. Raises ExportError."""


@contextlib.contextmanager
def open_target(target: Target) -> Iterator[Place]:
    """Begin to write there; what is not kept leaves nothing behind. Raises ExportError."""
    if target.packing == "folder":
        with _folder(target) as place:
            yield place
        return
    with NewFile(target.path, overwrite=target.overwrite) as new:
        if target.packing == "file":
            yield _OneFile(new)
        else:
            from app.export.zip_place import ZipPlace

            archive = ZipPlace(new)
            try:
                yield archive
            finally:
                archive.give_up()


class _OneFile:
    """Its name is the target's, whatever the chat is called."""

    def __init__(self, new: NewFile) -> None:
        self._new = new

    @contextlib.contextmanager
    def file(self, folder: str, name: str) -> Iterator[IO[bytes]]:  # noqa: ARG002 - as asked
        yield self._new.stream

    def keep(self) -> None:
        self._new.keep()


@contextlib.contextmanager
def _folder(target: Target) -> Iterator["_Folder"]:
    """Files are written aside, on the same disk, and moved into place at the end."""
    # Not Path.is_dir: it refuses to say so of a folder that cannot be looked into.
    inside = os.path.isdir(target.path)  # noqa: PTH112
    try:
        if not inside and is_there(target.path):
            raise NotADirectoryError(errno.EEXIST, os.strerror(errno.EEXIST))
        # Of a folder that is there only its files are ours to add.
        stage, held = _held_folder(target.path if inside else target.path.parent)
    except OSError as error:
        raise export_error(error, target.path) from error
    try:
        yield _Folder(target, stage, inside=inside)
    finally:
        if held is not None:
            os.close(held)
        shutil.rmtree(stage, ignore_errors=True)


def _held_folder(parent: Path) -> tuple[Path, int | None]:
    while True:
        stage = temporary_in(parent)
        stage.mkdir(mode=0o700)
        if os.name == "nt":
            return stage, None
        try:
            held = os.open(stage, os.O_RDONLY)
        except FileNotFoundError:
            continue
        hold(held)
        if stage.is_dir():
            return stage, held
        os.close(held)


class _Folder:
    def __init__(self, target: Target, stage: Path, *, inside: bool) -> None:
        self._target = target
        self._stage = stage
        self._inside = inside

    @contextlib.contextmanager
    def file(self, folder: str, name: str) -> Iterator[IO[bytes]]:
        place = self._stage / folder
        try:
            place.mkdir(mode=0o700, exist_ok=True)
            stream = _private(place / name)
        except OSError as error:
            raise export_error(error, self._target.path / folder / name) from error
        with stream:
            yield stream
            with told(self._target.path / folder / name):
                stream.flush()

    def keep(self) -> None:
        with told(self._target.path):
            _onto_the_disk(self._stage)
        if self._inside:
            place_all(self._stage, self._target.path, overwrite=self._target.overwrite)
            return
        with told(self._target.path):
            if is_there(self._target.path):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            self._stage.rename(self._target.path)
            sync_folder(self._target.path.parent)


def _private(path: Path) -> IO[bytes]:
    """A new file for its owner alone: so it stays where it is moved to. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def _onto_the_disk(stage: Path) -> None:
    """All files at once: one after the other takes as long as ten thousand commits. OSError."""
    sync: Callable[[], None] | None = getattr(os, "sync", None)
    if sync is not None:
        sync()
        return
    for path in stage.rglob("*"):
        if path.is_file():
            with path.open("r+b") as stream:
                os.fsync(stream.fileno())
