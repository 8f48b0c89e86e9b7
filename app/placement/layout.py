"""An arrangement of a model's parts on devices, and the bytes that it takes.

llama.cpp gives contiguous ranges of layers to devices, the first ones to the processor when not
all are given away, and the output head to the last device (``load_tensors`` in llama-model.cpp,
0c1e57098). Of each layer one part can be moved to RAM by itself: the routed experts, or in a
dense model the feed-forward part.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, compress
from operator import not_

from app.engine.entities import KvType
from app.placement.entities import PROCESSOR, LayerPlace, PlacedBytes
from app.placement.repacking import head_is_copied
from models.facts import LayerFacts, ModelFacts

RAM = -1
"""Index of the processor, where devices are counted from 0."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a context is made with."""

    context_tokens: int
    kv_type: KvType
    ubatch_tokens: int
    full_window_cache: bool = True


@dataclass(frozen=True)
class Parts:
    """A model's layers as arrangements see them, in bytes, for one setup."""

    facts: ModelFacts
    setup: Setup

    @cached_property
    def movable(self) -> tuple[int, ...]:
        """Of each layer what can lie in RAM by itself."""
        return tuple(movable_bytes(self.facts, layer) for layer in self.facts.layers)

    @cached_property
    def kv_cache(self) -> tuple[int, ...]:
        """Of each layer its KV cache."""
        setup = self.setup
        return tuple(
            layer.kv_bytes(
                setup.kv_type, setup.context_tokens, setup.ubatch_tokens,
                full=setup.full_window_cache,
            )
            for layer in self.facts.layers
        )  # fmt: skip

    @cached_property
    def fixed(self) -> tuple[int, ...]:
        """Of each layer what goes with it always, its KV cache among it."""
        return tuple(
            layer.bytes.total - movable + kv
            for layer, movable, kv in zip(
                self.facts.layers, self.movable, self.kv_cache, strict=True
            )
        )

    @cached_property
    def fixed_sums(self) -> tuple[int, ...]:
        """Of ``fixed``, from the first layer up to each one: n + 1 sums for n layers."""
        return tuple(accumulate(self.fixed, initial=0))

    @cached_property
    def movable_sums(self) -> tuple[int, ...]:
        """Of ``movable``, likewise."""
        return tuple(accumulate(self.movable, initial=0))

    def moved(self, arrangement: "Arrangement", start: int, end: int) -> int:
        """Of the layers from ``start`` to before ``end``: bytes that lie in RAM by themselves."""
        away = map(not_, arrangement.keeps[start:end])
        return sum(compress(self.movable[start:end], away))

    @property
    def output(self) -> int:
        """The output head on a device that is not the processor."""
        return self.facts.output_bytes


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Which layers go where. ``homes`` and ``keeps`` have one entry for each layer."""

    devices: tuple[str, ...]
    """Names in order; empty for the processor alone."""
    homes: tuple[int, ...]
    """Index into ``devices`` or ``RAM``; never decreasing."""
    keeps: tuple[bool, ...]
    """Whether the movable part stays with its layer; True in layers that sit in RAM."""

    @property
    def first_layer(self) -> int:
        """Layers before it sit in RAM as a whole."""
        return self.homes.count(RAM)

    @property
    def output_home(self) -> int:
        """Where the output head sits."""
        return len(self.devices) - 1

    def counts(self) -> tuple[int, ...]:
        """Layers of each device, the output head not among them."""
        return tuple(self.homes.count(number) for number in range(len(self.devices)))

    def ranges(self) -> Iterator[tuple[int, int, int]]:
        """Of RAM and then of each device: its index, its first layer, and the one after its
        last."""
        start = 0
        for home in range(RAM, len(self.devices)):
            end = start + self.homes.count(home)
            yield home, start, end
            start = end

    def name_of(self, home: int) -> str:
        """The device's name."""
        return PROCESSOR if home == RAM else self.devices[home]


