"""The generator of MoE models: the same file each time, and weights that are what they claim."""

from pathlib import Path

import gguf
import numpy as np
import pytest
from numpy.typing import NDArray

from models.facts_reading import read_facts
from models.gguf import open_model, read_header
from models.tensor_roles import TensorRole
from tests.helpers.moe_models import write_model, write_sparse
from tests.helpers.moe_shapes import GPT_OSS_120B, SMALL, SMALL_DEEPSEEK2, SMALL_QWEN3MOE, MoeShape


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    one = write_model(SMALL_QWEN3MOE, tmp_path / "1.gguf", seed=7).read_bytes()
    assert write_model(SMALL_QWEN3MOE, tmp_path / "2.gguf", seed=7).read_bytes() == one
    assert write_model(SMALL_QWEN3MOE, tmp_path / "3.gguf", seed=8).read_bytes() != one
    assert 4e6 < len(one) < 30e6


@pytest.mark.parametrize("shape", SMALL, ids=lambda shape: shape.architecture)
@pytest.mark.parametrize("type_name", ["Q4_0", "Q8_0", "Q4_K", "F16"])
def test_types(shape: MoeShape, type_name: str, tmp_path: Path) -> None:
    path = write_model(shape.with_types(type_name), tmp_path / "m.gguf")
    facts = read_facts(open_model(path).headers)
    assert set(facts.types[TensorRole.ROUTED_EXPERTS]) == {type_name}
    assert facts.moe_layers == shape.layers - shape.leading_dense
    assert facts.tied_embedding


@pytest.mark.parametrize("type_name", ["Q4_0", "Q5_0", "Q8_0", "Q4_K"])
def test_weights_have_the_deviation_of_their_width(type_name: str, tmp_path: Path) -> None:
    """Decoded by the reference implementation, not by what wrote them."""
    path = write_model(SMALL_DEEPSEEK2.with_types(type_name), tmp_path / "m.gguf")
    weights = decoded(path, "blk.1.ffn_up_exps.weight")
    assert weights.size == 16 * 256 * 256
    assert np.std(weights) == pytest.approx(1 / 16, rel=0.05)
    # Half a step below zero on average where a type has one more step below it than above.
    assert abs(np.mean(weights)) < 0.12 / 16
    # The first tokens of this vocabulary are control tokens.
    assert not decoded(path, "token_embd.weight")[: 2 * 256].any()


def decoded(path: Path, name: str) -> NDArray[np.float32]:
    header = read_header(path)
    tensor = next(tensor for tensor in header.tensors if tensor.name == name)
    start = header.data_offset + tensor.offset
    data = np.fromfile(path, np.uint8, tensor.size, offset=start)
    weights = gguf.dequantize(data, gguf.GGMLQuantizationType(tensor.type_number))
    return np.asarray(weights, np.float32).reshape(-1)


def test_a_sparse_file_takes_no_room(tmp_path: Path) -> None:
    paths = write_sparse(GPT_OSS_120B, tmp_path, parts=3)
    assert [path.name[-19:] for path in paths] == [
        f"-0000{number}-of-00003.gguf"[-19:] for number in (1, 2, 3)
    ]
    assert sum(path.stat().st_size for path in paths) > 60e9
    assert sum(path.stat().st_blocks * 512 for path in paths) < 4e6
