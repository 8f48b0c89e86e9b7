"""A real history to export from, and copies of it that are kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.mirror_copies import Copy, Keeping
from tests.unit.history.conftest import Kept


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """In the folder "data"; what is exported goes beside it."""
    opened = Kept(tmp_path / "data")
    yield opened
    opened.database.close()


@pytest.fixture
def copy(kept: Kept, tmp_path: Path) -> Copy:
    """One that is looked at when the test says so."""
    return Copy(kept, tmp_path / "copy")


@pytest.fixture
def keeping(kept: Kept) -> Iterator[Keeping]:
    """The service that keeps copies, not started."""
    made = Keeping(kept)
    yield made
    made.mirrors.close()
