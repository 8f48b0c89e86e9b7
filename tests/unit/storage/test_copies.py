"""Copies of a database in use: whole, checked, never in anybody's way, never the last byte free."""

import shutil
import subprocess
import sys
from collections import namedtuple
from datetime import UTC, datetime

import apsw
import pytest

from app.storage import copies
from app.storage.backup_files import Reason, list_backups
from app.storage.connection import open_copy
from app.storage.copies import CopyStopped, copy_is_sound, keep_copy, row_counts, same_content
from app.storage.doubt import is_doubted
from app.storage.errors import StorageError
from app.wording import sentence
from tests.unit.storage.conftest import ROOT, add, texts


def files(folder):
    """All but the lock of whoever makes a copy."""
    return [path.name for path in folder.iterdir() if path.name != "copying.lock"]


def rows(path):
    connection = open_copy(path)
    try:
        return row_counts(connection)["notes"]
    finally:
        connection.close()


def test_a_copy_is_made_while_the_file_is_open_and_written(opener):
    database = opener()
    database.writer.run(add("a"))
    kept = keep_copy(opener.path, opener.backups, Reason.MANUAL)
    database.writer.run(add("b"))
    assert rows(kept.path) == 1
    assert copy_is_sound(kept.path)
    assert texts(database) == ["a", "b"]
    assert files(opener.backups) == [kept.name]


def test_a_copy_beside_another_program_that_writes_is_one_state(opener):
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tests.unit.storage.conftest import ONE, add\n"
        "from app.storage.opening import open_database\n"
        "d = open_database(Path(sys.argv[1]), ONE, None, lambda c: None, exclusive=False)\n"
        "print('ready', flush=True)\n"
        "for n in range(150):\n"
        "    d.writer.run(lambda c: (add('x' * 9000)(c), add('y')(c)))\n"
        "d.close()\n"
    )
    opener.filled("a")
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(opener.path)], cwd=ROOT, stdout=subprocess.PIPE
    )
    with child:
        assert child.stdout is not None
        child.stdout.readline()
        counts = [rows(keep_copy(opener.path, opener.backups, Reason.MANUAL).path) for _ in "1234"]
    assert child.returncode == 0
    # Two rows belong together; a copy of half a change would have an even number.
    assert all(count % 2 == 1 for count in counts)
    assert counts == sorted(counts)


def test_what_is_written_while_a_copy_is_made_is_not_in_it(opener, monkeypatch):
    database = opener()
    database.writer.run(add("a"))
    # Between counting the rows and copying the pages.
    monkeypatch.setattr(copies, "_check_room", lambda *_: database.writer.run(add("b")))
    kept = keep_copy(opener.path, opener.backups, Reason.AUTOMATIC)
    assert rows(kept.path) == 1
    assert texts(database) == ["a", "b"]


def test_numbers_order_copies_whatever_the_clock_says(opener):
    opener.filled("a")
    years = (2026, 2076, 1970, 2026)
    made = [
        keep_copy(
            opener.path, opener.backups, Reason.AUTOMATIC, lambda y=y: datetime(y, 1, 1, tzinfo=UTC)
        )
        for y in years
    ]
    listed = list_backups(opener.backups, "notes")
    assert list(listed) == made[::-1]
    assert [each.made.year for each in listed] == [2026, 1970, 2076, 2026]


def test_other_files_are_not_listed(opener):
    opener.filled("a")
    keep_copy(opener.path, opener.backups, Reason.AUTOMATIC)
    for name in (
        "notes-000009-20260101T000000Z-auto.sqlite3.part", "notes-9-x-auto.sqlite3", "o.sqlite3",
        "notes-000009-20269901T000000Z-auto.sqlite3", "notes-000009-20260101T000000Z-why.sqlite3",
    ):  # fmt: skip
        (opener.backups / name).write_bytes(b"")
    assert len(list_backups(opener.backups, "notes")) == 1


def test_without_room_nothing_is_left(opener, monkeypatch):
    opener.filled("a")
    room = namedtuple("room", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: room(10**12, 10**12, 400_000_000))
    with pytest.raises(StorageError) as refusal:
        keep_copy(opener.path, opener.backups, Reason.AUTOMATIC)
    assert refusal.value.code == "backup.no_room"
    assert len(sentence("backup.no_room", refusal.value.facts)) <= 140
    assert files(opener.backups) == []
    # What a person asks for, or needs before a change, may use more of what there is.
    assert keep_copy(opener.path, opener.backups, Reason.MIGRATION)


def test_a_copy_that_is_stopped_or_was_killed_leaves_nothing(opener):
    opener.filled(*("x" * 9_000 for _ in range(20)))
    with pytest.raises(CopyStopped):
        keep_copy(opener.path, opener.backups, Reason.AUTOMATIC, stop=lambda: True)
    assert files(opener.backups) == []
    left = opener.backups / "notes-000001-20260101T000000Z-auto.sqlite3.part"
    left.write_bytes(b"half")
    kept = keep_copy(opener.path, opener.backups, Reason.AUTOMATIC)
    assert files(opener.backups) == [kept.name]


