"""Working memory of a context: guessed from the shape, or learned from rehearsals.

The engine's compute memory is linear in the ubatch, nearly linear in the context, and hardly
depends on which layers sit where; the device with the output head needs most, for the scores of
the whole vocabulary. So one rehearsal of a model with its experts in RAM tells what any other
arrangement needs, and the plan that is chosen is rehearsed itself in the end.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.placement.entities import Machine
from app.placement.layout import Setup
from models.facts import ModelFacts

_MIB = 2**20
_SCORE_BYTES = 4
_ACTIVATION_COPIES = 24
"""Of one layer's values that are alive at once, guessed above what was seen."""


@dataclass(frozen=True, slots=True)
class WorkSpace:
    """Bytes by the role of a device."""

    head: int
    """The last device, with the output head."""
    body: int
    """Any other device with layers."""
    ram: int
    """The processor beside devices."""
    ram_alone: int
    """The processor when it computes everything."""


class WorkSpaces(Protocol):
    """Tells the working memory of a setup."""

    @property
    def are_learned(self) -> bool:
        """Whether the engine was asked."""
        ...

    def of(self, setup: Setup) -> WorkSpace:
        """For this context, KV type and ubatch."""
        ...


class GuessedWorkSpaces:
    """From the shape alone, rather too much than too little."""

    are_learned = False

    def __init__(self, facts: ModelFacts) -> None:
        self._facts = facts

    def of(self, setup: Setup) -> WorkSpace:
        """For this context, KV type and ubatch."""
        facts, ubatch = self._facts, setup.ubatch_tokens
        scores = ubatch * facts.vocabulary * _SCORE_BYTES
        width = _width(facts)
        values = ubatch * width * _SCORE_BYTES * _ACTIVATION_COPIES
        mask = 2 * ubatch * setup.context_tokens * _SCORE_BYTES
        body = values + mask + 8 * _MIB
        return WorkSpace(scores + body, body, body, scores + body)


def computes_like(facts: ModelFacts, machine: Machine) -> Hashable:
    """Equal for models whose working memory on ``machine`` is the same, whatever their types.

    A GPU of this computer that fetches experts is rehearsed with room for the largest.
    """
    fetches = any(device.is_here and device.fetches_experts for device in machine.devices)
    layers = tuple(
        (
            layer.key_values, layer.value_values, layer.key_length, layer.value_length,
            layer.window_tokens, layer.experts_used, layer.largest_expert_bytes if fetches else 0,
        )
        for layer in facts.layers
    )  # fmt: skip
    return (
        facts.architecture, facts.parameters, facts.vocabulary, facts.trained_context_tokens,
        facts.experts, facts.kv_lora_rank, facts.is_mla, facts.tied_embedding, layers,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """What a rehearsal found for one setup."""

    setup: Setup
    space: WorkSpace


class LearnedWorkSpaces:
    """From rehearsals: the line through the two nearest contexts, the ubatch in proportion."""

    are_learned = True

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._samples = sorted(samples, key=lambda sample: sample.setup.context_tokens)

    def of(self, setup: Setup) -> WorkSpace:
        """For this context, KV type and ubatch."""
        near = self._like(setup)
        alone = len(near) == 1
        values = _values(near[0].space) if alone else _line(near, setup.context_tokens)
        ubatch = near[0].setup.ubatch_tokens
        head, body, ram, ram_alone = (
            -(-value * setup.ubatch_tokens // ubatch) if setup.ubatch_tokens > ubatch else value
            for value in values
        )
        return WorkSpace(head, body, ram, ram_alone)

    def _like(self, setup: Setup) -> Sequence[Sample]:
        """Samples with the nearest ubatch above all, then the same kind of cache, if any."""
        samples = self._samples
        nearest = min(
            {sample.setup.ubatch_tokens for sample in samples},
            key=lambda tokens: (abs(tokens - setup.ubatch_tokens), tokens),
        )
        near = [each for each in samples if each.setup.ubatch_tokens == nearest]
        same = [each for each in near if each.setup.kv_type == setup.kv_type]
        return same or near


def _line(samples: Sequence[Sample], context: int) -> list[int]:
    below = [each for each in samples if each.setup.context_tokens <= context]
    above = [each for each in samples if each.setup.context_tokens > context]
    if not below:
        return _values(above[0].space)  # rather too much
    first, second = (below[-1], above[0]) if above else (below[-2:] * 2)[:2]
    step = second.setup.context_tokens - first.setup.context_tokens
    if step == 0:
        return _values(first.space)
    share = (context - first.setup.context_tokens) / step
    pairs = zip(_values(first.space), _values(second.space), strict=True)
    return [max(0, round(a + (b - a) * share)) for a, b in pairs]


def _values(space: WorkSpace) -> list[int]:
    return [space.head, space.body, space.ram, space.ram_alone]


def _width(facts: ModelFacts) -> int:
    """Values of one token between layers, guessed: no header field that all models have."""
    widest = max((layer.heads * max(layer.value_length, 64) for layer in facts.layers), default=0)
    return max(512, min(widest, 16384))
