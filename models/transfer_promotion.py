"""Gives a verified part its final name: whole or not at all, and the same when done twice."""

import contextlib
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.transfer_entities import WantedFile
from models.transfer_part import Interrupted, PartPaths, take_lock
from models.transfer_record import read_record, write_record

_READ_BYTES = 4 * 1024 * 1024


class NotVerified(Exception):  # noqa: N818
    """The part is not the one that was verified: it has to be verified again."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file as it was when its content was known to be right."""

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> "Stamp | None":
        """The file at ``path`` as it is now; None when there is no regular file."""
        try:
            status = path.lstat() if path.is_symlink() else path.stat()
        except OSError:
            return None
        if not path.is_file():
            return None
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)


def has_content(
    path: Path,
    wanted: WantedFile,
    known: Stamp | None,
    tell: Callable[[int], None],
    stopped: Callable[[], bool],
) -> bool:
    """Whether ``path`` holds what is wanted; hashed unless it is unchanged since ``known``.

    Raises OSError, Interrupted.
    """
    stamp = Stamp.of(path)
    if stamp is None or stamp.size != wanted.size:
        return False
    if known is not None and stamp == known:
        return True
    digest = hashlib.sha256()
    done = 0
    with path.open("rb", buffering=0) as stream:
        while piece := stream.read(_READ_BYTES):
            if stopped():
                raise Interrupted
            digest.update(piece)
            done += len(piece)
            tell(done)
    return digest.hexdigest() == wanted.sha256


def promote(paths: PartPaths, library: Path, target: str) -> Stamp:
    """Move the verified part to ``target`` below ``library``; harmless when that was done.

    Nothing that lies there is replaced. Raises NotVerified, PartInUse, FileExistsError, OSError.
    """
    final = library / target
    lock = take_lock(paths.lock)
    try:
        record = read_record(paths.record)
        if record is None or record.verified_inode == 0:
            raise NotVerified
        verified = Stamp(record.size, record.verified_mtime_ns, record.verified_inode)
        if not paths.part.exists():
            if Stamp.of(final) == verified:
                return verified
            raise NotVerified
        if Stamp.of(paths.part) != verified:
            raise NotVerified
        _make_folders(library, final.parent)
        if final.exists() or final.is_symlink():
            raise FileExistsError(str(final))
        # Noted before: after a kill in between, the next start knows the file again.
        record.target = target
        write_record(paths.record, record)
        paths.part.replace(final)
        for folder in (final.parent, paths.folder):
            sync_folder(folder)
        return verified
    finally:
        lock.release(force=True)


def sync_folder(folder: Path) -> None:
    """Make a rename durable; not every system can open a folder."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _make_folders(library: Path, folder: Path) -> None:
    """Make what is missing below the library, but never the library: its drive may be away."""
    if not library.is_dir():
        raise FileNotFoundError(str(library))
    folder.mkdir(parents=True, exist_ok=True)
