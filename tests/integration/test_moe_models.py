"""MoE models: the small ones run in the real worker, the full-size ones are what was published.

What the facts say of the full-size ones is held against the figures of their makers and against
llama.cpp itself, which reads the sparse files without loading a weight.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from models.facts import KvType, ModelFacts
from models.facts_reading import read_facts
from models.gguf import open_model
from tests.helpers.moe_models import write_model, write_sparse
from tests.helpers.moe_shapes import (
    DEEPSEEK_V2_LITE,
    DEEPSEEK_V3,
    FULL,
    GPT_OSS_120B,
    QWEN3_30B,
    QWEN3_235B,
    SMALL,
    MoeShape,
)
from tests.helpers.worker_process import ROOT, WorkerProcess, greedy, small_plan

CONTEXT, UBATCH = 8192, 512
MIB = 2**20


@pytest.mark.parametrize("shape", SMALL, ids=lambda shape: shape.architecture)
def test_small_models_load_and_generate(shape: MoeShape, tmp_path: Path) -> None:
    path = write_model(shape, tmp_path / "small.gguf")
    facts = read_facts(open_model(path).headers)
    texts = []
    for repacked in (True, False):
        with WorkerProcess() as worker:
            plan = small_plan(context_tokens=512, extra_buffer_types=repacked)
            told = worker.load(path, plan)
            assert told.architecture == shape.architecture == facts.architecture
            assert told.layers == shape.layers == len(facts.layers)
            assert told.parameters == facts.parameters
            assert told.vocabulary == facts.vocabulary
            assert told.has_chat_template
            assert worker.ask("Hello?", greedy(8)).timings.generated_tokens == 8
            texts.append(worker.text)
    assert all(texts)


@dataclass(frozen=True)
class Published:
    """Figures of a model's makers, and of the Q4_K_M (or MXFP4) file most people have."""

    shape: MoeShape
    parameters: float
    active_parameters: float
    file_bytes: float
    layers: int
    moe_layers: int
    experts: tuple[int, int, int]
    """Routed, used, shared."""
    kv_bytes: int
    """Of one token in all layers, f16, as far as a layer has no window."""


PUBLISHED = [
    # DeepSeek-V3 technical report (671B, 37B); 70.272 KB in its hardware paper of May 2025.
    Published(DEEPSEEK_V3, 671e9, 37e9, 404e9, 61, 58, (256, 8, 1), 70_272),
    # Model card: 235B and 22B; 94 layers, 64 heads, 4 KV heads, 128 experts of which 8.
    Published(QWEN3_235B, 235e9, 22e9, 142.6e9, 94, 94, (128, 8, 0), 192_512),
    # Model card: 116.83B and 5.13B; 36 layers, 128 experts of which 4.
    Published(GPT_OSS_120B, 116.83e9, 5.13e9, 63.4e9, 36, 36, (128, 4, 0), 73_728),
    # Model card: 30.5B and 3.3B; 48 layers, 32 heads, 4 KV heads.
    Published(QWEN3_30B, 30.5e9, 3.3e9, 18.6e9, 48, 48, (128, 8, 0), 98_304),
    # DeepSeek-V2 paper, appendix on the Lite model: 15.7B and 2.4B, 27 layers.
    Published(DEEPSEEK_V2_LITE, 15.7e9, 2.4e9, 10.4e9, 27, 26, (64, 6, 2), 31_104),
]


@pytest.fixture(scope="module")
def full_size(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """The sparse files; the largest one in three parts."""
    return {
        shape.name: write_sparse(
            shape, tmp_path_factory.mktemp("full"), parts=3 if shape is DEEPSEEK_V3 else 1
        )
        for shape in FULL
    }


def facts_of(paths: list[Path]) -> ModelFacts:
    return read_facts(open_model(paths[0]).headers)


@pytest.mark.parametrize("figures", PUBLISHED, ids=lambda figures: figures.shape.name)
def test_facts_are_the_published_ones(figures: Published, full_size: dict[str, list[Path]]) -> None:
    facts = facts_of(full_size[figures.shape.name])
    assert facts.parameters == pytest.approx(figures.parameters, rel=0.002)
    # Some count the embedding, of which a token reads one row, and some do not.
    computing = active(facts, figures.shape)
    embedding = figures.shape.embedding * figures.shape.vocabulary
    assert 0.96 * computing < figures.active_parameters < 1.02 * (computing + embedding)
    assert facts.weight_bytes == pytest.approx(figures.file_bytes, rel=0.01)
    assert len(facts.layers) == figures.layers
    assert facts.moe_layers == figures.moe_layers
    assert facts.leading_dense_layers == figures.layers - figures.moe_layers
    assert (facts.experts, facts.experts_used, facts.shared_experts) == figures.experts
    assert sum(layer.kv_bytes_per_token("f16") for layer in facts.layers) == figures.kv_bytes
    assert facts.is_mla == (facts.kv_lora_rank == 512) == (figures.shape.mla is not None)
    windows = [layer.window_tokens for layer in facts.layers]
    assert windows == ([128, 0] * 18 if figures.shape is GPT_OSS_120B else [0] * figures.layers)


def active(facts: ModelFacts, shape: MoeShape) -> float:
    """Parameters that compute one token; the embedding, which is only looked up, left out."""
    routed = 3 * shape.embedding * shape.expert_feed_forward * facts.experts * facts.moe_layers
    idle = routed * (1 - facts.experts_used / facts.experts)
    return facts.parameters - idle - shape.embedding * shape.vocabulary


def test_llama_cpp_says_the_same(full_size: dict[str, list[Path]]) -> None:
    """Parameters, bytes, and the KV cache of every type to the last digit it prints."""
    program = [sys.executable, "-m", "tests.helpers.no_alloc_process", str(CONTEXT), str(UBATCH)]
    answer = subprocess.run(
        [*program, *(str(paths[0]) for paths in full_size.values())],
        capture_output=True, text=True, check=True, cwd=ROOT, timeout=100,
    ).stdout  # fmt: skip
    kv_types: tuple[KvType, ...] = ("f16", "q8_0", "q4_0")
    for paths, line in zip(full_size.values(), answer.splitlines(), strict=True):
        facts, told = facts_of(paths), json.loads(line)
        assert told["parameters"] == facts.parameters
        assert told["bytes"] == facts.weight_bytes
        assert facts.kv_types == kv_types
        for kv_type in kv_types:
            expected = told["kv_mebibytes"][kv_type]
            assert facts.kv_bytes(kv_type, CONTEXT, UBATCH) / MIB == pytest.approx(
                expected, abs=0.02
            )
