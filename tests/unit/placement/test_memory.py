"""Main memory as a container sees it."""

from pathlib import Path

import psutil
import pytest

from app.placement.memory import group_memory, main_memory, own_groups


def group(folder: Path, limit: str, used: int, droppable: int = 0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 5\ninactive_file {droppable}\nfile 9\n")
    return folder


def test_this_computer_has_memory() -> None:
    memory = main_memory()
    assert 0 < memory.available_bytes <= memory.total_bytes
    assert memory.total_bytes <= psutil.virtual_memory().total


def test_a_limit_and_what_is_left_below_it(tmp_path: Path) -> None:
    assert group_memory(group(tmp_path / "a", "1000", 300)) == (1000, 700)
    assert group_memory(group(tmp_path / "b", "1000", 900, droppable=400)) == (1000, 500)
    assert group_memory(group(tmp_path / "c", "1000", 1200)) == (1000, 0)


@pytest.mark.parametrize("content", ["max", "", "nonsense", "-"])
def test_no_limit_and_nonsense_limit_nothing(tmp_path: Path, content: str) -> None:
    assert group_memory(group(tmp_path / "g", content, 5))[0] is None
    assert group_memory(tmp_path / "absent") == (None, 0)


def test_the_groups_above_count_as_well(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    own.write_text("0::/user.slice/app.scope\n")
    root = tmp_path / "fs"
    assert own_groups(own, root) == [root / "user.slice/app.scope", root / "user.slice", root]
    own.write_text("3:memory:/old\n")
    assert own_groups(own, root) == []
    assert own_groups(tmp_path / "absent", root) == []


def test_the_smallest_limit_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "fs"
    group(root / "outer", "2000000", 0)
    group(root / "outer" / "inner", "max", 0)
    own = tmp_path / "cgroup"
    own.write_text("0::/outer/inner\n")
    monkeypatch.setattr("app.placement.memory._CGROUPS", root)
    monkeypatch.setattr("app.placement.memory._OWN_GROUP", own)
    assert main_memory().total_bytes == 2000000
    assert main_memory().available_bytes == 2000000
