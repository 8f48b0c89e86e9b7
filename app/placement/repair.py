"""The ladder of repairs: what to give up next when a plan did not load. Pure code.

Fewer experts on GPUs first, because that costs least: two layers, then half of what is left,
then all. Then a smaller ubatch, a smaller KV type, a smaller context, and the processor alone.
Every step takes something away that cannot come back, so the ladder ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.placement.entities import Placement, Wishes
from models.facts import KvType

LEAST_CONTEXT = 2048
GIVEN_UP_DEVICES = "placement.repair_processor"
"""Code of the sentence for a model that runs on the processor after all."""

_FIRST_LAYERS = 2
_SMALL_UBATCH = 256


@dataclass(frozen=True, slots=True)
class Repair:
    """One rung: the wishes to plan with now, and what it is called in ``app.wording``."""

    wishes: Wishes
    code: str
    facts: Mapping[str, str | int]


def next_repair(
    placement: Placement,
    wishes: Wishes,
    kv_types: tuple[KvType, ...],
    taken: int,
    *,
    crashed: bool = False,
) -> Repair | None:
    """What to try after ``placement`` failed for want of memory; None when nothing is left.

    ``taken`` are the steps of this load so far. A load that ``crashed`` need not have lacked
    memory: after one step the processor alone is tried, instead of every rung.
    """
    if crashed and taken:
        return _alone(wishes) if placement.plan.devices else None
    plan = placement.plan
    on_devices = bool(plan.devices)
    kept = placement.expert_layers
    if on_devices and kept > 0:
        left = max(0, kept - _FIRST_LAYERS) if taken == 0 else kept // 2 if kept > 2 else 0
        moved = kept - left
        return Repair(
            replace(wishes, expert_layers=left), "placement.repair_experts", {"count": moved}
        )
    if plan.ubatch_tokens > _SMALL_UBATCH:
        fewer = replace(wishes, ubatch_tokens=_SMALL_UBATCH)
        return Repair(fewer, "placement.repair_ubatch", {"count": _SMALL_UBATCH})
    if plan.kv_type == "f16" and "q8_0" in kv_types:
        return Repair(replace(wishes, kv_type="q8_0"), "placement.repair_kv", {})
    if plan.context_tokens > LEAST_CONTEXT:
        context = max(LEAST_CONTEXT, plan.context_tokens // 4)
        smaller = replace(wishes, context_tokens=context)
        return Repair(smaller, "placement.repair_context", {"count": context})
    return _alone(wishes) if on_devices else None


def _alone(wishes: Wishes) -> Repair:
    alone = replace(wishes, expert_layers=None, ubatch_tokens=None, processor_only=True)
    return Repair(alone, GIVEN_UP_DEVICES, {})
