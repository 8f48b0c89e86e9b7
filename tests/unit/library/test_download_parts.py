"""The small pieces of the downloads: speed, room, staying awake, rows."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.awake import Awake, awake_command
from app.library.download_entities import DownloadRequest, RemoteFile
from app.library.download_entry import entry_of, new_entry
from app.library.download_orders import FileFigures
from app.library.download_records import DownloadRecords
from app.library.download_states import DownloadState, Status
from app.library.speed_meter import SpeedMeter
from app.library.volumes import Room, Volumes, boot_name, largest_file, room_of
from app.storage.opening import Database, open_database
from models.transfer_entities import StopReason
from tests.helpers.download_stage import STEPS

ROOT = Path(__file__).resolve().parents[3]
GIB = 1 << 30
REQUEST = DownloadRequest(
    repository="a/b",
    commit="c0ffee",
    files=(RemoteFile("x\ud800.gguf", 10, "ab" * 32), RemoteFile("y.gguf", 20, "cd" * 32)),
    name="B",
    needs_token=True,
)


def test_a_start_without_downloads_loads_no_http_library() -> None:
    code = "import sys, app.library.downloads; print('httpx2' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert run.stdout.strip() == "False", run.stderr


# --- speed ---------------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_speed_follows_and_a_stall_is_noticed() -> None:
    clock = Clock()
    meter = SpeedMeter(clock)
    received = 0
    for _tick in range(80):
        meter.note(received)
        received += 125_000
        clock.now += 0.125
    assert meter.bytes_per_second == pytest.approx(1_000_000, rel=0.01)
    assert meter.seconds_left(30_000_000) == pytest.approx(30, rel=0.01)
    assert not meter.is_stalled
    for _tick in range(60):
        meter.note(received)
        clock.now += 0.125
    assert meter.is_stalled
    assert meter.seconds_left(30_000_000) is None
    assert (meter.bytes_per_second or 0) < 100_000


def test_at_first_nobody_can_say() -> None:
    clock = Clock()
    meter = SpeedMeter(clock)
    assert meter.bytes_per_second is None
    meter.note(0)
    clock.now += 1
    meter.note(1_000_000)
    assert meter.bytes_per_second == 1_000_000
    assert meter.seconds_left(1_000_000) is None
    clock.now += 3
    meter.note(4_000_000)
    assert meter.seconds_left(1_000_000) == pytest.approx(1)


# --- room ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "free", "needed", "promised", "short"),
    [
        (100 * GIB, 10 * GIB, 8 * GIB, 0, None),
        (100 * GIB, 10 * GIB, 8 * GIB + 1, 0, (8 * GIB + 1, 8 * GIB)),
        (10 * GIB, 9 * GIB, 8 * GIB, 0, None),
        (10 * GIB, 9 * GIB, 8 * GIB + 1, 0, (8 * GIB + 1, 8 * GIB)),
        (100 * GIB, 10 * GIB, 5 * GIB, 4 * GIB, (5 * GIB, 4 * GIB)),
        (100 * GIB, 1, 0, 0, None),
        (100 * GIB, 1, 1, 0, (1, 0)),
    ],
)
def test_room_with_its_reserve(
    tmp_path: Path,
    total: int,
    free: int,
    needed: int,
    promised: int,
    short: tuple[int, int] | None,
) -> None:
    volumes = Volumes(room=lambda _folder: Room(total, free))
    others = [(tmp_path, promised), (tmp_path / "away", 50 * GIB)]
    assert volumes.is_short(tmp_path, needed, others) == short


def test_another_volume_s_downloads_do_not_count(tmp_path: Path) -> None:
    other = tmp_path / "other"
    devices = {tmp_path: 1, other: 2}
    volumes = Volumes(room=lambda _folder: Room(100 * GIB, 10 * GIB), device=devices.__getitem__)
    assert volumes.is_short(tmp_path, 8 * GIB, [(other, 9 * GIB)]) is None


def test_this_computer_s_own_disks(tmp_path: Path) -> None:
    room = room_of(tmp_path)
    assert 0 <= room.free <= room.total
    assert largest_file(tmp_path) in (None, 4 * GIB - 1)
    assert boot_name() == boot_name() != ""


# --- awake ---------------------------------------------------------------------------------


def test_awake_while_it_is_held(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = f"import os, sys; open({str(note)!r}, 'w').write(str(os.getpid())); sys.stdin.read()"
    awake = Awake((sys.executable, "-c", code))
    awake.hold(False)
    awake.hold(True)
    awake.hold(True)
    deadline = time.monotonic() + 20
    while not note.exists() or not note.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    pid = int(note.read_text())
    os.kill(pid, 0)
    awake.hold(False)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("command", [(), ("no-such-command",), ("false",)])
def test_where_it_cannot_be_kept_awake_nothing_breaks(command: tuple[str, ...]) -> None:
    awake = Awake(command)
    for wanted in (True, False, True, False):
        awake.hold(wanted)


def test_each_system_has_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    for system, first in (("Linux", "systemd-inhibit"), ("Darwin", "caffeinate")):
        monkeypatch.setattr("platform.system", lambda system=system: system)
        assert awake_command()[0] == first
    monkeypatch.setattr("platform.system", lambda: "Windows")
    assert awake_command() == ()


# --- rows ----------------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "library.sqlite3", STEPS, None, lambda callback: callback())
    yield opened
    opened.close()


def test_a_row_comes_back_as_it_was(database: Database, tmp_path: Path) -> None:
    records = DownloadRecords(database)
    entry = new_entry("id", REQUEST, tmp_path / "m\udcff", 3, 1000)
    entry.set(Status(DownloadState.RESOLVING))
    entry.set(Status(DownloadState.PAUSED, StopReason.OFFLINE, {"host": "x"}, "network.dns"), 0)
    entry.files[1].distrust = True
    entry.count({1: FileFigures(7, 0, 7, "download.went_back_hash")})
    entry.place, entry.files[0].target = "a/b", "a/b/x.gguf"
    told: list[str] = []
    records.keep(entry.row(), lambda: told.append("kept"))
    database.writer.run(lambda _connection: None)
    assert told == ["kept"]
    (row,) = records.all()
    assert row == entry.row()
    again = entry_of(row)
    assert again.row() == row
    assert again.status.sentence_code == "network.dns"
    records.remove("id", lambda: told.append("removed"))
    database.writer.run(lambda _connection: None)
    assert records.all() == []
    assert database.read(
        lambda connection: connection.execute("SELECT count(*) FROM download_files").fetchone()
    ) == (0,)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE downloads SET request = '{}'",
        "UPDATE downloads SET request = 'nonsense'",
        "UPDATE downloads SET library = '7'",
        "UPDATE download_files SET state = 'dancing'",
        "UPDATE download_files SET reason = 'because'",
        "UPDATE download_files SET stamp = '[1]'",
        "DELETE FROM download_files WHERE number = 1",
        "DELETE FROM download_files",
    ],
)
def test_a_row_that_makes_no_sense_is_left_out(
    database: Database, tmp_path: Path, damage: str
) -> None:
    records = DownloadRecords(database)
    records.keep(new_entry("id", REQUEST, tmp_path, 1, 1000).row(), lambda: None)
    database.writer.run(lambda connection: list(connection.execute(damage)))
    assert records.all() == []


def test_what_cannot_be_kept_is_told_all_the_same(database: Database, tmp_path: Path) -> None:
    records = DownloadRecords(database)
    database.writer.run(lambda connection: list(connection.execute("DROP TABLE download_files")))
    told: list[str] = []
    records.keep(new_entry("id", REQUEST, tmp_path, 1, 1000).row(), lambda: told.append("kept"))
    database.writer.run(lambda _connection: None)
    assert told == ["kept"]


def test_a_set_of_files_settles_and_revives(tmp_path: Path) -> None:
    entry = new_entry("id", REQUEST, tmp_path, 1, 1000)
    entry.set(Status(DownloadState.RESOLVING))
    entry.set(Status(DownloadState.FAILED, StopReason.NOT_FOUND), 0)
    assert entry.settle()
    assert [file.status.state.value for file in entry.files] == ["failed", "queued"]
    assert entry.state is DownloadState.FAILED
    assert not entry.settle()
    row = replace(entry.row(), id="other")
    assert entry_of(row).revive(resume=False)
    assert not entry_of(row).revive(resume=True)
