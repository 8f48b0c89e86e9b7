"""54 damaged histories of every kind: each opens, nothing is overwritten, what can be is saved."""

from pathlib import Path

import pytest

from tests.helpers.damaged_histories import KINDS, Original, make_original, trial

SEEDS = 6


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Original:
    return make_original(tmp_path_factory.mktemp("original") / "history.sqlite3")


@pytest.mark.parametrize("kind", KINDS)
def test_each_opens_and_what_can_be_read_is_there(
    original: Original, kind: str, tmp_path: Path
) -> None:
    first = 5_000
    outcomes = [trial(tmp_path, original, kind, first + seed) for seed in range(SEEDS)]
    assert [each.faults for each in outcomes if each.faults] == []
    readable = sum(each.messages for each in outcomes) / (SEEDS * len(original.texts))
    least = {
        "one byte flipped": 0.95, "a byte of the first page flipped": 1.0, "cut off": 0.05,
        "a page of zeros": 0.6, "the first page zeros": 1.0, "zeros to the end": 0.05,
    }  # fmt: skip
    assert readable >= least.get(kind, 0.0)
