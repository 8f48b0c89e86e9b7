"""Copies in the backups folder: what a name tells, the list, and a name never used before."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path


class Reason(StrEnum):
    """Why a copy was made."""

    AUTOMATIC = "auto"
    MANUAL = "manual"
    MIGRATION = "migration"
    IMPORT = "import"
    REPAIR = "repair"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class BackupFile:
    """One copy. ``number`` orders them; ``made`` (UTC) is only what the clock said then."""

    path: Path
    number: int
    made: datetime
    reason: Reason
    size_bytes: int

    @property
    def name(self) -> str:
        """What a person types to choose it."""
        return self.path.name


_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"-(\d{6,12})-(\d{8}T\d{6}Z)-([a-z]+)\.sqlite3")


def list_backups(folder: Path, stem: str) -> tuple[BackupFile, ...]:
    """The copies of the database ``stem``, newest first. Raises OSError."""
    if not folder.is_dir():
        return ()
    found = (_parse(path, stem) for path in folder.iterdir() if path.name.startswith(stem))
    return tuple(
        sorted((each for each in found if each is not None), key=lambda each: -each.number)
    )


def next_backup(folder: Path, stem: str, reason: Reason, now: datetime) -> Path:
    """A path for one more copy; its number is above all that are there. Raises OSError."""
    number = 1 + max((each.number for each in list_backups(folder, stem)), default=0)
    made = now.astimezone(UTC)
    return folder / f"{stem}-{number:06}-{made:{_STAMP}}-{reason}.sqlite3"


def _parse(path: Path, stem: str) -> BackupFile | None:
    match = _NAME.fullmatch(path.name[len(stem) :])
    if match is None:
        return None
    try:
        made = datetime.strptime(match[2], _STAMP).replace(tzinfo=UTC)
        reason = Reason(match[3])
        size = path.stat().st_size
    except (ValueError, OSError):
        # Another program's name, or the file went away meanwhile.
        return None
    return BackupFile(path, int(match[1]), made, reason, size)
