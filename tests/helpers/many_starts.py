"""Many starts of the program at once over one data folder."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from app.paths import DataPaths
from tests.helpers.data_folders import titles, write
from tests.helpers.worker_process import ROOT


def start(root: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), "--data-dir", str(root), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip


def windows_at_once(root: Path, count: int) -> None:
    """Exactly one window stays, the others raise it and end; nothing is set aside."""
    write(DataPaths(root), "A chat")
    windows = [start(root) for _ in range(count)]
    deadline = time.monotonic() + 150
    try:
        while sum(each.poll() is None for each in windows) > 1:
            assert time.monotonic() < deadline, "others do not end"
            time.sleep(0.2)
        (first,) = [each for each in windows if each.poll() is None]
        others = [each for each in windows if each is not first]
        for each in others:
            _out, errors = each.communicate()
            assert "Traceback" not in errors
            # Whoever came before the first could listen says so instead of raising it.
            assert each.returncode == 0 or "does not answer" in errors
        first.send_signal(signal.SIGTERM)
        _out, errors = first.communicate(timeout=40)
        assert first.returncode == 0, errors
    finally:
        for each in windows:
            each.kill()
            each.communicate()
    assert titles(DataPaths(root)) == ["A chat"]
    assert not list(root.glob("*.damaged-*"))
