"""The part of a file that has arrived: append only, hashed while written, locked, resumable."""

import contextlib
import hashlib
import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import filelock

from models.transfer_entities import WantedFile
from models.transfer_record import PartRecord, read_record, write_record

log = logging.getLogger("moestro.transfer")

SYNC_BYTES = 64 * 1024 * 1024
"""At most this much is lost to a power cut. Rarer syncs take so long that the network waits."""
DOUBTFUL = "doubtful"
_LOCK_SECONDS = 0.3
"""Whoever removes what is left of a cancelled download has its part for a moment."""
_READ_BYTES = 4 * 1024 * 1024

Write = Callable[[int, memoryview], int]
"""``os.write``, or what stands in for a disk that is full."""


class PartInUse(Exception):  # noqa: N818
    """Another process, or another download of this one, has the part."""


class Interrupted(Exception):  # noqa: N818
    """Hashing was asked to stop."""


@dataclass(frozen=True, slots=True)
class PartPaths:
    """The files of one part, by the hash that the whole will have."""

    folder: Path
    sha256: str

    @property
    def part(self) -> Path:
        """The bytes so far; its size is the progress."""
        return self.folder / f"{self.sha256}.part"

    @property
    def record(self) -> Path:
        """See ``PartRecord``."""
        return self.folder / f"{self.sha256}.json"

    @property
    def bad(self) -> Path:
        """A whole file that had the wrong hash."""
        return self.folder / f"{self.sha256}.bad"

    @property
    def lock(self) -> Path:
        """Held by the one process that writes."""
        return self.folder / f"{self.sha256}.part.lock"

    def kept_bytes(self) -> int:
        """Bytes on the disk that discarding would free."""
        return sum(_size_of(path) for path in (self.part, self.bad))

    def discard(self) -> None:
        """Remove part, record and what was set aside. Raises OSError, PartInUse."""
        if not self.folder.is_dir():
            return
        lock = take_lock(self.lock)
        try:
            for path in (self.part, self.bad, self.record):
                path.unlink(missing_ok=True)
        finally:
            lock.release(force=True)


