"""10,000 mutations of MoE headers and those made by hand: each ends in a name, nothing hangs."""

import subprocess

import pytest

from tests.helpers.header_run import FULL, ROOT, figures, run, tables


@pytest.mark.timeout(3600)
def test_every_header_that_lies_ends_in_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    summary = run(FULL)
    with capsys.disabled():
        commit = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
        )
        print(f"\n{commit.stdout.strip()}: {figures(summary)}\n\n{tables(summary)}")  # noqa: T201
    assert not summary.faults
    assert len(summary.results) == FULL + summary.by_hand
    assert summary.by_hand >= 60
    assert sum(summary.count("loaded").values()) >= 500
    assert all(each["read"] for each in summary.results)
    survivors = [each for each in summary.results if each["read"] == "ok"]
    assert all(each["planned"] and each["rehearsed"] for each in survivors)
