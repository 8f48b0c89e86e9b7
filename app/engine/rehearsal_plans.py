"""Plans that are derived from a plan in order to rehearse it."""

from collections.abc import Sequence

import msgspec

from app.engine.entities import Plan

_ANY = Plan()
_PROCESSOR = "CPU"


def model_part(plan: Plan) -> Plan:
    """The plan without what concerns its context alone: alike for models that are alike."""
    return msgspec.structs.replace(
        plan,
        context_tokens=_ANY.context_tokens,
        batch_tokens=_ANY.batch_tokens,
        ubatch_tokens=_ANY.ubatch_tokens,
        threads=_ANY.threads,
        prompt_threads=_ANY.prompt_threads,
        kv_type=_ANY.kv_type,
        flash_attention=_ANY.flash_attention,
        load_mode=_ANY.load_mode,
        op_offload=_ANY.op_offload,
        full_window_cache=_ANY.full_window_cache,
    )


def tail_plan(plan: Plan, places: Sequence[str], device: str) -> Plan:
    """The same plan with all layers before those of ``device`` on the processor.

    ``places`` are the devices of all layers and, last, of the output head.
    """
    start = places.index(device)
    at = plan.devices.index(device)
    before, kept = plan.devices[:at], plan.devices[at:]
    return msgspec.structs.replace(
        plan,
        devices=kept,
        gpu_layers=len(places) - start,
        tensor_split=tuple(float(places.count(name)) for name in kept),
        overrides=tuple(
            msgspec.structs.replace(override, buffer=_PROCESSOR)
            if override.buffer in before
            else override
            for override in plan.overrides
        ),
    )
