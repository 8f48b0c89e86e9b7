"""Counting the cores that computing may use."""

import os
from pathlib import Path

import pytest

from app.engine import cores


def machine(folder: Path, siblings: dict[int, str]) -> Path:
    for number, text in siblings.items():
        topology = folder / f"cpu{number}" / "topology"
        topology.mkdir(parents=True)
        (topology / "thread_siblings_list").write_text(text + "\n")
    return folder


def test_hardware_threads_of_one_core_count_once(tmp_path: Path) -> None:
    folder = machine(tmp_path, {0: "0,4", 4: "0,4", 1: "1,5", 5: "1,5"})
    assert cores._distinct_cores(folder, {0, 1, 4, 5}) == 2
    assert cores._distinct_cores(folder, {4}) == 1


def test_unknown_topology_counts_every_processor(tmp_path: Path) -> None:
    assert cores._distinct_cores(tmp_path, {0, 1, 2}) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [("max 100000", None), ("150000 100000", 2), ("5000 100000", 1), ("nonsense", None)],
)
def test_a_containers_share(tmp_path: Path, text: str, expected: int | None) -> None:
    file = tmp_path / "cpu.max"
    file.write_text(text)
    granted = cores._quota(file)
    assert granted == expected if expected else granted > 10_000


def test_this_machine_has_at_least_one() -> None:
    assert 1 <= cores.usable_cores() <= (os.cpu_count() or 1)