class PartFile:
    """One open part. All methods run on one thread (``models.transfer_disk``).

    ``boot`` names this start of the computer: what the same start wrote survives any death of
    the program, so that only a crash of the system cuts the part to its last sync.
    Every method may raise OSError.
    """

    def __init__(
        self,
        folder: Path,
        wanted: WantedFile,
        boot: str,
        write: Write = os.write,
        sync_bytes: int = SYNC_BYTES,
    ) -> None:
        self.paths = PartPaths(folder, wanted.sha256)
        self.offset = 0
        """Bytes in the file."""
        self.cut_back = False
        """Opening had to drop bytes that may not have reached the disk."""
        self._wanted = wanted
        self._boot = boot
        self._write = write
        self._sync_bytes = sync_bytes
        self._hash = hashlib.sha256()
        self._descriptor = -1
        self._lock: filelock.BaseFileLock | None = None
        self._is_broken = False
        """A write ended half way: what would come after it belongs elsewhere."""
        self.is_doubtful = False
        """The disk did not confirm what was written."""
        self.record = PartRecord(
            wanted.repository, wanted.commit, wanted.path, wanted.size, wanted.sha256
        )

    def open(self, *, distrust: bool = False, forgive: bool = False) -> None:
        """Take the lock and find out how much may be kept; ``distrust`` keeps only synced bytes.

        ``forgive`` forgets that the file came wrong before.

        The folder's parent must be there: a library on a drive that is away is not made anew.
        Raises PartInUse, OSError.
        """
        self.paths.folder.mkdir(mode=0o700, exist_ok=True)
        self._lock = take_lock(self.paths.lock, _LOCK_SECONDS)
        before = read_record(self.paths.record)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        flags |= getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        self._descriptor = os.open(self.paths.part, flags, 0o600)
        found = os.fstat(self._descriptor).st_size
        keep = self._trusted(found, before, distrust)
        if keep < found:
            log.info("%s: %d of %d bytes are kept", self.paths.part.name, keep, found)
            os.ftruncate(self._descriptor, keep)
        self.cut_back = keep < found
        self.offset = keep
        if before is not None and before.size == self.record.size:
            self.record.mismatches = 0 if forgive else before.mismatches
            if not self.cut_back:
                self.record.verified_mtime_ns = before.verified_mtime_ns
                self.record.verified_inode = before.verified_inode
        self.record.synced = min(keep, before.synced if before is not None else 0)
        self.record.boot = self._boot
        write_record(self.paths.record, self.record)

    def _trusted(self, found: int, before: PartRecord | None, distrust: bool) -> int:
        """How many of the ``found`` bytes were written by us and reached the disk."""
        if before is None or before.size != self.record.size or found > self.record.size:
            return 0
        crashed = before.boot not in ("", self._boot)
        return min(found, before.synced) if crashed or distrust else found

    @property
    def is_verified(self) -> bool:
        """Whether hash and structure were found right and the file is still that one."""
        status = os.fstat(self._descriptor)
        return (
            self.record.verified_inode != 0
            and self.offset == self.record.size
            and status.st_mtime_ns == self.record.verified_mtime_ns
            and status.st_ino == self.record.verified_inode
        )

    def rehash(self, tell: Callable[[int], None], stopped: Callable[[], bool]) -> None:
        """Hash what is there already; ``tell`` hears the bytes done. Raises Interrupted."""
        self._hash = hashlib.sha256()
        position = 0
        with self.paths.part.open("rb", buffering=0) as stream:
            while position < self.offset:
                if stopped():
                    raise Interrupted
                piece = stream.read(min(_READ_BYTES, self.offset - position))
                if not piece:
                    raise OSError("the part became shorter while it was read")
                self._hash.update(piece)
                position += len(piece)
                tell(position)

    def append(self, data: bytes | bytearray) -> None:
        """Add bytes at the end. What a full disk still took counts as written."""
        if self._is_broken:
            return
        self._is_broken = True
        rest = memoryview(data)
        while rest:
            count = self._write(self._descriptor, rest)
            self._hash.update(rest[:count])
            self.offset += count
            rest = rest[count:]
        self._is_broken = False
        if self.offset - self.record.synced >= self._sync_bytes:
            self.sync()

    def sync(self) -> None:
        """Bring everything to the disk and note how much that is."""
        self._to_disk(self._descriptor)
        self.record.synced = self.offset
        write_record(self.paths.record, self.record)

    def _to_disk(self, descriptor: int) -> None:
        try:
            os.fsync(descriptor)
        except OSError:
            self.is_doubtful = True
            raise

    def restart(self) -> None:
        """Begin again with nothing."""
        os.ftruncate(self._descriptor, 0)
        self._hash = hashlib.sha256()
        self.offset = 0
        self.record.synced = 0
        self.record.verified_mtime_ns = self.record.verified_inode = 0
        write_record(self.paths.record, self.record)

    def has_right_hash(self) -> bool:
        """Bring the whole to the disk and compare its hash."""
        self.sync()
        return self.offset == self.record.size and self._hash.hexdigest() == self.record.sha256

    def mark_verified(self) -> None:
        """Note that hash and structure of this very file are right."""
        status = os.fstat(self._descriptor)
        self.record.verified_mtime_ns = status.st_mtime_ns
        self.record.verified_inode = status.st_ino
        write_record(self.paths.record, self.record)
        self.paths.bad.unlink(missing_ok=True)

    def quarantine(self) -> int:
        """Set a wrong file aside and begin again; returns how often that happened now."""
        self.record.mismatches += 1
        # Noted first: a kill in between must not give it another chance for ever.
        self.record.synced = 0
        write_record(self.paths.record, self.record)
        os.close(self._descriptor)
        self._descriptor = -1
        self.paths.part.replace(self.paths.bad)
        if self._is_short_of_room():
            self.paths.bad.unlink()
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(self.paths.part, flags, 0o600)
        self._hash = hashlib.sha256()
        self.offset = 0
        return self.record.mismatches

    def forgive(self) -> None:
        """Give up what came wrong: nothing of it stays, and a later try counts anew."""
        self.record.mismatches = 0
        self.restart()
        self.paths.bad.unlink(missing_ok=True)

    def _is_short_of_room(self) -> bool:
        return shutil.disk_usage(self.paths.folder).free < self.record.size

    def close(self) -> None:
        """Bring everything to the disk, note that the end was orderly, give the lock back."""
        try:
            if self._descriptor >= 0:
                self._close_descriptor()
                write_record(self.paths.record, self.record)
        finally:
            if self._lock is not None:
                with contextlib.suppress(OSError):
                    self._lock.release(force=True)
                self._lock = None

    def _close_descriptor(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        try:
            if self.is_doubtful:
                # Another boot than any: the next opening goes back to what was synced.
                self.record.boot = DOUBTFUL
                return
            self._to_disk(descriptor)
            self.record.synced = self.offset
            self.record.boot = ""
        finally:
            os.close(descriptor)


def take_lock(path: Path, seconds: float = 0.0) -> filelock.BaseFileLock:
    """The kernel's lock at ``path``, freed with the process; waits at most ``seconds`` for it.

    Raises PartInUse, OSError.
    """
    # Not per thread: another thread may give it back.
    lock = filelock.FileLock(path, mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=seconds, poll_interval=0.05)
    except filelock.Timeout:
        # Also said where no file can be made at all: only a file that is there is held.
        if path.exists():
            raise PartInUse(path.name) from None
        raise FileNotFoundError(str(path)) from None
    except NotImplementedError as error:
        raise OSError(str(error)) from error
    return lock


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
