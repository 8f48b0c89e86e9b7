"""Which copies stay, for clocks that go as they should and for clocks that jump."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.backups.thinning import to_remove
from app.storage.backup_files import BackupFile, Reason

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday


def backup(number: int, made: datetime, reason: Reason = Reason.AUTOMATIC) -> BackupFile:
    return BackupFile(Path(f"{number}.sqlite3"), number, made, reason, 1)


def kept(backups: list[BackupFile]) -> list[int]:
    gone = set(to_remove(backups))
    return [each.number for each in backups if each not in gone]


def thinned_as_made(times: list[datetime]) -> list[int]:
    """As the program does: one more, then those that are needed no more go."""
    there: list[BackupFile] = []
    for number, made in enumerate(times, start=1):
        there.append(backup(number, made))
        gone = to_remove(there)
        there = [each for each in there if each not in gone]
        assert len(there) >= min(number, 3)
        assert number in [each.number for each in there]
    return [each.number for each in there]


def every(minutes: int, count: int, start: datetime = START) -> list[datetime]:
    return [start + timedelta(minutes=minutes * number) for number in range(count)]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([], []),
        (every(30, 2), [1, 2]),
        (every(30, 10), [8, 9, 10]),
        # One a day for nine days, Monday to the next Tuesday: 7 days, and Sunday for its week.
        (every(1440, 9), [3, 4, 5, 6, 7, 8, 9]),
        # One a week for ten weeks: the days reach as far as there are days with a copy.
        (every(7 * 1440, 10), [4, 5, 6, 7, 8, 9, 10]),
        # The clock jumps to 2076 for three copies, and back.
        (
            [*every(30, 4), *every(30, 3, datetime(2076, 1, 1, tzinfo=UTC)),
             *every(30, 3, START + timedelta(hours=5))],
            [7, 8, 9, 10],
        ),
        # A battery that is empty: every start begins in 1970.
        ([*every(1440, 5), *every(30, 6, datetime(1970, 1, 1, tzinfo=UTC))],
         [1, 2, 3, 4, 5, 9, 10, 11]),
    ],
)  # fmt: skip
def test_table(times: list[datetime], expected: list[int]) -> None:
    assert thinned_as_made(times) == expected


def test_half_a_year_of_working_days_leaves_days_and_weeks() -> None:
    times = [
        START + timedelta(days=day, minutes=30 * step)
        for day in range(180) if day % 7 < 5 for step in range(16)
    ]  # fmt: skip
    numbers = thinned_as_made(times)
    days = [times[number - 1].date() for number in numbers]
    assert len(numbers) <= 3 + 7 + 4
    assert len(set(days)) >= 8
    assert (max(days) - min(days)).days >= 14
    assert len({day.isocalendar()[:2] for day in days}) == 4


def test_a_jump_ahead_does_not_cost_what_was_there() -> None:
    before = thinned_as_made(every(1440, 6))
    after = thinned_as_made([*every(1440, 6), datetime(2076, 1, 1, tzinfo=UTC)])
    assert set(before) <= set(after)


def test_what_a_person_made_and_the_newest_before_each_change_stay() -> None:
    reasons = [
        Reason.MANUAL, Reason.MANUAL, Reason.RESTORE, Reason.RESTORE, Reason.MIGRATION,
        *[Reason.AUTOMATIC] * 9,
    ]  # fmt: skip
    backups = [
        backup(number, START + timedelta(minutes=number), reason)
        for number, reason in enumerate(reasons, start=1)
    ]
    assert kept(backups) == [1, 2, 4, 5, 12, 13, 14]
