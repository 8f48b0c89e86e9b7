"""Working memory: guessed from the shape, and learned from rehearsals."""

import json
from dataclasses import replace

import pytest

from app.placement.described import machine_of
from app.placement.layout import Setup
from app.placement.workspace import (
    GuessedWorkSpaces,
    LearnedWorkSpaces,
    Sample,
    WorkSpace,
    computes_like,
)
from tests.helpers.described_machines import DescribedMachine
from tests.helpers.moe_shapes import FULL
from tests.helpers.plain_facts import moe_facts
from tests.helpers.verdict_models import facts_for

MIB = 2**20


def space(size: int) -> WorkSpace:
    return WorkSpace(head=10 * size, body=5 * size, ram=size, ram_alone=20 * size)


def sample(context: int, ubatch: int, size: int, kv_type: str = "f16") -> Sample:
    return Sample(Setup(context, kv_type, ubatch), space(size))  # type: ignore[arg-type]


def test_between_two_contexts_it_lies_on_the_line() -> None:
    learned = LearnedWorkSpaces([sample(8192, 512, 100), sample(32768, 512, 400)])
    assert learned.of(Setup(8192, "f16", 512)) == space(100)
    assert learned.of(Setup(16384, "f16", 512)) == space(200)
    assert learned.of(Setup(32768, "f16", 512)) == space(400)


def test_beyond_the_longest_the_line_goes_on_and_below_the_shortest_it_does_not_fall() -> None:
    learned = LearnedWorkSpaces([sample(8192, 512, 100), sample(32768, 512, 400)])
    assert learned.of(Setup(57344, "f16", 512)) == space(700)
    assert learned.of(Setup(2048, "f16", 512)) == space(100), "rather too much"


def test_one_sample_stands_for_every_context() -> None:
    learned = LearnedWorkSpaces([sample(8192, 512, 100)])
    assert learned.of(Setup(65536, "f16", 512)) == space(100)


def test_a_larger_ubatch_needs_more_in_proportion_and_a_smaller_one_no_less() -> None:
    learned = LearnedWorkSpaces([sample(8192, 512, 100)])
    assert learned.of(Setup(8192, "f16", 2048)) == space(400)
    assert learned.of(Setup(8192, "f16", 128)) == space(100)


def test_the_nearest_ubatch_comes_before_the_kind_of_cache() -> None:
    learned = LearnedWorkSpaces(
        [sample(8192, 512, 100), sample(8192, 512, 300, "q8_0"), sample(8192, 256, 50)]
    )
    assert learned.of(Setup(8192, "q8_0", 512)) == space(300)
    assert learned.of(Setup(8192, "q8_0", 256)) == space(50)
    assert learned.of(Setup(8192, "q4_0", 512)).head in (1000, 3000)


def test_quantizations_compute_alike_unless_a_gpu_of_this_computer_borrows_their_experts() -> None:
    described = json.dumps(DescribedMachine("24", 64).as_object()).encode()
    elsewhere = machine_of(described, "test")
    cards = tuple(replace(each, is_here=True, fetches_experts=True) for each in elsewhere.devices)
    here = replace(elsewhere, devices=cards)
    name = "Qwen3-30B-A3B"
    small, large, other = facts_for(name, "Q4_K_M"), facts_for(name, "Q8_0"), moe_facts()
    assert computes_like(small, elsewhere) == computes_like(large, elsewhere)
    assert computes_like(small, here) != computes_like(large, here)
    assert computes_like(small, elsewhere) != computes_like(other, elsewhere)


def test_who_was_asked() -> None:
    assert LearnedWorkSpaces([sample(1, 1, 1)]).are_learned
    assert not GuessedWorkSpaces(moe_facts()).are_learned


@pytest.mark.parametrize("shape", FULL, ids=lambda shape: shape.name)
def test_a_guess_is_rather_too_much(shape) -> None:
    """Against llama.cpp's own figures for 8,192 tokens: 512 at once, all experts in RAM."""
    own = {"DeepSeek-V3 671B": 434.6, "Qwen3-235B-A22B": 305, "gpt-oss-120b": 404,
           "Qwen3-30B-A3B": 301, "DeepSeek-V2-Lite": 236.3}[shape.name]  # fmt: skip
    label = "MXFP4" if shape.name == "gpt-oss-120b" else "Q4_K_M"
    facts = facts_for(shape.name.removesuffix(" 671B"), label)
    guess = GuessedWorkSpaces(facts).of(Setup(8192, "f16", 512))
    assert own * MIB < guess.head < 8 * own * MIB
    assert guess.head > guess.body == guess.ram
