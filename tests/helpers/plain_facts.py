"""Facts of models with round figures, so that a test can say what must come out."""

from dataclasses import replace

from models.facts import LayerFacts, ModelFacts, PartBytes
from models.tensor_roles import TensorRole

KIB = 2**10


def layer(index: int, *, routed: int = 0, feed_forward: int = 0, window: int = 0) -> LayerFacts:
    """100 bytes of attention and 10 others; 64 values of key and of value for each token."""
    return LayerFacts(
        index=index,
        bytes=PartBytes(
            attention=100,
            shared_experts=20 if routed else 0,
            routed_experts=routed,
            feed_forward=feed_forward,
            other=10,
        ),
        heads=4,
        kv_heads=2,
        key_length=32,
        value_length=32,
        key_values=64,
        value_values=64,
        window_tokens=window,
        experts_used=2 if routed else 0,
        largest_expert_bytes=routed // 3,
    )


def moe_facts(count: int = 4, routed: int = 900, *, leading: int = 1) -> ModelFacts:
    """Layers with 8 experts, 2 of them used, behind ``leading`` dense ones."""
    layers = [
        layer(index, feed_forward=300) if index < leading else layer(index, routed=routed)
        for index in range(count)
    ]
    return _facts(tuple(layers), experts=8)


def dense_facts(count: int = 4, feed_forward: int = 300) -> ModelFacts:
    """Layers without experts."""
    layers = [layer(index, feed_forward=feed_forward) for index in range(count)]
    return _facts(tuple(layers), experts=0)


def tied(facts: ModelFacts, type_name: str = "Q6_K") -> ModelFacts:
    """The same model with its embedding as output head, in another type."""
    return replace(
        facts,
        tied_embedding=True,
        output_bytes=facts.token_embedding_bytes + 1,
        weight_bytes=facts.weight_bytes - facts.output_bytes + 1,
        types={**facts.types, TensorRole.TOKEN_EMBEDDING: {type_name: 400}},
    )


def _facts(layers: tuple[LayerFacts, ...], experts: int) -> ModelFacts:
    weights = sum(each.bytes.total for each in layers) + 400 + 500
    role = TensorRole.ROUTED_EXPERTS if experts else TensorRole.FEED_FORWARD
    return ModelFacts(
        architecture="plain",
        parameters=2 * weights,
        vocabulary=1000,
        trained_context_tokens=4096,
        layers=layers,
        experts=experts,
        experts_used=2 if experts else 0,
        token_embedding_bytes=400,
        output_bytes=500,
        tied_embedding=False,
        weight_bytes=weights,
        types={role: {"Q4_K": weights}},
    )
