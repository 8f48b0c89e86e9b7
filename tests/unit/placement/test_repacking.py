"""Which models the processor computes from repacked copies."""

from dataclasses import replace

import pytest

from app.placement.repacking import head_is_copied, may_be_repacked
from models.tensor_roles import TensorRole
from tests.helpers.plain_facts import dense_facts, moe_facts, tied


@pytest.mark.parametrize(
    ("type_name", "expected"),
    [("Q4_K", True), ("Q8_0", True), ("MXFP4", True), ("Q4_1", False), ("F16", False)],
)
def test_layers_decide(type_name: str, expected: bool) -> None:
    for role in (TensorRole.ROUTED_EXPERTS, TensorRole.ATTENTION, TensorRole.FEED_FORWARD):
        facts = replace(dense_facts(), types={role: {"F32": 5, type_name: 1}})
        assert may_be_repacked(facts) is expected


def test_an_embedding_alone_is_only_looked_up() -> None:
    facts = replace(dense_facts(), types={TensorRole.TOKEN_EMBEDDING: {"Q4_K": 1}})
    assert not may_be_repacked(facts)
    assert not head_is_copied(facts), "it is not tied"


@pytest.mark.parametrize(
    ("type_name", "expected"), [("Q4_K", True), ("IQ4_NL", True), ("Q6_K", False), ("F16", False)]
)
def test_a_tied_head_is_copied_in_types_that_most_processors_repack(
    type_name: str,
    expected: bool,
) -> None:
    assert head_is_copied(tied(moe_facts(), type_name)) is expected
