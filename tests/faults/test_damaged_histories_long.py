"""1,000 damaged histories: each opens, keeps the damaged file, and saves what can be read."""

from pathlib import Path

import pytest

from tests.helpers.damaged_histories import KINDS, PAGE, make_original, table, trial

COUNTS = {
    "one byte flipped": 400, "a byte of the first page flipped": 200, "cut off": 120,
    "a page of zeros": 140, "the first page zeros": 2, "zeros to the end": 100, "a text file": 30,
    "a directory": 4, "no byte at all": 4,
}  # fmt: skip


@pytest.mark.timeout(3600)
def test_a_thousand_damages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    original = make_original(tmp_path / "original" / "history.sqlite3")
    assert set(COUNTS) == set(KINDS)
    assert sum(COUNTS.values()) == 1_000
    outcomes = [
        trial(tmp_path / "trials", original, kind, seed)
        for kind, count in COUNTS.items()
        for seed in range(count)
    ]
    with capsys.disabled():
        pages = len(original.content) // PAGE
        print(f"\n{pages} pages, {len(original.texts)} messages")  # noqa: T201
        print(table(outcomes, original))  # noqa: T201
    assert [each for each in outcomes if each.faults] == []
