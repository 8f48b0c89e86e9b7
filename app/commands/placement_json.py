"""A placement as an object of plain values, as ``plan`` and ``ask`` print it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import msgspec

from app.placement.command_line import command_line
from app.placement.entities import DeviceShare, Placement
from models.facts import ModelFacts


def placement_object(
    placement: Placement, paths: Sequence[str], facts: ModelFacts
) -> dict[str, Any]:
    """Everything that is told about a placement of the model at ``paths``."""
    plan = placement.plan
    predicted = placement.predicted
    windows = any(layer.window_tokens for layer in facts.layers)
    return {
        "verdict": placement.verdict,
        "missing_bytes": placement.missing_bytes,
        "simulated": placement.simulated,
        "described": placement.is_described,
        "stood_in": list(placement.stood_in),
        "context": plan.context_tokens,
        "longest_context": placement.longest_context,
        "kv_type": plan.kv_type,
        "predicted": {
            "decode": asdict(predicted.decode),
            "prompt": asdict(predicted.prompt),
            "limited_by": predicted.limited_by,
            "measured": predicted.is_measured,
        },
        "devices": [_device(share) for share in placement.shares],
        "layers": [
            {
                "layer": "output" if each.index is None else each.index,
                "device": each.device,
                "experts": each.experts or None,
            }
            for each in placement.layers
        ],
        "overrides": [msgspec.to_builtins(each) for each in plan.overrides],
        "contexts": [asdict(price) for price in placement.prices],
        "plan": msgspec.to_builtins(plan),
        "command_line": command_line(paths, plan, has_windows=windows),
    }


def _device(share: DeviceShare) -> dict[str, Any]:
    held = share.bytes
    return {
        "name": share.device.name,
        "description": share.device.description,
        "kind": share.device.kind,
        "budget_bytes": share.device.budget_bytes,
        "bytes": {**asdict(held), "total": held.total},
    }
