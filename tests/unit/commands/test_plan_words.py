"""What ``plan`` says to a person, for each kind of plan."""

from dataclasses import replace

import pytest

from app.commands.plan_words import plan_lines
from app.placement.entities import ContextPrice, Placement, Wishes
from tests.helpers.placement_plans import planned
from tests.helpers.verdict_models import facts_for

LONG = "A-very-long-name-of-a-model-of-40-chars…"


def lines(
    placement: Placement,
    model: str = "Qwen3-30B-A3B",
    label: str = "Q4_K_M",
    wishes: Wishes | None = None,
) -> list[str]:
    facts = facts_for(model, label)
    return list(plan_lines(placement, facts, model, "file.gguf", wishes or Wishes()))


def at_home(placement: Placement) -> Placement:
    return replace(placement, is_described=False)


def test_a_hybrid_plan() -> None:
    placement = planned("Qwen3-30B-A3B", "Q4_K_M", ram_gib=64, gpu_gib=(12,))
    said = lines(placement)
    assert said[0].startswith("All attention and ")
    assert said[1].startswith("About ")
    assert said[2].startswith("It reads prompts at about ")
    (card,) = [line for line in said if line.startswith("Card 1: ")]
    share = placement.shares[0]
    assert f"{share.bytes.total / 2**30:.1f} of {share.device.budget_bytes / 2**30:.1f} GiB" in card
    assert f"weights {share.bytes.weights / 2**30:.1f} GiB, KV cache " in card
    assert said[-1] == "These figures are estimated; llama.cpp could not be asked."
    simulated = lines(replace(placement, simulated=True))
    assert simulated[-1] == "These figures come from llama.cpp itself."


def test_what_a_longer_context_costs() -> None:
    placement = planned("Qwen3-30B-A3B", "Q4_K_M", ram_gib=64, gpu_gib=(12,))
    placement = replace(
        placement,
        longest_context=40960,
        prices=(
            ContextPrice(context_tokens=4096, expert_layers=48, decode=99.0, verdict="gpu"),
            ContextPrice(
                context_tokens=65536,
                expert_layers=placement.expert_layers - 1,
                decode=0.75 * placement.predicted.decode.expected,
                verdict="hybrid",
            ),
        ),
    )
    kept = placement.expert_layers - 1
    expected = f"With --context 65536: {kept} of 48 expert layers on the GPU, 25 % slower."
    assert expected in lines(placement)
    slower = replace(placement.prices[1], expert_layers=placement.expert_layers)
    assert "With --context 65536: 25 % slower." in lines(replace(placement, prices=(slower,)))
    free = replace(slower, decode=placement.predicted.decode.expected)
    too_large = replace(slower, verdict="too_large")
    for price in (free, too_large):
        said = lines(replace(placement, prices=(price,)))
        assert not any("--context" in line for line in said)


def test_the_longest_context_is_said_once() -> None:
    placement = planned("Qwen3-30B-A3B", "Q4_K_M", ram_gib=64, gpu_gib=(24,))
    alone = replace(placement, longest_context=placement.plan.context_tokens)
    count = f"{placement.plan.context_tokens:,}"
    assert f"Context: {count} tokens, the longest for this plan." in lines(alone)


@pytest.mark.parametrize(
    ("model", "label", "ram_gib", "helps"),
    [
        ("Qwen3-235B-A22B", "Q4_K_M", 64, "This file has 142 GB; a quantization of at most "),
        ("DeepSeek-V3", "Q4_K_M", 64, "No useful quantization of it would fit here;"),
    ],
)
def test_what_would_help_when_it_is_too_large(
    model: str, label: str, ram_gib: int, helps: str
) -> None:
    placement = planned(model, label, ram_gib=ram_gib, gpu_gib=(24,))
    assert placement.verdict == "too_large"
    said = lines(placement, model, label)
    assert said[0].startswith(f"{model} needs ")
    assert said[3].startswith(helps)
    assert not any(line.startswith("Context") for line in said)
    disk = "To run it from the disk all the same: ask --from-disk --model file.gguf."
    assert disk not in said
    assert lines(at_home(placement), model, label)[-1] == disk


def test_a_quantization_that_is_named_would_really_fit() -> None:
    """Q2_K of this model is the size that is named, or less, and it is not too large."""
    whole = planned("Qwen3-235B-A22B", "Q4_K_M", ram_gib=96, gpu_gib=(12,))
    (line,) = [line for line in lines(whole, "Qwen3-235B-A22B") if "a quantization" in line]
    named = int(line.split("at most ")[1].split(" GB")[0])
    small = facts_for("Qwen3-235B-A22B", "Q2_K").weight_bytes / 1e9
    assert small <= named
    fits = planned("Qwen3-235B-A22B", "Q2_K", ram_gib=96, gpu_gib=(12,))
    assert fits.verdict == "hybrid"


def test_what_is_given_up_is_said_unless_it_was_asked_for() -> None:
    placement = planned("Qwen3-30B-A3B", "Q4_K_M", ram_gib=64, gpu_gib=(12,))
    plan = placement.plan
    small = replace(placement, plan=type(plan)(kv_type="q8_0", ubatch_tokens=256))
    said = lines(small)
    assert any("KV cache is kept as q8_0" in line for line in said)
    assert any("pieces of 256 tokens" in line for line in said)
    asked = lines(small, wishes=Wishes(kv_type="q8_0", ubatch_tokens=256))
    assert not any("To make room" in line for line in asked)


def test_devices_that_are_not_used_say_why() -> None:
    placement = planned("Qwen3-30B-A3B", "Q4_K_M", ram_gib=64, gpu_gib=(24, 24))
    used, idle, _ram = placement.shares
    said = lines(placement)
    assert "Card 2: not used; its 22.8 GiB would not make this faster." in said
    full = replace(idle, device=replace(idle.device, budget_bytes=0))
    said = lines(replace(placement, shares=(used, full, placement.shares[2])))
    assert "Card 2: not used; it has no memory free." in said


def test_the_next_step_is_for_this_computer_alone() -> None:
    placement = planned("Qwen3-30B-A3B", "Q4_K_M", ram_gib=64)
    step = "To talk to it: ask --model file.gguf with your question in quotes."
    assert lines(at_home(placement))[-1] == step
    assert step not in lines(placement)


def test_lines_stay_short_with_long_names() -> None:
    for ram_gib, gpu_gib in ((64, (12, 8)), (16, ()), (64, (24,))):
        placement = at_home(planned("Qwen3-30B-A3B", "Q4_K_M", ram_gib=ram_gib, gpu_gib=gpu_gib))
        facts = facts_for("Qwen3-30B-A3B", "Q4_K_M")
        said = plan_lines(placement, facts, LONG, LONG, Wishes())
        assert max(len(line) for line in said) <= 140
