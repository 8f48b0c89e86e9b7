"""How many weights compute a token."""

from pathlib import Path

import pytest

from models.facts import ModelFacts
from models.facts_reading import read_facts
from models.gguf import open_model
from tests.helpers.gguf_bytes import model
from tests.helpers.moe_models import write_sparse
from tests.helpers.moe_shapes import DEEPSEEK_V3, GPT_OSS_120B, QWEN3_30B, MoeShape


def facts_of(path: Path) -> ModelFacts:
    return read_facts(open_model(path).headers)


@pytest.mark.parametrize(
    ("shape", "total", "active"),
    [(QWEN3_30B, 30.5e9, 3.3e9), (DEEPSEEK_V3, 671e9, 37e9), (GPT_OSS_120B, 117e9, 5.1e9)],
    ids=lambda value: value.name if isinstance(value, MoeShape) else "",
)
def test_of_mixtures_as_their_makers_state_it(
    shape: MoeShape, total: float, active: float, tmp_path: Path
) -> None:
    facts = facts_of(write_sparse(shape, tmp_path)[0])
    assert facts.parameters == pytest.approx(total, rel=0.03)
    assert facts.active_parameters == pytest.approx(active, rel=0.09)


def test_of_a_dense_model_all(tmp_path: Path) -> None:
    facts = facts_of(model(2).write(tmp_path / "dense.gguf"))
    assert facts.active_parameters == facts.parameters
