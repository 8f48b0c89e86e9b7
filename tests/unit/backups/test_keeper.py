"""Automatic backups: when something changed, thinned, out of the way, told once when not made."""

import shutil
from collections import namedtuple
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.backups.describing import newest_good
from app.backups.keeper import EVERY_SECONDS, FIRST_SECONDS, BackupKeeper
from app.history.entities import Conversation
from app.ids import new_id
from app.notices import Notice
from app.storage.backup_files import Reason
from app.storage.opening import Database
from tests.unit.backups.conftest import Folder, writing

Usage = namedtuple("Usage", "total used free")


class Kept:
    """A keeper beside an open history."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.database: Database = folder.open()
        self.told: list[Notice] = []
        self.now = datetime(2026, 3, 2, tzinfo=UTC)
        self.begin()

    def begin(self) -> None:
        paths = self.folder.paths
        self.keeper = BackupKeeper(
            paths.history, paths.backups, self.folder.posted.post, self.folder.clock,
            self.told.append, lambda: self.now,
        )  # fmt: skip
        self.keeper.start()

    def write(self) -> None:
        self.database.writer.run(writing(Conversation(new_id(), "Chat")))

    def turn(self) -> float:
        """Half an hour passes, and what it begins ends."""
        self.now += timedelta(minutes=30)
        seconds = self.folder.clock.turn()
        self.settle()
        return seconds

    def settle(self) -> None:
        heard: list[bool] = []
        assert self.folder.posted.run_until(lambda: not self.keeper.is_busy, timeout=60)
        self.folder.posted.post(lambda: heard.append(True))
        assert self.folder.posted.run_until(lambda: bool(heard), timeout=60)

    def numbers(self) -> list[int]:
        return [each.number for each in self.keeper.backups()]


@pytest.fixture
def kept(folder: Folder) -> Iterator[Kept]:
    made = Kept(folder)
    yield made
    made.keeper.close()


def test_a_copy_every_half_hour_when_something_changed(kept: Kept) -> None:
    kept.write()
    assert kept.turn() == FIRST_SECONDS
    assert kept.numbers() == [1]
    assert kept.turn() == EVERY_SECONDS == 1800
    assert kept.numbers() == [1], "nothing changed"
    kept.write()
    kept.turn()
    assert kept.numbers() == [2, 1]
    assert kept.told == []


def test_a_short_session_is_backed_up_by_the_next_but_not_twice(kept: Kept) -> None:
    kept.write()
    kept.turn()
    kept.write()
    kept.keeper.close()
    kept.begin()
    kept.turn()
    assert kept.numbers() == [2, 1]
    kept.keeper.close()
    kept.begin()
    kept.turn()
    assert kept.numbers() == [2, 1], "the same content again"


def test_copies_are_thinned_as_they_are_made(kept: Kept) -> None:
    for _ in range(8):
        kept.write()
        kept.turn()
    assert kept.numbers() == [8, 7, 6]


def test_never_fewer_than_three_good_ones(kept: Kept) -> None:
    for _ in range(3):
        kept.write()
        kept.turn()
    newest = kept.keeper.backups()[0]
    kept.keeper.close()
    newest.path.write_bytes(newest.path.read_bytes()[:-4096])
    kept.begin()
    kept.write()
    kept.turn()
    assert kept.numbers() == [4, 3, 2, 1], "the damaged one counts for nothing"
    kept.write()
    kept.turn()
    assert kept.numbers() == [5, 4, 3, 2]
    good = newest_good(kept.folder.paths.backups, "history")
    assert good is not None
    assert good.file.number == 5


def test_what_cannot_be_made_is_told_once(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**9, 10**9, 1000))
    kept.write()
    for _ in range(3):
        kept.turn()
    assert [notice.code for notice in kept.told] == ["backup.no_room"]
    assert kept.numbers() == []
    monkeypatch.setattr(shutil, "disk_usage", real)
    kept.turn()
    assert kept.numbers() == [1], "tried again though nothing changed since"
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**9, 10**9, 1000))
    kept.write()
    kept.turn()
    assert len(kept.told) == 2
    monkeypatch.setattr(shutil, "disk_usage", real)
    kept.turn()
    assert kept.numbers() == [2, 1]


def test_before_an_import_somebody_waits_for_the_copy(kept: Kept) -> None:
    heard: list[object] = []
    kept.write()
    kept.keeper.keep(Reason.IMPORT, heard.append, heard.append)
    kept.keeper.keep(Reason.REPAIR, heard.append, heard.append)
    kept.settle()
    codes = {getattr(each, "code", None) or getattr(each, "reason", None) for each in heard}
    assert codes == {"backup.in_use", Reason.IMPORT}


def test_closing_in_the_midst_leaves_nothing_half(kept: Kept) -> None:
    kept.write()
    kept.keeper.keep(Reason.AUTOMATIC)
    kept.keeper.close()
    names = [path.name for path in kept.folder.paths.backups.iterdir()]
    assert not [name for name in names if name.endswith(".part")]
    kept.write()


def test_the_log_is_emptied_at_the_end_though_the_keeper_looked(kept: Kept) -> None:
    kept.write()
    kept.turn()
    kept.keeper.close()
    kept.database.close()
    log = kept.folder.paths.history.with_name("history.sqlite3-wal")
    assert not log.exists()


def test_starting_over_leaves_one_copy_without_what_was_erased(kept: Kept) -> None:
    kept.write()
    kept.turn()
    made: list[int] = []
    kept.keeper.keep(Reason.MANUAL)
    kept.settle()
    kept.database.writer.run(lambda connection: connection.execute("DELETE FROM messages"))
    kept.keeper.start_over(made.append)
    kept.settle()
    assert made == [2]
    (left,) = kept.keeper.backups()
    assert b"Question 0" not in left.path.read_bytes()


def test_starting_over_removes_nothing_when_no_new_copy_could_be_made(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.write()
    kept.turn()
    before = kept.numbers()
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**9, 10**9, 1000))
    failures: list[str] = []
    kept.write()
    kept.keeper.start_over(failed=lambda error: failures.append(error.code))
    kept.settle()
    assert failures == ["backup.no_room"]
    assert kept.numbers() == before
