"""Which copies to keep: a pure rule that no clock can turn against them."""

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from app.storage.backup_files import BackupFile, Reason

NEWEST, DAYS, WEEKS = 3, 7, 4

K = TypeVar("K", bound=Hashable)

_KEPT_FOR_EVER = Reason.MANUAL
"""Made by a person; only a person removes them."""


def to_remove(backups: Iterable[BackupFile]) -> tuple[BackupFile, ...]:
    """Those of ``backups`` (sound ones of one database) that are needed no more.

    Kept are the 3 newest, the newest of each of 7 days and of 4 weeks that have one, the newest
    made before each kind of change, and all that a person made. Newer is what has the higher
    number, and days are counted from copy to copy, never from today: a clock that jumps to 2076
    or to 1970 makes one more day, and no copy too old.
    """
    ordered = sorted(backups, key=lambda each: -each.number)
    automatic = [each for each in ordered if each.reason is not _KEPT_FOR_EVER]
    kept = {
        *ordered[:NEWEST],
        *_newest_of_each([(each.made.date(), each) for each in automatic], DAYS),
        *_newest_of_each([(each.made.isocalendar()[:2], each) for each in automatic], WEEKS),
        *_newest_of_each(
            [(each.reason, each) for each in automatic if each.reason is not Reason.AUTOMATIC],
            len(Reason),
        ),
    }
    return tuple(each for each in automatic if each not in kept)


def _newest_of_each(keyed: Sequence[tuple[K, BackupFile]], count: int) -> list[BackupFile]:
    found: dict[K, BackupFile] = {}
    for key, backup in keyed:
        if len(found) == count and key not in found:
            break
        found.setdefault(key, backup)
    return list(found.values())