def in_ram(facts: ModelFacts) -> Arrangement:
    """Everything on the processor."""
    count = len(facts.layers)
    return Arrangement((), (RAM,) * count, (True,) * count)


def movable_bytes(facts: ModelFacts, layer: LayerFacts) -> int:
    """Bytes of the part that can lie in RAM by itself."""
    return layer.bytes.routed_experts if facts.experts else layer.bytes.feed_forward


def weights_and_kv(parts: Parts, arrangement: Arrangement) -> dict[str, PlacedBytes]:
    """Bytes on every device that is used, and on the processor; without working memory."""
    facts = parts.facts
    sums: dict[str, dict[str, int]] = {
        name: dict.fromkeys(_PARTS, 0) for name in (*arrangement.devices, PROCESSOR)
    }
    for layer, kv, home, keeps in zip(
        facts.layers, parts.kv_cache, arrangement.homes, arrangement.keeps, strict=True
    ):
        at_home = sums[arrangement.name_of(home)]
        movable = at_home if keeps else sums[PROCESSOR]
        at_home["attention"] += layer.bytes.attention
        at_home["shared_experts"] += layer.bytes.shared_experts
        movable["routed_experts"] += layer.bytes.routed_experts
        at_home["other_weights"] += layer.bytes.other
        ffn_home = at_home if facts.experts else movable
        ffn_home["other_weights"] += layer.bytes.feed_forward
        at_home["kv_cache"] += kv
    sums[PROCESSOR]["other_weights"] += facts.token_embedding_bytes
    output = _output_bytes(facts, arrangement)
    sums[arrangement.name_of(arrangement.output_home)]["other_weights"] += output
    return {name: PlacedBytes(**amounts) for name, amounts in sums.items()}


def total_bytes(parts: Parts, arrangement: Arrangement) -> dict[str, int]:
    """The sums of ``weights_and_kv``, without their parts: hundreds are compared for a plan."""
    facts = parts.facts
    totals = {PROCESSOR: facts.token_embedding_bytes}
    for home, start, end in arrangement.ranges():
        name = arrangement.name_of(home)
        moved = 0 if home == RAM else parts.moved(arrangement, start, end)
        totals[PROCESSOR] += moved
        held = parts.fixed_sums[end] - parts.fixed_sums[start] - moved
        totals[name] = totals.get(name, 0) + held + parts.movable_sums[end]
        totals[name] -= parts.movable_sums[start]
    totals[arrangement.name_of(arrangement.output_home)] += _output_bytes(facts, arrangement)
    return totals


def _output_bytes(facts: ModelFacts, arrangement: Arrangement) -> int:
    """The output head; on the processor a tied embedding serves as both, unless repacked."""
    if arrangement.output_home == RAM and facts.tied_embedding and not head_is_copied(facts):
        return facts.output_bytes - min(facts.output_bytes, facts.token_embedding_bytes)
    return facts.output_bytes


_PARTS = ("attention", "shared_experts", "routed_experts", "other_weights", "kv_cache")


def layer_places(facts: ModelFacts, arrangement: Arrangement) -> tuple[LayerPlace, ...]:
    """Every layer and last the output head, with the devices' names."""
    places = [
        LayerPlace(
            index=layer.index,
            device=arrangement.name_of(home),
            experts=""
            if movable_bytes(facts, layer) == 0
            else arrangement.name_of(home if keeps else RAM),
        )
        for layer, home, keeps in zip(
            facts.layers, arrangement.homes, arrangement.keeps, strict=True
        )
    ]
    head = LayerPlace(index=None, device=arrangement.name_of(arrangement.output_home))
    return (*places, head)


def from_ranges(
    devices: Sequence[str], counts: Sequence[int], first_layer: int, keeps: Sequence[bool]
) -> Arrangement:
    """An arrangement of ranges: ``first_layer`` layers in RAM, then ``counts`` for each device."""
    homes = [RAM] * first_layer
    for number, count in enumerate(counts):
        homes += [number] * count
    return Arrangement(tuple(devices), tuple(homes), tuple(keeps))
