"""Amounts in words: files decimal, memory binary, and units that are not said twice."""

import pytest

from app.amounts import file_size, memory_size, memory_sizes

MIB, GIB = 1 << 20, 1 << 30


@pytest.mark.parametrize(
    ("size", "words"), [(97_600_000, "98 MB"), (18_600_000_000, "18.6 GB"), (0, "0 MB")]
)
def test_files_are_decimal(size: int, words: str) -> None:
    assert file_size(size) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 MiB"),
        (4000, "< 1 MiB"),
        (3 * MIB, "3 MiB"),
        (512 * MIB, "512 MiB"),
        (GIB - MIB // 4, "1.0 GiB"),
        (10_400_000_000, "9.7 GiB"),
        (131 * GIB + GIB // 3, "131 GiB"),
        (1008 * GIB, "1,008 GiB"),
    ],
)
def test_memory_is_binary_and_small_amounts_are_not_rounded_away(size: int, words: str) -> None:
    assert memory_size(size) == words


def test_amounts_side_by_side_say_a_common_unit_once() -> None:
    assert memory_sizes(6 * GIB, 8 * GIB) == ("6.0", "8.0 GiB")
    assert memory_sizes(340 * MIB, 8 * GIB) == ("340 MiB", "8.0 GiB")
    assert memory_sizes(12 * GIB, 340 * MIB, 5 * GIB) == ("12.0 GiB", "340 MiB", "5.0 GiB")
