"""A plan in words: where it puts the model, how fast it is, what everything is called."""

import re
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from app.placement.entities import (
    PROCESSOR,
    ContextPrice,
    DeviceShare,
    MachineDevice,
    Placement,
    Prediction,
    SpeedRange,
)
from ui.chat.figures import grouped, percent
from ui.placement.view import PlacementView
from ui.sentences import say
from ui.widgets.amounts import memory_size

_MAKERS = re.compile(
    r"\b(?:NVIDIA|GeForce|AMD|Intel|Apple|Advanced Micro Devices,? Inc\.?|Corporation|Graphics"
    r"|Laptop GPU|with Max-Q Design|GPU)\b|\((?:R|TM|C)\)|®|™"
)
_LONGEST_NAME = 22
_K = 1024
_MIB = 1 << 20
_GIB = 1 << 30
_NOTICED = 0.005
"""Changes of speed below this share are none."""


# --- names and figures -------------------------------------------------------------------------


def short_name(device: MachineDevice) -> str:
    """What people call a device: "RTX 4060", and "RAM" for the processor's memory."""
    if device.name == PROCESSOR:
        return QCoreApplication.translate("placement", "RAM")
    text = " ".join(_MAKERS.sub(" ", device.description).replace("( ", "(").split())
    text = text.strip(" ,()") or device.name
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1].rstrip() + "…"


def device_names(shares: Sequence[DeviceShare]) -> dict[str, str]:
    """By device, a name of its own: two cards of one kind get numbers."""
    plain = {share.device.name: short_name(share.device) for share in shares}
    names = {}
    for device, name in plain.items():
        twins = [other for other, its in plain.items() if its == name]
        numbered = QCoreApplication.translate("placement", "{name} #{number}")
        names[device] = (
            numbered.format(name=name, number=twins.index(device) + 1) if len(twins) > 1 else name
        )
    return names


def gib(size: int) -> str:
    """Bytes in GiB with one decimal, "0.4"."""
    return format(size / _GIB, ".1f")


def amount(size: int) -> str:
    """Bytes of a part, as "340 MiB", "9.8 GiB", or "< 1 MiB"."""
    if 0 < size < _MIB:
        return QCoreApplication.translate("placement", "< 1 MiB")
    return memory_size(size)


