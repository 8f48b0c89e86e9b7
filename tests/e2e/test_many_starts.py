"""Several starts at once over one folder, and folders that cannot be used."""

import json
from pathlib import Path

import pytest

from app.paths import DataPaths
from tests.helpers.data_folders import titles
from tests.helpers.many_starts import start, windows_at_once

pytestmark = pytest.mark.usefixtures("starter_model")


@pytest.mark.timeout(240)
def test_of_four_windows_at_once_one_stays(tmp_path: Path) -> None:
    windows_at_once(tmp_path / "data", 4)


@pytest.mark.timeout(240)
def test_commands_at_once_over_no_folder_yet(tmp_path: Path) -> None:
    root = tmp_path / "deep" / "data"
    commands = [start(root, "conversations", "list", "--json") for _ in range(4)]
    for each in commands:
        out, errors = each.communicate(timeout=200)
        assert each.returncode == 0, errors
        assert json.loads(out) == []
    assert titles(DataPaths(root)) == []
    assert not list(root.glob("*.damaged-*"))


@pytest.mark.parametrize("folder", ["/proc/moestro", "file/below", "file"])
def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("in the way")
    command = start(tmp_path / folder, "conversations", "list")
    _out, errors = command.communicate(timeout=60)
    assert command.returncode == 1
    assert len(errors.splitlines()) == 1
    assert (tmp_path / "file").read_text() == "in the way"
