"""20 SIGKILLs while everything is done to a history; the long run is in tests/faults."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.worker_process import ROOT

pytestmark = pytest.mark.usefixtures("starter_model")


@pytest.mark.timeout(240)
def test_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.helpers.history_kills", "20", "300", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=220, check=False,
    )  # fmt: skip
    assert ended.stdout, ended.stderr[-2000:]
    told = json.loads(ended.stdout)
    assert told["lost"] == []
    assert told["kills"] == 20
    assert {"send", "rename", "move", "delete", "undo", "backup"} <= set(told["acknowledged"])
    # 2 s are promised; other programs take their share here.
    assert told["start_longest"] < 10
