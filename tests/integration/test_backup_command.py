"""``main.py backup …`` as a person types it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.instance import InstanceLock
from app.storage.backup_files import list_backups
from tests.unit.backups.conftest import Folder

ROOT = Path(__file__).resolve().parents[2]


def backup(folder: Folder, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", "--data-dir", str(folder.paths.root), "backup", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def as_json(run: subprocess.CompletedProcess[str]) -> Any:
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return json.loads(run.stdout)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "data")
    made.chat("First", turns=2)
    return made


def test_create_list_verify_restore(folder: Folder) -> None:
    made = as_json(backup(folder, "create", "--json"))
    assert (made["conversations"], made["messages"], made["reason"]) == (1, 4, "manual")
    folder.chat("Second")
    (listed,) = as_json(backup(folder, "list", "--json"))
    assert listed == made
    (verified,) = as_json(backup(folder, "verify", "--json"))
    assert verified["damaged"] is False
    assert as_json(backup(folder, "restore", "newest", "--json"))["name"] == made["name"]
    assert folder.titles() == ["First"]
    reasons = [each["reason"] for each in as_json(backup(folder, "list", "--json"))]
    assert reasons == ["restore", "manual"]
    lines = backup(folder, "list").stdout.splitlines()
    assert len(lines) == 2
    assert "1 chats" in lines[1] or "1 " in lines[1]


def test_beside_a_window_backups_are_made_but_nothing_is_restored(folder: Folder) -> None:
    database = folder.open()
    lock = InstanceLock(folder.paths.lock)
    assert lock.acquire()
    try:
        assert backup(folder, "create").returncode == 0
        for arguments in (("restore", "newest"), ("erase", "--yes")):
            refused = backup(folder, *arguments, "--json")
            assert refused.returncode == 1
            assert json.loads(refused.stdout)["error"]["code"] == "backup.window_open"
            assert len(refused.stderr.splitlines()) == 1
    finally:
        lock.release()
        database.close()
    assert folder.titles() == ["First"]


def test_a_bad_backup_ends_in_one_line(folder: Folder) -> None:
    backup(folder, "create")
    (kept,) = list_backups(folder.paths.backups, "history")
    kept.path.write_bytes(kept.path.read_bytes()[:-4096])
    verified = backup(folder, "verify", "--json")
    assert verified.returncode == 1
    assert json.loads(verified.stdout)["error"]["code"] == "backup.damaged"
    assert as_json(backup(folder, "list", "--json"))[0]["damaged"] is True
    assert backup(folder, "restore", kept.name).returncode == 1
    assert folder.titles() == ["First"]


def test_everything_in_one_file(folder: Folder, tmp_path: Path) -> None:
    target = tmp_path / "all.zip"
    folder.paths.settings.write_text("{}")
    made = as_json(backup(folder, "create", "--output", str(target), "--json"))
    assert set(made["parts"]) == {"history.sqlite3", "settings.json"}
    assert as_json(backup(folder, "verify", str(target), "--json")) == made
    other = Folder(tmp_path / "other")
    as_json(backup(other, "restore", str(target), "--json"))
    assert other.titles() == ["First"]
    other.close()


def test_salvage_and_erase(folder: Folder, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    content = folder.paths.history.read_bytes()
    damaged.write_bytes(bytes(4096) + content[4096:])
    saved = as_json(backup(folder, "salvage", str(damaged), "--json"))
    assert saved["saved"]["messages"] == 4
    assert saved["lost"]["messages"] == 0
    asked = backup(folder, "erase")
    assert asked.returncode == 2
    assert "--yes" in asked.stderr
    assert folder.titles() == ["First"]
    erased = as_json(backup(folder, "erase", "--yes", "--json"))
    assert erased["left"] == []
    assert not folder.paths.backups.exists()
    assert backup(folder, "create").returncode == 1
