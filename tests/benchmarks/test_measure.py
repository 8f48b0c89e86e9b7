"""The statistics behind the table."""

import pytest

from tests.benchmarks.measure import Row, median_interval, percentile, ratios


def test_the_interval_of_a_median_follows_order_statistics() -> None:
    # Of 24 values the 7th and the 18th; below six values only all of them hold 95 %.
    assert median_interval([float(n) for n in range(24, 0, -1)]) == (7.0, 18.0)
    assert median_interval([3.0, 1.0, 2.0]) == (1.0, 3.0)
    assert median_interval([5.0]) == (5.0, 5.0)


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(n) for n in range(1, 201)]
    assert percentile(values, 0.99) == 198.0
    assert percentile([4.0], 0.99) == 4.0


def test_pairs_must_be_whole() -> None:
    assert ratios([2.0, 9.0], [1.0, 3.0]) == [2.0, 3.0]
    with pytest.raises(ValueError):
        ratios([1.0], [])


def test_a_row_has_every_column_of_the_header() -> None:
    row = str(Row("Something", [1.0, 2.0, 3.0], "s", "≤ 5 s"))
    assert row == "| Something | 2 s | 1 – 3 | 1 – 3 | 3 | ≤ 5 s |"
