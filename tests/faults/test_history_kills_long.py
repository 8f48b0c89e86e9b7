"""1,000 SIGKILLs over sending, streaming, renaming, moving, deleting, undoing and backing up."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.worker_process import ROOT


@pytest.mark.timeout(7200)
def test_a_thousand_kills_lose_nothing(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.helpers.history_kills", "1000", "10000", str(tmp_path)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=7000, check=False,
    )  # fmt: skip
    print(ended.stdout)  # noqa: T201 - the table for the docs
    told = json.loads(ended.stdout)
    assert told["lost"] == []
    assert told["kills"] == 1000
