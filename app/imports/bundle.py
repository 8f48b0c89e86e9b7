"""Files to read chats from, alike whether they lie in a folder, in a zip or alone.

Nothing is unpacked to the disk, no link out of a folder is followed, and what a zip may unpack
to is bounded.
"""

import contextlib
import io
import itertools
import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, Final, Protocol

from app.imports.errors import ImportingError
from app.imports.streaming import HEAD_BYTES, MIB
from app.imports.zip_outline import has_bounded_directory
from app.text import clean

_MOST_FILES: Final = 200_000
_DEPTH: Final = 8
_MOST_NAME: Final = 1000
_MOST_UNPACKED: Final = 16 * 1024 * MIB
_FREELY_UNPACKED: Final = 64 * MIB
_MOST_RATIO: Final = 400
"""JSON of chats shrinks to a tenth; nothing but a bomb to a four hundredth."""


class Bundle(Protocol):
    """Named files. Names are relative, with slashes, in the order in which they are read."""

    @property
    def where(self) -> str:
        """What a person calls the whole."""

    def names(self, under: str = "") -> list[str]:
        """Every file that may be opened, of one folder if asked. Raises ImportingError."""

    def open(self, name: str) -> BinaryIO:
        """One file, to read from its beginning. Raises OSError and ImportingError."""

    def size(self, name: str) -> int:
        """How many bytes it has; 0 for one that is not there."""

    def close(self) -> None:
        """Give back what is open."""


def opened(path: Path) -> contextlib.closing[Bundle]:
    """Everything in a folder or a zip, or one file. Raises ImportingError."""
    where = clean(path.name) or str(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            return contextlib.closing(_Folder(path, where))
        if not stat.S_ISREG(status.st_mode):
            raise ImportingError("import.cannot_open", where=where)
        with path.open("rb") as file:
            is_zip = file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
        return contextlib.closing(_Zip(path, where) if is_zip else _Single(path, where))
    except (OSError, ValueError) as error:
        raise ImportingError("import.cannot_open", where=where) from error


def read_whole(bundle: Bundle, name: str, most: int) -> bytes | None:
    """A file's content; None if it has more than ``most`` bytes. Raises OSError, ImportingError."""
    if bundle.size(name) > most:
        return None
    with bundle.open(name) as file:
        content = file.read(most + 1)
    return content if len(content) <= most else None


def head_of(bundle: Bundle, name: str) -> bytes:
    """How a file begins; nothing if it cannot be read."""
    try:
        with bundle.open(name) as file:
            return file.read(HEAD_BYTES)
    except (OSError, ImportingError):
        return b""


class _Single:
    def __init__(self, path: Path, where: str) -> None:
        self._path = path
        self.where = where

    def names(self, under: str = "") -> list[str]:
        return [] if under else [self.where]

    def open(self, name: str) -> BinaryIO:
        if name != self.where:
            raise FileNotFoundError(name)
        return self._path.open("rb")

    def size(self, name: str) -> int:
        return self._path.stat().st_size if name == self.where else 0

    def close(self) -> None:
        """Nothing stays open."""


class _Folder:
    def __init__(self, path: Path, where: str) -> None:
        self._path = path
        self.where = where

    def names(self, under: str = "") -> list[str]:
        begin = self._path / under
        if under and (begin.is_symlink() or not begin.is_dir()):
            return []
        try:
            found = self._below(begin, PurePosixPath(under), _DEPTH)
            names = list(itertools.islice(found, _MOST_FILES + 1))
        except OSError as error:
            raise ImportingError("import.cannot_open", where=self.where) from error
        if len(names) > _MOST_FILES:
            raise ImportingError("import.too_many_files", where=self.where)
        return names

    def open(self, name: str) -> BinaryIO:
        path = self._at(name)
        if path is None:
            raise FileNotFoundError(name)
        return path.open("rb")

    def size(self, name: str) -> int:
        path = self._at(name)
        try:
            return path.stat().st_size if path is not None else 0
        except OSError:
            return 0

    def close(self) -> None:
        """Nothing stays open."""

    def _at(self, name: str) -> Path | None:
        """The file of this name, links left aside, wherever they lead."""
        path = self._path
        if not is_safe_name(name):
            return None
        for part in PurePosixPath(name).parts:
            path = path / part
            if path.is_symlink():
                return None
        return path if path.is_file() else None

    def _below(self, folder: Path, inside: PurePosixPath, depth: int) -> Iterator[str]:
        with os.scandir(folder) as entries:
            some = itertools.islice(entries, _MOST_FILES + 1)
            found = sorted(some, key=lambda entry: entry.name)
        for entry in found:
            name = inside / entry.name
            if entry.is_file(follow_symlinks=False) and is_safe_name(str(name)):
                yield str(name)
            elif depth and entry.is_dir(follow_symlinks=False):
                # A folder that may not be entered concerns itself alone.
                with contextlib.suppress(OSError):
                    yield from self._below(folder / entry.name, name, depth - 1)


class _Zip:
    def __init__(self, path: Path, where: str) -> None:
        self.where = where
        self._left = _MOST_UNPACKED
        try:
            with path.open("rb") as file:
                if not has_bounded_directory(file):
                    raise ImportingError("import.too_many_files", where=where)
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise ImportingError("import.damaged_zip", where=where) from error
        self._members = {
            member.filename: member
            for member in self._zip.infolist()
            if not member.is_dir() and is_safe_name(member.filename)
        }

    def names(self, under: str = "") -> list[str]:
        begin = f"{under}/" if under else ""
        return sorted(each for each in self._members if each.startswith(begin))

    def open(self, name: str) -> BinaryIO:
        member = self._members.get(name)
        if member is None:
            raise FileNotFoundError(name)
        if member.flag_bits & 1:
            raise ImportingError("import.locked_zip", where=self.where)
        packed, size = member.compress_size, member.file_size
        if size > _FREELY_UNPACKED and size > packed * _MOST_RATIO:
            raise ImportingError("import.zip_bomb", where=self.where)
        try:
            return io.BufferedReader(_Unpacked(self, self._zip.open(member)), MIB)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise ImportingError("import.damaged_zip", where=self.where) from error

    def size(self, name: str) -> int:
        member = self._members.get(name)
        return member.file_size if member is not None else 0

    def close(self) -> None:
        self._zip.close()

    def spend(self, count: int) -> None:
        """Count what was unpacked of all files together. Raises ImportingError."""
        self._left -= count
        if self._left < 0:
            raise ImportingError("import.zip_bomb", where=self.where)


class _Unpacked(io.RawIOBase):
    """A file of a zip while it is read; its faults are those of any file."""

    def __init__(self, archive: _Zip, file: IO[bytes]) -> None:
        super().__init__()
        self._archive, self._file = archive, file

    def readable(self) -> bool:
        """It is only read, from front to back."""
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Fill ``buffer``. Raises OSError for damage and ImportingError for a bomb."""
        try:
            data = self._file.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, ValueError) as error:
            raise OSError("damaged inside the zip") from error
        self._archive.spend(len(data))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Give the file back."""
        self._file.close()
        super().close()


def is_safe_name(name: str) -> bool:
    """Whether a name stays inside the folder or zip that it is looked up in."""
    parts = name.split("/")
    return 0 < len(name) <= _MOST_NAME and "\0" not in name and not {"", ".", ".."} & {*parts}
