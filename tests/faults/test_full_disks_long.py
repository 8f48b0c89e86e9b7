"""A disk that is full, or broken, at every single writing of a session, for each way to fail."""

import errno
from collections import Counter
from pathlib import Path

import pytest

from tests.helpers.full_disks import endure


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("lasting", [True, False], ids=["until-freed", "once"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO], ids=["full", "broken"])
def test_every_writing_may_fail(tmp_path: Path, code: int, lasting: bool) -> None:
    outcomes = []
    while True:
        outcome = endure(tmp_path, len(outcomes) + 1, code, lasting=lasting)
        if not outcome.reached:
            break
        outcomes.append(outcome)
    told = Counter(code for each in outcomes for code in each.codes[:1])
    print(f"{len(outcomes)} moments: {dict(told)}")  # noqa: T201
    assert [each for each in outcomes if each.faults] == []
    assert len(outcomes) > 100
