"""The processor's caches as the system tells them."""

from pathlib import Path

import pytest

from app.engine.caches import cache_bytes
from app.engine.kernels import thread_counts


def write_cache(cpus: Path, number: int, index: int, size: str, shared: str) -> None:
    folder = cpus / f"cpu{number}" / "cache" / f"index{index}"
    folder.mkdir(parents=True)
    (folder / "size").write_text(size + "\n", encoding="ascii")
    (folder / "shared_cpu_list").write_text(shared + "\n", encoding="ascii")


def test_each_shared_cache_counts_once(tmp_path: Path) -> None:
    for number in range(4):
        write_cache(tmp_path, number, 0, "32K", str(number))
        write_cache(tmp_path, number, 2, "1024K", str(number))
        write_cache(tmp_path, number, 3, "32M", "0-1" if number < 2 else "2-3")
    assert cache_bytes(tmp_path, range(4)) == 64 * 2**20


def test_cores_without_a_shared_cache(tmp_path: Path) -> None:
    for number in range(4):
        write_cache(tmp_path, number, 2, "512K", str(number))
    assert cache_bytes(tmp_path, range(4)) == 2 * 2**20


@pytest.mark.parametrize("size", ["", "huge", "K"])
def test_what_makes_no_sense_is_left_out(tmp_path: Path, size: str) -> None:
    write_cache(tmp_path, 0, 3, size, "0-3")
    assert cache_bytes(tmp_path, range(4)) == 64 * 2**20


def test_nothing_told(tmp_path: Path) -> None:
    assert cache_bytes(tmp_path, range(4)) == 64 * 2**20


def test_this_computer() -> None:
    assert cache_bytes() > 2**17


def test_numbers_of_threads_to_try() -> None:
    assert thread_counts(1) == [1]
    assert thread_counts(2) == [2, 1]
    assert thread_counts(4) == [4, 3, 2, 1]
    assert thread_counts(16) == [16, 12, 8, 1]
