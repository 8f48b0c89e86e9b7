"""A move of the data folder that is killed leaves the old folder in use or the new one."""

import json
import subprocess
import sys
from pathlib import Path

from tests.helpers.worker_process import ROOT


def test_every_sixth_step(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.helpers.data_move_kills", str(tmp_path), "2", "6"],
        cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2000:]
    told = json.loads(ended.stdout)
    assert told["kills"] > 20
    assert set(told["found"]) == {"old", "new"}, "kills before and after the switch"
