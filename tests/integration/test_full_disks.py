"""A disk that is full, or broken, at one of many moments: told, nothing lost, and then it works."""

import errno
from pathlib import Path

import pytest

from tests.helpers.full_disks import endure


@pytest.mark.parametrize(
    ("code", "lasting"), [(errno.ENOSPC, True), (errno.ENOSPC, False), (errno.EIO, True)]
)
def test_wherever_it_fails_nothing_is_lost(tmp_path: Path, code: int, lasting: bool) -> None:
    step = 41
    outcomes = []
    number = 1
    while True:
        outcome = endure(tmp_path, number, code, lasting=lasting)
        if not outcome.reached:
            break
        outcomes.append(outcome)
        number += step
    assert [each for each in outcomes if each.faults] == []
    assert len(outcomes) > 5
    told = {code for each in outcomes for code in each.codes}
    wanted = "storage.disk_full" if code == errno.ENOSPC else "storage.io"
    assert {f"open: {wanted}", f"write: {wanted}"} & told
