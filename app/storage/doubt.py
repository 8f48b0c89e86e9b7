"""Remembers that a file looked damaged in use, so that the next opening checks all of it."""

import contextlib
from pathlib import Path

from app.storage.errors import StorageError


def doubt(path: Path, error: StorageError) -> StorageError:
    """Leave a mark beside ``path`` when ``error`` tells of damage; returns ``error``.

    A large file is not checked at every start, and its sentence promises that the next one mends.
    """
    if error.code in ("storage.damaged", "backup.damaged_source"):
        with contextlib.suppress(OSError):
            _mark(path).touch(mode=0o600)
    return error


def is_doubted(path: Path) -> bool:
    """Whether there is a mark."""
    return _mark(path).exists()


def forget_doubt(path: Path) -> None:
    """Remove the mark; harmless when there is none."""
    with contextlib.suppress(OSError):
        _mark(path).unlink(missing_ok=True)


def _mark(path: Path) -> Path:
    return path.with_name(path.name + ".doubted")
