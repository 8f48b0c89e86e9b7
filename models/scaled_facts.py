"""Estimates the facts of one quantization from those of another one of the same model.

What does not depend on the quantization stays exact: layers, heads, the KV cache, experts. The
bytes of all parts are scaled alike, so that together they are the size of the files.
"""

from collections.abc import Sequence
from dataclasses import fields, replace

from models.facts import LayerFacts, ModelFacts, PartBytes
from models.quantization import main_type_of
from models.tensor_roles import TensorRole

_KEPT_TYPES = frozenset({TensorRole.OTHER})
"""Norms and routers stay in full precision."""


def scaled_facts(facts: ModelFacts, weight_bytes: int, label: str) -> ModelFacts:
    """The same model with ``weight_bytes`` of weights, in the quantization called ``label``."""
    factor = weight_bytes / max(1, facts.weight_bytes)
    main = main_type_of(label)

    def part(size: int) -> int:
        return round(size * factor)

    def layers(old: Sequence[LayerFacts]) -> tuple[LayerFacts, ...]:
        return tuple(
            replace(
                layer,
                bytes=PartBytes(
                    **{
                        each.name: part(getattr(layer.bytes, each.name))
                        for each in fields(PartBytes)
                    }
                ),
                largest_expert_bytes=part(layer.largest_expert_bytes),
            )
            for layer in old
        )

    changed = replace(
        facts,
        layers=layers(facts.layers),
        prediction_layers=layers(facts.prediction_layers),
        token_embedding_bytes=part(facts.token_embedding_bytes),
        output_bytes=part(facts.output_bytes),
        types={
            role: {main: part(sum(sizes.values()))}
            if main and role not in _KEPT_TYPES
            else {name: part(size) for name, size in sizes.items()}
            for role, sizes in facts.types.items()
        },
    )
    return replace(changed, weight_bytes=_all_weights(changed))


def _all_weights(facts: ModelFacts) -> int:
    """What the parts add up to after rounding."""
    layers = (*facts.layers, *facts.prediction_layers)
    twice = facts.token_embedding_bytes if facts.tied_embedding else 0
    outside = facts.token_embedding_bytes + facts.output_bytes - twice
    return sum(layer.bytes.total for layer in layers) + outside
