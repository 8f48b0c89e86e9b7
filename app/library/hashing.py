"""Reads files to their end: their SHA-256, with progress, given up on request."""

import hashlib
import re
import threading
from collections.abc import Callable
from pathlib import Path

PIECE_BYTES = 4 * 1024 * 1024
_NAMED = re.compile(r"(?:sha256[-:])?([0-9a-f]{64})")


class Stopped(Exception):  # noqa: N818 - somebody asked for it
    """The work was given up on request."""


def sha256_of(path: Path, tell: Callable[[int], None], stopped: threading.Event) -> str:
    """The SHA-256 of a file; ``tell`` hears of each piece's bytes. Raises OSError, Stopped."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as stream:
        while piece := stream.read(PIECE_BYTES):
            if stopped.is_set():
                raise Stopped
            digest.update(piece)
            tell(len(piece))
    return digest.hexdigest()


def named_hash(path: Path) -> str:
    """The SHA-256 that a file is named after, as in caches of blobs; empty for other names."""
    try:
        found = _NAMED.fullmatch(path.resolve().name)
    except (OSError, RuntimeError):
        return ""
    return found[1] if found else ""
