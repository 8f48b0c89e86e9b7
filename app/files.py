"""Writes a file so that after a crash there is the old one or the new one, never half of one."""

import contextlib
import os
import time
from pathlib import Path

_STALE_SECONDS = 3600


def write_atomically(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replace the file at ``path``: temporary file beside it, fsync, rename, fsync the folder.

    Raises OSError; the old file is then untouched and the temporary one removed.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    # O_EXCL after removing our own leftover: a planted link must not be written through.
    temporary.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(temporary, flags, mode), "wb") as stream:  # noqa: PTH123 - a descriptor
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    _remove_stale(path)


def sync_folder(folder: Path) -> None:
    """Make the rename itself durable; not every system can open a folder."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove_stale(path: Path) -> None:
    """Remove what killed programs left; a fresh one may belong to another that is writing."""
    with contextlib.suppress(OSError):
        for leftover in path.parent.glob(f"{path.name}.*.new"):
            if time.time() - leftover.stat().st_mtime > _STALE_SECONDS:
                leftover.unlink()
