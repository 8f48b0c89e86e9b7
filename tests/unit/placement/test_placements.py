"""The facts of a model are those of its files as they are now."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.placement.entities import Wishes
from models.entities import ModelFile
from models.errors import ModelFileError
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL_DEEPSEEK2, SMALL_QWEN3MOE
from tests.helpers.placing import Placing, handle_of
from tests.helpers.plain_machines import machine
from tests.helpers.projectors import write_projector


@pytest.fixture
def placing(tmp_path: Path) -> Iterator[Placing]:
    here = Placing(tmp_path / "data")
    yield here
    here.close()


def test_facts_are_read_once_and_again_when_the_file_changed(
    placing: Placing, tmp_path: Path
) -> None:
    path = write_model(SMALL_QWEN3MOE, tmp_path / "model.gguf")
    placements, handle = placing.services.placements, handle_of(path)
    subject = placements.subject(handle)
    assert placements.subject(handle) is subject
    assert subject.facts.architecture == "qwen3moe"
    write_model(SMALL_DEEPSEEK2, path)
    with pytest.raises(ModelFileError) as replaced:
        placements.subject(handle)
    assert replaced.value.code == "library.replaced"
    assert placements.subject(handle_of(path)).facts.architecture == "deepseek2"
    path.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ModelFileError) as damaged:
        placements.subject(handle)
    assert damaged.value.code.startswith("gguf.")
    path.unlink()
    with pytest.raises(ModelFileError) as missing:
        placements.subject(handle)
    assert missing.value.code == "gguf.missing"


def test_memory_of_a_projector_is_kept_out_of_the_plan(placing: Placing, tmp_path: Path) -> None:
    path = write_model(SMALL_QWEN3MOE, tmp_path / "model.gguf")
    seen = write_projector(tmp_path / "mmproj-model.gguf", SMALL_QWEN3MOE.embedding)
    placements, handle = placing.services.placements, handle_of(path)
    blind = placements.subject(handle)
    seeing = placements.subject(replace(handle, projector=ModelFile.of(seen)))
    # Its weights and at least 128 MiB to compute in.
    assert seeing.beside_bytes == seen.stat().st_size + 128 * 2**20
    assert blind.beside_bytes == 0
    here = machine()
    budgets = [
        placements.guess(each, here, Wishes()).shares[-1].device.budget_bytes
        for each in (blind, seeing)
    ]
    assert budgets == [here.processor.budget_bytes - each for each in (0, seeing.beside_bytes)]
