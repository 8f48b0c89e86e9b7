"""The data folder gets another place, in the real application, across its restart."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.data_place import NOTE
from app.instance import InstanceLock
from app.paths import DataPaths
from tests.helpers.data_folders import titles, write

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tests" / "helpers" / "restarting_window.py"
pytestmark = pytest.mark.usefixtures("starter_model")


@pytest.fixture
def usual(tmp_path: Path) -> DataPaths:
    made = DataPaths(tmp_path / "share" / "Moestro")
    write(made, "A chat")
    return made


def environment(tmp_path: Path) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if k != "MOESTRO_DATA_DIR"}
    return inherited | {"QT_QPA_PLATFORM": "offscreen", "XDG_DATA_HOME": str(tmp_path / "share")}


def run(tmp_path: Path, *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    ended = subprocess.run(
        [sys.executable, *arguments], env=environment(tmp_path), capture_output=True, text=True,
        timeout=100, check=False,
    )  # fmt: skip
    told = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]
    return ended.returncode, told, ended.stderr


def test_moved_after_a_restart_and_said_when_it_is_away(tmp_path: Path, usual: DataPaths) -> None:
    target = tmp_path / "disk" / "Moestro"
    target.parent.mkdir()
    code, told, errors = run(tmp_path, str(SCRIPT), "", "move", str(target))
    assert code == 0, errors
    assert "Models stay where they are" in next(each["asked"] for each in told if "asked" in each)
    assert [each["root"] for each in told if "root" in each] == [str(usual.root), str(target)]
    starts = [each for each in told if "start" in each]
    assert [each["titles"] for each in starts] == [["A chat"], ["A chat"]]
    assert "were checked" in starts[1]["banner"]
    assert not usual.history.exists()
    listing = (str(ROOT / "main.py"), "conversations", "list")
    code, _told, errors = run(tmp_path, *listing)
    assert code == 0, errors
    # Unplugged: one sentence, and no new history anywhere.
    target.rename(target.with_name("unplugged"))
    before = sorted(usual.root.iterdir())
    code, _told, errors = run(tmp_path, *listing)
    assert code == 1
    assert "connect its disk" in errors
    assert len(errors.splitlines()) == 1
    assert sorted(usual.root.iterdir()) == before
    assert (usual.root / NOTE).is_file()
    assert not target.exists()
    assert titles(DataPaths(target.with_name("unplugged"))) == ["A chat"]


def test_a_folder_that_cannot_take_it_changes_nothing(tmp_path: Path, usual: DataPaths) -> None:
    full = tmp_path / "disk" / "Moestro"
    full.mkdir(parents=True)
    (full / "letter").write_text("of somebody")
    code, told, errors = run(tmp_path, str(SCRIPT), "", "move", str(full))
    assert code == 0, errors
    assert "choose another folder" in next(each["asked"] for each in told if "asked" in each)
    assert [each.name for each in full.iterdir()] == ["letter"]
    assert titles(usual) == ["A chat"]


def test_in_the_terminal(tmp_path: Path, usual: DataPaths) -> None:
    main, target = str(ROOT / "main.py"), tmp_path / "disk"
    lock = InstanceLock(usual.lock)
    assert lock.acquire()
    code, _told, errors = run(tmp_path, main, "data", "move", str(target))
    assert (code, "Moestro is open" in errors) == (1, True)
    lock.release()
    code, _told, errors = run(tmp_path, main, "data", "move", str(target))
    assert code == 0, errors
    assert titles(DataPaths(target)) == ["A chat"]
    code, _told, errors = run(tmp_path, main, "--data-dir", str(target), "data", "move", "x")
    assert (code, "--data-dir" in errors) == (1, True)
