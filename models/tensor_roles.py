"""Tells from a tensor's name which part of a model it belongs to."""

import re
from enum import StrEnum


class TensorRole(StrEnum):
    """A part of a model that can have a place of its own."""

    ATTENTION = "attention"
    """Attention of any kind, recurrent and convolution layers too, with their norms."""
    SHARED_EXPERTS = "shared_experts"
    """The experts that compute every token."""
    ROUTED_EXPERTS = "routed_experts"
    """The experts of which a few compute each token."""
    FEED_FORWARD = "feed_forward"
    """Of a layer without experts."""
    OTHER = "other"
    """Of a layer: the router, the remaining norms, and whatever else there is."""
    TOKEN_EMBEDDING = "token_embedding"
    """What tokens are looked up in: a few rows are read, always on the processor."""
    OUTPUT = "output"
    """The output head and all else that stands in no layer."""


_LAYER = re.compile(r"blk\.(\d{1,6})\.(.+)")
# The two patterns with which llama.cpp itself moves experts and feed-forward parts
# (`--cpu-moe`, `--n-cpu-ffn`; common/common.h): what is counted is what an override moves.
_ROUTED = re.compile(r"ffn_(up|down|gate|gate_up)_(ch|)exps")
_FEED_FORWARD = re.compile(r"ffn_(up|down|gate)\.")
_ATTENTION = re.compile(r"attn_|ssm_|time_mix_|shortconv\.|indexer|cross_attn_|vis_attn_")
# LLM_TENSOR_LAYER_INPUT in llama-arch.cpp.
_INPUT = re.compile(r"(token_embd|per_layer_token_embd|position_embd|token_types)\.")


def role_of(name: str) -> tuple[int | None, TensorRole]:
    """The layer that a tensor stands in (None outside all layers), and its part."""
    match = _LAYER.match(name)
    if match is None:
        return None, TensorRole.TOKEN_EMBEDDING if _INPUT.match(name) else TensorRole.OUTPUT
    layer, rest = int(match[1]), match[2]
    if _ROUTED.match(rest):
        return layer, TensorRole.ROUTED_EXPERTS
    if "_shexp" in rest:
        return layer, TensorRole.SHARED_EXPERTS
    if _FEED_FORWARD.match(rest):
        return layer, TensorRole.FEED_FORWARD
    if _ATTENTION.match(rest):
        return layer, TensorRole.ATTENTION
    return layer, TensorRole.OTHER
