"""What fills a device's bar: the plan's parts, other programs, and what is free."""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QCoreApplication

from app.placement.entities import DeviceShare

SegmentKind = Literal[
    "attention", "shared", "experts", "forward", "other", "kv", "compute", "programs", "free"
]
STRENGTHS: dict[SegmentKind, float] = {
    "experts": 1.0,
    "forward": 1.0,
    "attention": 0.82,
    "shared": 0.7,
    "other": 0.58,
    "kv": 0.46,
    "compute": 0.34,
    "programs": 1.0,
    "free": 1.0,
}
"""How strong a part's colour is in its device's bar."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a bar."""

    kind: SegmentKind
    bytes: int


@dataclass(frozen=True, slots=True)
class BarContent:
    """One device's bar."""

    segments: tuple[Segment, ...]
    """Those that have bytes, from the left."""
    capacity: int
    """Bytes of the whole bar: the device's memory, or the plan where that is more."""
    planned: int
    memory: int

    @property
    def overfull(self) -> int:
        """Bytes of the plan and other programs beyond the device's memory."""
        return max(0, self.capacity - self.memory)


def bar_content(share: DeviceShare, other_bytes: int, *, is_dense: bool) -> BarContent:
    """The bar of a device where other programs hold ``other_bytes``.

    In a dense model the feed-forward parts are by far the most of the other weights.
    """
    parts, memory = share.bytes, share.device.memory_bytes
    held = parts.total + other_bytes
    amounts: dict[SegmentKind, int] = {
        "attention": parts.attention,
        "shared": parts.shared_experts,
        "experts": parts.routed_experts,
        "forward" if is_dense else "other": parts.other_weights,
        "kv": parts.kv_cache,
        "compute": parts.compute,
        "programs": other_bytes,
        "free": max(0, memory - held),
    }
    segments = tuple(Segment(kind, size) for kind, size in amounts.items() if size > 0)
    return BarContent(segments, max(1, memory, held), parts.total, memory)


def segment_title(kind: SegmentKind) -> str:
    """What a stretch is called in a row of them."""
    translate = QCoreApplication.translate
    return {
        "attention": translate("placement", "attention"),
        "shared": translate("placement", "shared experts"),
        "experts": translate("placement", "experts"),
        "forward": translate("placement", "feed-forward and other weights"),
        "other": translate("placement", "other weights"),
        "kv": translate("placement", "KV cache"),
        "compute": translate("placement", "work space"),
        "programs": translate("placement", "other programs"),
        "free": translate("placement", "free"),
    }[kind]
