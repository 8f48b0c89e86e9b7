"""1,000 and 10,000 simulated power cuts: nothing acknowledged is lost, and controls that fail."""

from pathlib import Path

import pytest

from tests.helpers.power_cuts import record, run


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("count", "first_seed"), [(1_000, 100_000), (10_000, 200_000)])
def test_no_cut_loses_or_damages(tmp_path: Path, count: int, first_seed: int) -> None:
    result = run(record(tmp_path / "disk"), tmp_path / "cut", count, first_seed)
    print(f"{result.cuts} cuts: {result.lost} lost, {result.damaged} damaged")  # noqa: T201
    assert not result.examples, result.examples[:5]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("synchronous", ["normal", "off"])
def test_a_thousand_cuts_find_what_is_not_synced(tmp_path: Path, synchronous: str) -> None:
    result = run(record(tmp_path / "disk", synchronous), tmp_path / "cut", 1_000)
    print(f"{synchronous}: {result.lost} lost, {result.damaged} damaged")  # noqa: T201
    assert result.lost > 100
    assert synchronous == "normal" or result.damaged > 50
