"""A placement in words, for the window and the terminal: where the model is, and how fast.

``say`` turns a sentence's code and facts into text: the window's translates.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from app.amounts import memory_size
from app.placement.entities import (
    PROCESSOR,
    DeviceShare,
    MachineDevice,
    Placement,
    Prediction,
    SpeedRange,
)

Facts = Mapping[str, str | int | float]
Say = Callable[[str, Facts], str]

_MAKERS = re.compile(
    r"\b(?:NVIDIA|GeForce|AMD|Intel|Apple|Advanced Micro Devices,? Inc\.?|Corporation|Graphics"
    r"|Laptop GPU|with Max-Q Design|GPU)\b|\((?:R|TM|C)\)|®|™"
)
_LONGEST_NAME = 22
_LENT = "RPC"


def short_name(device: MachineDevice, say: Say) -> str:
    """What people call a device: "RTX 4060", "computer 10.0.0.7:50052", and "RAM"."""
    if device.name == PROCESSOR:
        return say("placement.ram", {})
    if _is_elsewhere(device):
        return say("placement.where_computer", {"host": device.description})
    text = " ".join(_MAKERS.sub(" ", device.description).replace("( ", "(").split())
    text = text.strip(" ,()") or device.name
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1].rstrip() + "…"


def device_names(shares: Sequence[DeviceShare], say: Say) -> dict[str, str]:
    """By device, a name of its own: two cards of one kind get numbers."""
    plain = {share.device.name: short_name(share.device, say) for share in shares}
    names = {}
    for device, name in plain.items():
        twins = [other for other, its in plain.items() if its == name]
        number = twins.index(device) + 1
        numbered = say("placement.numbered", {"name": name, "number": number})
        names[device] = numbered if len(twins) > 1 else name
    return names


def range_words(speed: SpeedRange) -> str:
    """Tokens per second as "9–12", or as one figure when both ends read the same."""
    places = 0 if speed.high >= 9.95 else 1 if speed.high >= 0.95 else 2
    low, high = (format(value, f",.{places}f") for value in (speed.low, speed.high))
    return low if low == high else f"{low}–{high}"


def place_sentence(placement: Placement, name: str, say: Say, *, unified: bool = False) -> str:
    """Where the model called ``name`` is, as one sentence."""
    if placement.verdict == "too_large":
        code = "placement.sentence_too_large"
        code += "_described" if placement.is_described else ""
        return say(code, {"name": name, "needed": memory_size(placement.missing_bytes)})
    if unified and placement.verdict == "gpu":
        return say("placement.sentence_shared_memory", {})
    kind, facts = _place(placement, say)
    return say(f"placement.sentence_{kind}", facts)


def speed_sentence(prediction: Prediction, say: Say) -> str:
    """How fast it is and why not faster, as one sentence."""
    code = f"placement.speed_{prediction.limited_by}"
    return say(code, {"speed": range_words(prediction.decode)})


def place_words(placement: Placement, say: Say) -> str:
    """Where the model is, for one narrow line: "12 of 48 expert layers on RTX 4060, 36 in RAM"."""
    if placement.verdict == "too_large":
        return say("placement.place_too_large", {"needed": memory_size(placement.missing_bytes)})
    kind, facts = _place(placement, say)
    if kind in ("layers", "layers_experts"):
        kind = "layers"
        facts = {**facts, "number": int(facts["total"]) - int(facts["count"])}
    kind = {"dense_none": "dense", "hybrid_one": "hybrid"}.get(kind, kind)
    return say(f"placement.place_{kind}", facts)


def speed_words(prediction: Prediction, say: Say) -> str:
    """How fast it is, for one narrow line: "9–12 tok/s"."""
    return say("placement.speed_short", {"speed": range_words(prediction.decode)})


def _place(placement: Placement, say: Say) -> tuple[str, dict[str, str | int | float]]:
    """The kind of a plan and what its sentences need."""
    layers = [place for place in placement.layers if place.index is not None]
    on_gpu = [place for place in layers if place.device != PROCESSOR]
    if not on_gpu:
        return "cpu", {}
    total, moved = placement.movable_layers, placement.expert_layers
    facts: dict[str, str | int | float] = {"where": _where(placement, say)}
    is_dense = not any(share.bytes.routed_experts for share in placement.shares)
    if len(on_gpu) < len(layers):
        keeping = sum(1 for place in on_gpu if place.experts not in ("", PROCESSOR))
        facts |= {"count": len(on_gpu), "total": len(layers), "number": keeping}
        is_plain = is_dense or keeping in (0, len(on_gpu))
        return "layers" if is_plain else "layers_experts", facts
    if moved == total:
        return "gpu", facts
    kind = "dense" if is_dense else "hybrid"
    facts |= {"count": moved, "total": total, "number": total - moved}
    if kind == "hybrid" and moved and total - moved == 1:
        return "hybrid_one", facts
    return kind if moved else kind + "_none", facts


def _where(placement: Placement, say: Say) -> str:
    """The GPUs that hold something, as part of a sentence."""
    names = device_names(placement.shares, say)
    shares = [
        share for share in placement.shares if share.device.name != PROCESSOR and share.bytes.total
    ]
    used = [names[share.device.name] for share in shares]
    if len(used) == 1:
        return used[0]
    elsewhere = sum(1 for share in shares if _is_elsewhere(share.device))
    if elsewhere == len(used):
        return say("placement.where_computers", {"count": len(used)})
    kinds = {short_name(share.device, say) for share in shares}
    if len(kinds) == 1:
        return say("placement.where_same", {"count": len(used), "device": kinds.pop()})
    if len(used) == 2:
        return say("placement.where_two", {"device": used[0], "other": used[1]})
    return say(
        "placement.where_devices" if elsewhere else "placement.where_many", {"count": len(used)}
    )


def _is_elsewhere(device: MachineDevice) -> bool:
    """Whether another computer lends it: its description is that computer's address."""
    return device.name.startswith(_LENT) and not device.is_here and ":" in device.description
