"""A model column by column: which bytes of which part lie on which device."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.placement.entities import PROCESSOR, Placement
from models.facts import LayerFacts, ModelFacts

PartKind = Literal["attention", "shared", "experts", "other", "kv"]
ColumnKind = Literal["input", "layer", "output"]

PART_KINDS: tuple[PartKind, ...] = ("attention", "shared", "experts", "other", "kv")


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes on one device."""

    device: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Column:
    """The token embedding, one layer, or the output head."""

    kind: ColumnKind
    index: int
    """Of a layer, as llama.cpp counts them, from 0."""
    device: str
    """Where it is computed, experts aside."""
    parts: Mapping[PartKind, Part] = field(default_factory=dict)
    """Only those that have bytes. "experts" is the feed-forward part in a layer without any."""
    has_experts: bool = False
    """Whether "experts" are routed experts."""

    def bytes_of(self, kind: PartKind) -> int:
        """Bytes of a part, 0 when there is none."""
        part = self.parts.get(kind)
        return part.bytes if part else 0


def columns_of(placement: Placement, facts: ModelFacts) -> tuple[Column, ...]:
    """The token embedding (in RAM always), every layer, and the output head."""
    embedding = {"other": Part(PROCESSOR, facts.token_embedding_bytes)}
    columns = [Column("input", 0, PROCESSOR, _filled(embedding))]
    for place in placement.layers:
        if place.index is None:
            parts = {"other": Part(place.device, facts.output_bytes)}
            columns.append(Column("output", 0, place.device, _filled(parts)))
        elif place.index < len(facts.layers):
            layer = facts.layers[place.index]
            experts = place.experts or place.device
            columns.append(_layer_column(placement, layer, place.device, experts))
    return tuple(columns)


def _layer_column(placement: Placement, layer: LayerFacts, device: str, experts: str) -> Column:
    plan, size = placement.plan, layer.bytes
    kv = layer.kv_bytes(
        plan.kv_type, plan.context_tokens, plan.ubatch_tokens, full=plan.full_window_cache
    )
    parts = {
        "attention": Part(device, size.attention),
        "shared": Part(device, size.shared_experts),
        "experts": Part(experts, size.routed_experts or size.feed_forward),
        "other": Part(device, size.other + (size.feed_forward if size.routed_experts else 0)),
        "kv": Part(device, kv),
    }
    return Column("layer", layer.index, device, _filled(parts), bool(size.routed_experts))


def _filled(parts: Mapping[str, Part]) -> dict[PartKind, Part]:
    return {kind: parts[kind] for kind in PART_KINDS if kind in parts and parts[kind].bytes > 0}
