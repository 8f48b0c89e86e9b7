"""Where things are kept."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.paths import DataPaths, data_paths, program_folder, starter_model

REPOSITORY = Path(__file__).resolve().parents[2]


def test_option_before_variable_before_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOESTRO_DATA_DIR", str(tmp_path / "variable"))
    assert data_paths(str(tmp_path / "option")).root == tmp_path / "option"
    assert data_paths().root == tmp_path / "variable"
    monkeypatch.setenv("MOESTRO_DATA_DIR", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert data_paths().root == tmp_path / "Moestro"


def test_relative_and_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "ü home"))
    assert data_paths("here").root == tmp_path / "here"
    assert data_paths("~/there").root == tmp_path / "ü home" / "there"
    assert data_paths("~no-such-user/x").root == tmp_path / "~no-such-user" / "x"


def test_everything_lies_in_the_folder(tmp_path: Path) -> None:
    paths = DataPaths(tmp_path)
    inside = [paths.history, paths.library, paths.settings, paths.logs, paths.backups, paths.lock]
    assert len({path.name for path in inside}) == len(inside)
    assert {path.parent for path in inside} == {tmp_path}
    assert list(tmp_path.iterdir()) == []


def test_without_a_home_there_is_an_absolute_folder() -> None:
    program = "from app.paths import data_paths; assert data_paths().root.is_absolute()"
    subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, env={}, check=True, timeout=60)


def test_the_program_and_its_starter_model(monkeypatch: pytest.MonkeyPatch) -> None:
    assert program_folder() == REPOSITORY
    assert starter_model().parent == REPOSITORY / ".starter"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", "/opt/moestro", raising=False)
    assert starter_model().parent == Path("/opt/moestro/starter")
