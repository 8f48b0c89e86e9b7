"""Keeps headers that were fetched, by repository, commit and path, in a bounded folder.

Quantizations of one model share their vocabulary, most of a header's bytes: that piece is kept
once, by its content. Everything is checked when it is read; what is damaged counts as absent.
"""

import contextlib
import hashlib
import logging
import os
import tempfile
from pathlib import Path

import msgspec

log = logging.getLogger("moestro.models")

_ENTRY, _PIECE = ".header", ".piece"
_LEAST_SHARED = 65_536
"""A shorter piece is not worth a file of its own."""
_TEMPORARY = ".new-"


class _Entry(msgspec.Struct, frozen=True, array_like=True):
    """One header: what stands before the shared piece, which piece, and what follows."""

    repository: str
    commit: str
    path: str
    file_size: int
    sha256: bytes
    before: bytes
    piece: str
    """Name of the shared piece, or empty."""
    after: bytes


class HeaderCache:
    """A folder of headers. May be used by several threads and programs at once.

    It only saves requests: that a header cannot be kept is logged and no error.
    """

    def __init__(self, folder: Path, most_bytes: int = 256 * 1024 * 1024) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._decoder = msgspec.msgpack.Decoder(_Entry)

    def get(self, repository: str, commit: str, path: str, file_size: int) -> bytes | None:
        """The header's bytes, or None when they are not here or not what they should be."""
        place = self._place(repository, commit, path)
        try:
            entry = self._decoder.decode(place.read_bytes())
            piece = self._piece(entry.piece) if entry.piece else b""
        except (OSError, ValueError):
            return None  # absent, or damaged: the next writing replaces it
        data = entry.before + piece + entry.after
        known = entry.repository, entry.commit, entry.path, entry.file_size
        if known != (repository, commit, path, file_size):
            return None
        if hashlib.sha256(data).digest() != entry.sha256:
            return None
        self._touch(place, entry.piece)
        return data

    def put(
        self,
        repository: str,
        commit: str,
        path: str,
        file_size: int,
        data: bytes,
        shared: tuple[int, int] = (0, 0),
    ) -> None:
        """Keep a header; ``shared`` is where the piece begins and ends that others have too."""
        begin, end = shared if shared[1] - shared[0] >= _LEAST_SHARED else (0, 0)
        piece = data[begin:end]
        name = hashlib.sha256(piece).hexdigest() if piece else ""
        entry = _Entry(
            repository, commit, path, file_size, hashlib.sha256(data).digest(),
            data[:begin] if piece else data, name, data[end:] if piece else b"",
        )  # fmt: skip
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if name and not (self._folder / (name + _PIECE)).exists():
                self._write(self._folder / (name + _PIECE), piece)
            self._write(self._place(repository, commit, path), msgspec.msgpack.encode(entry))
            self._make_room()
        except (OSError, UnicodeEncodeError) as error:
            log.warning("a header was not kept: %s", error)

    # --- files -----------------------------------------------------------------------------

    def _place(self, repository: str, commit: str, path: str) -> Path:
        """Hashed, because names from the network are no names for files."""
        key = "\0".join((repository, commit, path)).encode("utf-8", "surrogatepass")
        return self._folder / (hashlib.sha256(key).hexdigest() + _ENTRY)

    def _piece(self, name: str) -> bytes:
        if not name.isalnum():
            raise ValueError(name)
        return (self._folder / (name + _PIECE)).read_bytes()

    def _touch(self, place: Path, piece: str) -> None:
        with contextlib.suppress(OSError):
            os.utime(place)
            if piece:
                os.utime(self._folder / (piece + _PIECE))

    def _write(self, target: Path, content: bytes) -> None:
        """Write aside and rename, so that nobody ever reads half of it."""
        handle, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise

    def _make_room(self) -> None:
        """Remove what was used longest ago, and what a program that was ended left behind."""
        files = []
        for path in self._folder.iterdir():
            if path.suffix in (_ENTRY, _PIECE) or path.name.startswith(_TEMPORARY):
                with contextlib.suppress(OSError):
                    status = path.stat()
                    files.append((status.st_mtime, status.st_size, path))
        total = sum(size for _time, size, _path in files)
        for _time, size, path in sorted(files):
            if total <= self._most_bytes:
                return
            with contextlib.suppress(OSError):
                path.unlink()
                total -= size
