"""The sample plans, made once."""

import pytest

from tests.helpers import placement_samples
from ui.placement.view import PlacementView


@pytest.fixture(scope="session")
def views(tmp_path_factory: pytest.TempPathFactory) -> dict[str, PlacementView]:
    folder = tmp_path_factory.mktemp("shapes")
    made = {name: make(folder) for name, make in placement_samples.SAMPLES.items()}
    made["long"] = placement_samples.dense(folder, placement_samples.DENSE_LONG)
    return made
