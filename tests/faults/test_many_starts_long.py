"""Ten starts at once over one data folder."""

from pathlib import Path

import pytest

from tests.helpers.many_starts import windows_at_once


@pytest.mark.timeout(1200)
@pytest.mark.usefixtures("starter_model")
def test_of_ten_windows_at_once_one_stays(tmp_path: Path) -> None:
    for number in range(5):
        windows_at_once(tmp_path / f"data-{number}", 10)
