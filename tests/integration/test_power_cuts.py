"""100 simulated power cuts of a recorded session; two ways of not syncing that must fail."""

import random
from pathlib import Path

import pytest

from app.backups.mending import mend_history
from app.history.schema import history_migrations
from app.storage.replacing import preparing
from app.storage.salvage import salvage
from tests.helpers.damaged_histories import make_original
from tests.helpers.power_cuts import record, run
from tests.helpers.recorded_disk import after_cut, recording


def test_no_cut_loses_or_damages_anything(tmp_path: Path) -> None:
    session = record(tmp_path / "disk")
    assert len(session.states) > 30
    assert {entry[0] for entry in session.log} >= {
        "create", "write", "truncate", "sync", "sync folder", "rename", "delete", "acknowledged"
    }  # fmt: skip
    result = run(session, tmp_path / "cut", 100)
    assert result.examples == []


@pytest.mark.parametrize("synchronous", ["normal", "off"])
def test_without_syncing_the_same_cuts_lose(tmp_path: Path, synchronous: str) -> None:
    """A log that is synced only now and then, and nothing synced: the test would see it."""
    result = run(record(tmp_path / "disk", synchronous), tmp_path / "cut", 30)
    # What is damaged is not looked through for losses.
    assert result.lost + result.damaged >= 5
    assert synchronous == "normal" or result.damaged >= 2


def test_what_was_salvaged_is_on_the_disk_before_it_has_its_name(tmp_path: Path) -> None:
    """While rows are gathered nothing is synced; a cut then costs only the time."""
    damaged = tmp_path / "damaged.sqlite3"
    damaged.write_bytes(make_original(tmp_path / "o" / "history.sqlite3", chats=4).content)
    root = (tmp_path / "disk").resolve()
    root.mkdir()
    path = root / "history.sqlite3"
    with recording(root) as disk, preparing(path) as part:
        salvage(damaged, part, history_migrations(), mend_history)
    waiting = path.with_name("history.sqlite3.waiting")
    whole = waiting.read_bytes()
    seen = 0
    for seed in range(150):
        dice = random.Random(seed)
        cut = dice.randrange(len(disk.log) - 8, len(disk.log) + 1)
        files = after_cut(disk.log, cut, dice)
        seen += str(waiting) in files
        assert files.get(str(waiting), whole) == whole
    assert seen > 20
