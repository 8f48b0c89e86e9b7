"""100 SIGKILLs of the application while it streams: nothing acknowledged is lost."""

from pathlib import Path

import pytest

from tests.helpers.app_kills import kill_once, losses


@pytest.mark.timeout(1800)
def test_a_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    root = tmp_path / "data"
    for seed in range(100):
        seen, killed = kill_once(root, seed)
        assert not losses(root, seen, killed), f"seed {seed}"
