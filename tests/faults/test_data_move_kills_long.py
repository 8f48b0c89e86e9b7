"""A move of the data folder that is killed at each of its steps."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.worker_process import ROOT


@pytest.mark.timeout(900)
def test_every_step(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.helpers.data_move_kills", str(tmp_path), "1", "1"],
        cwd=ROOT, capture_output=True, text=True, timeout=800, check=False,
    )  # fmt: skip
    print(ended.stdout)  # noqa: T201 - the table for the docs
    assert ended.returncode == 0, ended.stderr[-2000:]
    told = json.loads(ended.stdout)
    assert told["kills"] >= told["calls"] - 5