def tokens_short(tokens: int) -> str:
    """16384 as "16k", 512 as "512"."""
    if tokens < _K:
        return str(tokens)
    return QCoreApplication.translate("placement", "{count}k").format(count=tokens // _K)


def range_words(speed: SpeedRange) -> str:
    """Tokens per second as "9–12", or as one figure when both ends read the same."""
    places = 0 if speed.high >= 9.95 else 1 if speed.high >= 0.95 else 2
    low, high = (
        grouped(round(value)) if places == 0 else format(value, f".{places}f")
        for value in (speed.low, speed.high)
    )
    return low if low == high else low + "–" + high


# --- sentences ---------------------------------------------------------------------------------


def place_sentence(view: PlacementView) -> str:
    """Where the model is, as one sentence."""
    placement = view.placement
    if placement.verdict == "too_large":
        code = "placement.sentence_too_large"
        code += "_described" if placement.is_described else ""
        return say(code, {"name": view.name, "needed": gib(placement.missing_bytes)})
    if view.unified_memory and placement.verdict == "gpu":
        return say("placement.sentence_shared_memory")
    kind, facts = _place(placement)
    return say(f"placement.sentence_{kind}", facts)


def speed_sentence(prediction: Prediction) -> str:
    """How fast it is and why not faster, as one sentence."""
    code = f"placement.speed_{prediction.limited_by}"
    return say(code, {"speed": range_words(prediction.decode)})


def place_words(placement: Placement) -> str:
    """Where the model is, for one narrow line: "12 of 48 expert layers on RTX 4060, 36 in RAM"."""
    if placement.verdict == "too_large":
        return say("placement.place_too_large", {"needed": gib(placement.missing_bytes)})
    kind, facts = _place(placement)
    if kind in ("layers", "layers_experts"):
        kind = "layers"
        facts["number"] = int(facts["total"]) - int(facts["count"])
    kind = "dense" if kind == "dense_none" else kind
    return say(f"placement.place_{kind}", facts)


def speed_words(prediction: Prediction) -> str:
    """How fast it is, for one narrow line: "9–12 tok/s"."""
    return say("placement.speed_short", {"speed": range_words(prediction.decode)})


def price_words(price: ContextPrice, view: PlacementView, *, short: bool = False) -> str:
    """What another context window would cost; "" for the plan's own.

    As "3 expert layers to RAM, about 6 % slower", or ``short`` "3 layers to RAM, 6 % slower".
    """
    own = view.placement
    if price.context_tokens == own.plan.context_tokens:
        return ""
    if price.verdict == "too_large" and own.verdict != "too_large":
        return QCoreApplication.translate("placement", "does not fit")
    moved = own.expert_layers - price.expert_layers
    expected = own.predicted.decode.expected
    slower = 1 - price.decode / expected if expected else 0.0
    parts = [_moved_words(moved, dense=view.is_dense, short=short)] if moved else []
    share = percent(abs(slower))
    if not short and abs(slower) >= _NOTICED:
        share = QCoreApplication.translate("placement", "about {share}").format(share=share)
    if slower >= _NOTICED:
        text = QCoreApplication.translate("placement", "{share} slower")
        parts.append(text.format(share=share))
    elif slower <= -_NOTICED:
        text = QCoreApplication.translate("placement", "{share} faster")
        parts.append(text.format(share=share))
    return ", ".join(parts) or QCoreApplication.translate("placement", "costs no speed")


def _moved_words(moved: int, *, dense: bool, short: bool) -> str:
    """So many parts move to RAM, or back to GPUs when ``moved`` is negative."""
    translate = QCoreApplication.translate
    count = abs(moved)
    if short:
        unit = (
            translate("placement", "1 layer")
            if count == 1
            else translate("placement", "{count} layers")
        )
    elif dense:
        unit = (
            translate("placement", "1 feed-forward part")
            if count == 1
            else translate("placement", "{count} feed-forward parts")
        )
    else:
        unit = (
            translate("placement", "1 expert layer")
            if count == 1
            else translate("placement", "{count} expert layers")
        )
    if moved > 0:
        where = translate("placement", "{what} to RAM")
    else:
        where = translate("placement", "{what} to GPU")
    return where.format(what=unit.format(count=count))


# --- which sentence ----------------------------------------------------------------------------


def _place(placement: Placement) -> tuple[str, dict[str, str | int | float]]:
    """The kind of a plan and what its sentences need."""
    layers = [place for place in placement.layers if place.index is not None]
    on_gpu = [place for place in layers if place.device != PROCESSOR]
    if not on_gpu:
        return "cpu", {}
    total, moved = placement.movable_layers, placement.expert_layers
    facts: dict[str, str | int | float] = {"where": _where(placement)}
    if len(on_gpu) < len(layers):
        keeping = sum(1 for place in on_gpu if place.experts not in ("", PROCESSOR))
        facts |= {"count": len(on_gpu), "total": len(layers), "number": keeping}
        return "layers" if _is_dense(placement) or not keeping else "layers_experts", facts
    if moved == total:
        return "gpu", facts
    kind = "dense" if _is_dense(placement) else "hybrid"
    facts |= {"count": moved, "total": total, "number": total - moved}
    return kind if moved else kind + "_none", facts


def _is_dense(placement: Placement) -> bool:
    return not any(share.bytes.routed_experts for share in placement.shares)


def _where(placement: Placement) -> str:
    """The GPUs that hold something, as part of a sentence."""
    names = device_names(placement.shares)
    used = [
        names[share.device.name]
        for share in placement.shares
        if share.device.name != PROCESSOR and share.bytes.total
    ]
    if len(used) == 1:
        return used[0]
    kinds = {
        short_name(share.device) for share in placement.shares if names[share.device.name] in used
    }
    if len(kinds) == 1:
        return say("placement.where_same", {"count": len(used), "device": kinds.pop()})
    if len(used) == 2:
        return say("placement.where_two", {"device": used[0], "other": used[1]})
    return say("placement.where_many", {"count": len(used)})
