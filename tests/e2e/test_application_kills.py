"""10 SIGKILLs of the application while it streams; the long run is in tests/faults."""

from pathlib import Path

import pytest

from tests.helpers.app_kills import kill_once, losses


@pytest.mark.timeout(600)
def test_kills_lose_nothing(tmp_path: Path) -> None:
    root = tmp_path / "data"
    for seed in range(1000, 1010):
        seen, killed = kill_once(root, seed)
        assert not losses(root, seen, killed), f"seed {seed}"
