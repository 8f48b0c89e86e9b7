"""The small file beside a part: whose bytes these are and how many are safe on the disk."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_MAX_BYTES = 64 * 1024


@dataclass(slots=True)
class PartRecord:
    """What is remembered of ``<sha256>.part``; a rebuilt library finds its way by it."""

    repository: str
    commit: str
    path: str
    size: int
    sha256: str
    synced: int = 0
    """Bytes that a power cut cannot take back."""
    boot: str = ""
    """Which start of the computer wrote last; empty when the part was closed properly."""
    mismatches: int = 0
    """How often the whole file had the wrong hash."""
    verified_mtime_ns: int = 0
    verified_inode: int = 0
    """The part as it was when hash and structure were right; 0 while they are not known."""
    target: str = ""
    """Where the verified part was going, relative to the library."""


def read_record(path: Path) -> PartRecord | None:
    """The record at ``path``; None when there is none or it makes no sense."""
    try:
        with path.open("rb") as stream:
            data: Any = json.loads(stream.read(_MAX_BYTES))
        record = PartRecord(**data)
    except (OSError, ValueError, TypeError):
        return None
    expected = {name: type(value) for name, value in asdict(PartRecord("", "", "", 0, "")).items()}
    return record if {n: type(v) for n, v in asdict(record).items()} == expected else None


def write_record(path: Path, record: PartRecord) -> None:
    """Replace the record at ``path``, whole or not at all. Raises OSError."""
    temporary = path.with_suffix(".json.new")
    content = json.dumps(asdict(record), indent=1).encode()
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    try:
        with open(os.open(temporary, flags, 0o600), "wb") as stream:  # noqa: PTH123 - a descriptor
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