def test_a_source_with_a_hidden_fault_is_told_not_copied(opener):
    opener.filled(*(f"{n} " * 400 for n in range(60)))
    content = bytearray(opener.path.read_bytes())
    content[-4096 * 3 : -4096 * 2] = bytes(4096)
    opener.path.write_bytes(content)
    with pytest.raises(StorageError) as refusal:
        keep_copy(opener.path, opener.backups, Reason.AUTOMATIC)
    assert refusal.value.code in ("backup.damaged_source", "storage.damaged")
    assert list_backups(opener.backups, "notes") == ()


@pytest.mark.parametrize("harm", ["cut", "flip", "text", "longer"])
def test_a_copy_that_went_bad_is_seen(opener, harm):
    opener.filled(*(f"{n} " * 400 for n in range(60)))
    kept = keep_copy(opener.path, opener.backups, Reason.AUTOMATIC).path
    assert copy_is_sound(kept)
    content = bytearray(kept.read_bytes())
    match harm:
        case "cut":
            del content[-4096:]
        case "longer":
            content += bytes(4096)
        case "text":
            content = bytearray(b"Dear diary" * 999)
        case "flip":
            content[4096 + 3] ^= 0xFF
    kept.write_bytes(content)
    assert not copy_is_sound(kept)


def test_the_same_content_is_known_again(opener):
    opener.filled("a")
    one = keep_copy(opener.path, opener.backups, Reason.AUTOMATIC).path
    two = keep_copy(opener.path, opener.backups, Reason.AUTOMATIC).path
    assert same_content(one, two)
    database = opener()
    database.writer.run(add("b"))
    three = keep_copy(opener.path, opener.backups, Reason.AUTOMATIC).path
    assert not same_content(two, three)
    assert copies.RESERVE_BYTES >= 100_000_000


def test_a_disk_that_fills_up_meanwhile_is_told_and_nothing_is_left(opener):
    """The room was there when it was looked at, and another program took it."""
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from app.storage.backup_files import Reason\n"
        "from app.storage.copies import keep_copy\n"
        "from app.storage.errors import StorageError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "path = Path(sys.argv[1])\n"
        "try:\n"
        "    keep_copy(path, path.parent / 'backups', Reason.MANUAL)\n"
        "except StorageError as error:\n"
        "    print(error.code)\n"
    )
    opener.filled(*("x" * 9_000 for _ in range(60)))
    child = subprocess.run(
        [sys.executable, "-c", script, str(opener.path)],
        cwd=ROOT, timeout=60, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert child.stdout.strip() == "storage.disk_full", child.stderr
    assert files(opener.backups) == []
    assert len(texts(opener())) == 60


def spoiled(monkeypatch, spoil) -> None:
    """What comes to the disk is not what was read."""
    real = copies._copy_pages

    def copy_pages(reading, part, stop) -> None:
        real(reading, part, stop)
        spoil(part)

    monkeypatch.setattr(copies, "_copy_pages", copy_pages)


def without_rows(part) -> None:
    raw = apsw.Connection(str(part))
    raw.execute("DELETE FROM notes")
    raw.close()


def with_zeros(part) -> None:
    content = bytearray(part.read_bytes())
    content[-4096:] = bytes(4096)
    part.write_bytes(content)


@pytest.mark.parametrize("spoil", [without_rows, with_zeros, lambda part: part.write_bytes(b"x")])
def test_a_copy_that_came_out_otherwise_is_not_kept_and_not_blamed_on_the_file(
    opener, monkeypatch, spoil
):
    opener.filled(*(f"{n} " * 400 for n in range(60)))
    spoiled(monkeypatch, spoil)
    with pytest.raises(StorageError) as refusal:
        keep_copy(opener.path, opener.backups, Reason.AUTOMATIC)
    assert refusal.value.code == "backup.io"
    assert len(sentence(refusal.value.code, refusal.value.facts)) <= 140
    assert files(opener.backups) == []
    assert not is_doubted(opener.path)


def test_checking_a_copy_can_be_stopped_too(opener, monkeypatch):
    """It may take longer than a person waits for the window to close."""
    database = opener()
    database.writer.run(
        lambda c: [c.execute("INSERT INTO notes (text) VALUES ('a')") for _ in range(50_000)]
    )
    copied: list[bool] = []
    spoiled(monkeypatch, lambda _part: copied.append(True))
    with pytest.raises(CopyStopped):
        keep_copy(opener.path, opener.backups, Reason.AUTOMATIC, stop=lambda: bool(copied))
    assert files(opener.backups) == []
    assert database.writer.run(lambda c: c.pragma("user_version")) == 1
