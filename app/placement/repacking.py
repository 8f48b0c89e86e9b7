"""Which weights the processor computes from a copy of its own, repacked for its instructions.

Source: ``ggml_repack_get_optimal_repack_type`` in ggml-cpu/repack.cpp (llama.cpp 0c1e57098).
"""

from models.facts import ModelFacts
from models.tensor_roles import TensorRole

_BY_MOST = frozenset({"Q4_0", "Q4_K", "IQ4_NL", "MXFP4"})
"""Types that x86 with AVX2 and ARM with dot products repack alike."""
_BY_SOME = _BY_MOST | {"Q2_K", "Q5_K", "Q6_K", "Q8_0"}
_LAYER_ROLES = (
    TensorRole.ATTENTION, TensorRole.SHARED_EXPERTS, TensorRole.ROUTED_EXPERTS,
    TensorRole.FEED_FORWARD,
)  # fmt: skip


def may_be_repacked(facts: ModelFacts) -> bool:
    """Whether layers have weights that some processor repacks."""
    return any(_BY_SOME.intersection(facts.types.get(role, ())) for role in _LAYER_ROLES)


def head_is_copied(facts: ModelFacts) -> bool:
    """Whether a tied embedding lies in RAM twice when the processor computes the output head.

    Tokens are looked up in the plain embedding; the head is the same weights, repacked.
    """
    types = facts.types.get(TensorRole.TOKEN_EMBEDDING, ())
    return facts.tied_embedding and bool(_BY_MOST.intersection(types))
