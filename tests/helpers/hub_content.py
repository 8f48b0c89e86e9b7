"""What a file of the test Hub holds: bytes in memory or a file on disk, also a sparse one."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PIECE = 64 * 1024
_HASHED_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True)
class Content:
    """Bytes with a known size and SHA-256."""

    size: int
    sha256: str
    data: bytes = field(default=b"", repr=False)
    path: Path | None = None

    @classmethod
    def of(cls, source: bytes | str | Path, sha256: str | None = None) -> "Content":
        """Describe ``source``. A file above 512 MiB is named by its size and its beginning.

        Nobody downloads a full-shape file to the end, and hashing 400 GB of holes takes minutes;
        ``sha256`` states another hash than the true one.
        """
        if isinstance(source, str):
            source = source.encode()
        if isinstance(source, bytes):
            return cls(len(source), sha256 or hashlib.sha256(source).hexdigest(), source)
        size = source.stat().st_size
        return cls(size, sha256 or _hash(source, size), path=source)

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from ``start`` up to ``end``, in pieces; reading holes costs no disk."""
        if self.path is None:
            view = memoryview(self.data)
            for position in range(start, end, PIECE):
                yield bytes(view[position : min(position + PIECE, end)])
            return
        with self.path.open("rb", buffering=0) as file:
            file.seek(start)
            while start < end and (piece := file.read(min(PIECE, end - start))):
                start += len(piece)
                yield piece

    def read(self) -> bytes:
        """All of it; for small files."""
        return b"".join(self.pieces(0, self.size))

    def git_id(self) -> str:
        """The name that git gives a small file."""
        head = b"blob %d\0" % self.size
        return hashlib.sha1(head + self.read(), usedforsecurity=False).hexdigest()


def _hash(path: Path, size: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        if size > _HASHED_BYTES:
            digest.update(b"%d" % size + file.read(PIECE))
        else:
            while piece := file.read(PIECE * 16):
                digest.update(piece)
    return digest.hexdigest()


def is_sparse(path: Path) -> bool:
    """Whether a file takes less room than its size; for tests that count on it."""
    status = path.stat()
    return os.name == "posix" and status.st_blocks * 512 < status.st_size
