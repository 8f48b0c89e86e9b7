"""What a plan says of memory, held against a real load: weights, KV cache and working memory.

Both models and all placements, with the growth of the worker, are printed by
``python -m tests.benchmarks placement memory``.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.placement.entities import Wishes
from tests.benchmarks.placement_memory import MIB, MOST_MIB, Case, cases, compare
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL_QWEN3MOE
from tests.helpers.predicting_shapes import SMALL_PREDICTING
from tests.helpers.rehearsals import RehearsalStage
from tests.helpers.rpc_devices import rpc_devices

CASES = cases(SMALL_QWEN3MOE.layers)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(SMALL_QWEN3MOE, tmp_path_factory.mktemp("small") / "small.gguf")


@pytest.fixture(scope="module")
def stage() -> Iterator[RehearsalStage]:
    with RehearsalStage() as opened:
        yield opened


@pytest.fixture(scope="module")
def hosts() -> Iterator[list[str]]:
    with rpc_devices(None, None) as servers:
        yield [server.host for server in servers]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_load_takes_what_was_simulated(
    case: Case, path: Path, stage: RehearsalStage, hosts: list[str]
) -> None:
    check(path, case, stage, hosts)


def test_layers_that_predict_take_nothing(
    stage: RehearsalStage, hosts: list[str], tmp_path: Path
) -> None:
    """They are in the file and counted among its layers, but not loaded."""
    path = write_model(SMALL_PREDICTING, tmp_path / "predicting.gguf")
    wishes = Wishes(context_tokens=2048, expert_layers=2)
    check(path, Case("two devices", wishes, (30 * MIB, 130 * MIB)), stage, hosts)


def check(path: Path, case: Case, stage: RehearsalStage, hosts: list[str]) -> None:
    found = compare(path, case, hosts, stage)
    assert found.lines
    for line in found.lines:
        assert abs(line.difference) <= MOST_MIB, line
    for share, budget in zip(found.placement.shares, case.budgets, strict=False):
        if share.device.name != "CPU":
            assert share.bytes.total <= budget
    # What is computed with is reserved, and resident only once it is used.
    assert found.resident_mib < found.in_ram_mib + 64
