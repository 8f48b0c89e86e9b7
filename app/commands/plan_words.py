"""What ``plan`` says to a person: where the model sits, how fast it is, and what would help."""

from collections.abc import Iterator

from app.amounts import memory_size, memory_sizes
from app.placement.entities import (
    PROCESSOR,
    ContextPrice,
    DeviceShare,
    Placement,
    Wishes,
)
from app.placement.words import (
    device_names,
    place_sentence,
    range_words,
    speed_sentence,
)
from app.wording import sentence
from models.facts import ModelFacts

_USUAL_UBATCH = 512
_FEWEST_BITS = 2.0
"""For each weight: published quantizations below it are hardly of use."""
_GB = 1e9


def plan_lines(
    placement: Placement,
    facts: ModelFacts,
    name: str,
    file_name: str,
    wishes: Wishes,
    *,
    unified: bool = False,
) -> Iterator[str]:
    """The lines in order; ``name`` is what the model is called, ``wishes`` what was asked for."""
    yield place_sentence(placement, name, sentence, unified=unified)
    yield speed_sentence(placement.predicted, sentence)
    prompt = {"speed": range_words(placement.predicted.prompt)}
    yield sentence("terminal.plan_prompt", prompt)
    if placement.verdict == "too_large":
        yield _what_would_help(placement, facts)
    else:
        yield from _context_lines(placement)
        yield from _sacrifices(placement, wishes)
    names = device_names(placement.shares, sentence)
    for share in placement.shares:
        yield _device_line(share, names[share.device.name])
    yield sentence("placement.simulated" if placement.simulated else "placement.estimated")
    if not placement.is_described:
        code = (
            "terminal.plan_next_disk" if placement.verdict == "too_large" else "terminal.plan_next"
        )
        yield sentence(code, {"name": file_name})


def _context_lines(placement: Placement) -> Iterator[str]:
    count, longest = placement.plan.context_tokens, placement.longest_context
    code = "terminal.plan_context" if longest > count else "terminal.plan_context_longest"
    yield sentence(code, {"count": f"{count:,}", "longest": f"{longest:,}"})
    price = _next_price(placement)
    if price is not None:
        moved = placement.expert_layers - price.expert_layers
        slower = 1 - price.decode / placement.predicted.decode.expected
        told = {"count": price.context_tokens, "percent": max(1, round(100 * slower))}
        code = "terminal.plan_longer" if moved > 0 else "terminal.plan_longer_slower"
        shown = {"layers": price.expert_layers, "total": placement.movable_layers}
        yield sentence(code, {**told, **shown})


def _next_price(placement: Placement) -> ContextPrice | None:
    """Of the next longer context that costs something, unless it does not fit any more."""
    for price in placement.prices:
        if price.context_tokens <= placement.plan.context_tokens:
            continue
        if price.verdict == "too_large":
            return None
        slower = price.decode < 0.99 * placement.predicted.decode.expected
        if slower or price.expert_layers < placement.expert_layers:
            return price
    return None


def _sacrifices(placement: Placement, wishes: Wishes) -> Iterator[str]:
    """What was given up to make room, as nobody asked for it."""
    plan = placement.plan
    if wishes.kv_type is None and plan.kv_type != "f16":
        yield sentence("terminal.plan_kv", {"kv_type": plan.kv_type})
    if wishes.ubatch_tokens is None and plan.ubatch_tokens < _USUAL_UBATCH:
        yield sentence("terminal.plan_ubatch", {"count": plan.ubatch_tokens})


def _what_would_help(placement: Placement, facts: ModelFacts) -> str:
    """Another quantization, if one small enough is of any use; else another model."""
    fitting = facts.weight_bytes - placement.missing_bytes
    if 8 * fitting < _FEWEST_BITS * facts.parameters:
        return sentence("terminal.plan_no_smaller")
    sizes = {"size": f"{fitting / _GB:.0f}", "whole": f"{facts.weight_bytes / _GB:.0f}"}
    return sentence("terminal.plan_smaller", sizes)


def _device_line(share: DeviceShare, name: str) -> str:
    held = share.bytes
    used, budget = memory_sizes(held.total, share.device.budget_bytes)
    facts = {
        "name": name,
        "used": used,
        "budget": budget,
        "weights": memory_size(held.weights),
        "cache": memory_size(held.kv_cache),
        "compute": memory_size(held.compute),
    }
    if held.total or share.device.name == PROCESSOR:
        return sentence("terminal.plan_device", facts)
    spare = share.device.budget_bytes > 0
    return sentence("terminal.plan_idle" if spare else "terminal.plan_full", facts)
