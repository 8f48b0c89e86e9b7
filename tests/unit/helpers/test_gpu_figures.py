"""The parts of the GPU benchmark that decide what is compared and what is carried."""

import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from models.facts_reading import read_facts
from models.gguf import open_model, read_header
from tests.benchmarks.gpu import MIB, _difference, cut
from tests.benchmarks.gpu_carry import is_needed, keep_header, pinned, trim
from tests.benchmarks.gpu_plans import Bench, layers_within
from tests.helpers.moe_models import tensor_bytes, write_large
from tests.helpers.moe_shapes import QWEN3_30B, SMALL_QWEN3MOE
from tests.helpers.worker_process import STARTER


def test_a_shape_is_cut_to_a_size() -> None:
    size = 10 * 2**30
    shape = cut(QWEN3_30B, size)
    total = sum(tensor_bytes(each) for each in shape.tensors())
    assert 0.9 * size < total <= size
    assert cut(QWEN3_30B, 1).layers == 2


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model as the benchmark writes it: from the header alone, with a larger vocabulary."""
    folder = tmp_path_factory.mktemp("large")
    keep_header(STARTER, folder / "tokenizer.gguf")
    shape = replace(
        SMALL_QWEN3MOE, layers=2, experts=256, expert_feed_forward=1024, embedding=512,
        vocabulary=50_000, better_type="Q6_K",
    )  # fmt: skip
    return write_large(shape, folder / "model.gguf", tokenizer=folder / "tokenizer.gguf")


def test_a_large_model_is_whole_and_its_parts_differ(large: Path) -> None:
    model = open_model(large)
    assert read_facts(model.headers).vocabulary == 50_000
    content = large.read_bytes()
    half = (read_header(large).data_offset + len(content)) // 2
    assert content[half : half + 4096] != content[half + 4096 : half + 8192]
    assert content[-4096:].strip(b"\0")


def test_layers_are_counted_as_the_engine_counts_them(large: Path) -> None:
    facts = read_facts(open_model(large).headers)
    plan = Bench(512, ("GPU0",)).everything()
    layer = facts.layers[-1]
    one = layer.bytes.total + layer.kv_bytes("f16", 512, plan.ubatch_tokens)
    head, compute = facts.output_bytes, 5 * MIB
    assert layers_within(facts, plan, compute + head - 1, compute) == 0
    assert layers_within(facts, plan, compute + head, compute) == 1
    assert layers_within(facts, plan, compute + head + one, compute) == 2
    assert layers_within(facts, plan, 2**40, compute) == 3


def test_a_difference_beyond_both_bounds_is_marked() -> None:
    assert "beyond" not in _difference(1063 * MIB, 1000 * MIB)
    assert "beyond" in _difference(1065 * MIB, 1000 * MIB)
    assert "beyond" not in _difference(10_290 * MIB, 10_000 * MIB)
    assert "beyond" in _difference(10_310 * MIB, 10_000 * MIB)


def test_what_cuda_needs_stays_in_the_archive(tmp_path: Path) -> None:
    inside = "engine-1/vendor/llama.cpp/"
    kept = [
        "engine-1/CMakeLists.txt", "engine-1/llama_cpp/llama_cpp.py", f"{inside}CMakeLists.txt",
        f"{inside}ggml/src/ggml-cuda/common.cuh", f"{inside}ggml/src/ggml-cpu/ops.cpp",
        f"{inside}ggml/src/ggml-rpc/ggml-rpc.cpp", f"{inside}src/models/qwen3moe.cpp",
        f"{inside}vendor/hash/CMakeLists.txt",
    ]  # fmt: skip
    left = [
        f"{inside}docs/build.md", f"{inside}models/vocab.gguf", "engine-1/.git/HEAD",
        f"{inside}ggml/src/ggml-vulkan/ggml-vulkan.cpp", f"{inside}tools/mtmd/clip.cpp",
    ]  # fmt: skip
    with tarfile.open(tmp_path / "old.tar.gz", "w:gz") as tar:
        for name in (*kept, *left):
            member = tarfile.TarInfo(name)
            member.size = len(name)
            tar.addfile(member, io.BytesIO(name.encode()))
    trim(tmp_path / "old.tar.gz", tmp_path / "new.tar.gz")
    with tarfile.open(tmp_path / "new.tar.gz") as tar:
        assert tar.getnames() == kept
    assert is_needed("engine-1")


def test_wheels_are_those_of_the_lock() -> None:
    lock = "msgspec==0.22.0 \\\n    --hash=sha256:0\nnumpy==2.5.5 ; python_version > '3'\n"
    assert pinned(lock, ["msgspec", "numpy", "other"]) == [
        "msgspec==0.22.0", "numpy==2.5.5", "other",
    ]  # fmt: skip
