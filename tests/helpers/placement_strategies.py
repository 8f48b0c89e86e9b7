"""Random models and machines for properties of the planner: small ones, but of every kind."""

from dataclasses import dataclass

from hypothesis import strategies as st

from app.engine.entities import DeviceKind
from app.placement.entities import PROCESSOR, Machine, MachineDevice
from models.facts import LayerFacts, ModelFacts, PartBytes
from models.tensor_roles import TensorRole

MIB = 1 << 20


@dataclass(frozen=True)
class _Attention:
    """The same in all layers of a model."""

    heads: int
    kv_heads: int
    key_length: int
    value_length: int
    is_mla: bool


_GQA = st.builds(
    lambda kv_heads, group, length: _Attention(kv_heads * group, kv_heads, length, length, False),
    st.sampled_from([1, 2, 4, 8]), st.sampled_from([1, 4, 8]), st.sampled_from([64, 80, 128]),
)  # fmt: skip
_MLA = st.builds(
    lambda heads, rank: _Attention(heads, 1, rank + 64, rank, True),
    st.sampled_from([4, 16, 128]), st.sampled_from([224, 512]),
)  # fmt: skip


@st.composite
def facts_strategy(draw: st.DrawFn) -> ModelFacts:
    """Dense models and MoE ones, with windows, leading dense layers and layers of unequal size.

    All sums are consistent, as those of a real file are: ``weight_bytes`` and ``types`` add up
    to the layers' parts, the embedding and the output head.
    """
    count = draw(st.integers(1, 40))
    experts, used = draw(st.sampled_from([(0, 0), (8, 2), (64, 6), (128, 8), (256, 8)]))
    leading = draw(st.integers(0, min(3, count - 1))) if experts else 0
    attention = draw(_MLA if experts and draw(st.booleans()) else _GQA)
    shared = draw(st.integers(0, 2)) if experts else 0
    unit = 8 * draw(st.integers(1, 8 * MIB))
    movable = draw(st.integers(1, 40)) * unit
    window = draw(st.sampled_from([0, 0, 128, 1024]))
    uneven = draw(st.lists(st.integers(2, 6), min_size=1, max_size=4))
    layers = tuple(
        _layer(
            index, attention, unit, movable * uneven[index % len(uneven)] // 4,
            experts_used=used if index >= leading else 0, shared=shared,
            window=window if index % 2 == 0 else 0,
        )
        for index in range(count)
    )  # fmt: skip
    tied = draw(st.booleans())
    embedding = draw(st.integers(1, 8)) * unit
    output = draw(st.integers(1, 4)) * unit + embedding * tied
    return _facts(layers, attention, (experts, used, shared, leading), embedding, output, tied)


def _layer(
    index: int,
    attention: _Attention,
    unit: int,
    movable: int,
    *,
    experts_used: int,
    shared: int,
    window: int,
) -> LayerFacts:
    has_experts = experts_used > 0
    keys = attention.kv_heads * attention.key_length
    return LayerFacts(
        index=index,
        bytes=PartBytes(
            attention=2 * unit,
            shared_experts=shared * unit * has_experts,
            routed_experts=movable * has_experts,
            feed_forward=movable * (not has_experts),
            other=unit // 8,
        ),
        heads=attention.heads,
        kv_heads=attention.kv_heads,
        key_length=attention.key_length,
        value_length=attention.value_length,
        key_values=keys,
        value_values=0 if attention.is_mla else attention.kv_heads * attention.value_length,
        window_tokens=window,
        experts_used=experts_used,
        largest_expert_bytes=-(-movable // 3) * has_experts,
    )


def _facts(
    layers: tuple[LayerFacts, ...],
    attention: _Attention,
    counts: tuple[int, int, int, int],
    embedding: int,
    output: int,
    tied: bool,
) -> ModelFacts:
    experts, used, shared, leading = counts
    sizes = {
        TensorRole.ATTENTION: sum(layer.bytes.attention for layer in layers),
        TensorRole.SHARED_EXPERTS: sum(layer.bytes.shared_experts for layer in layers),
        TensorRole.ROUTED_EXPERTS: sum(layer.bytes.routed_experts for layer in layers),
        TensorRole.FEED_FORWARD: sum(layer.bytes.feed_forward for layer in layers),
        TensorRole.OTHER: sum(layer.bytes.other for layer in layers),
        TensorRole.TOKEN_EMBEDDING: embedding,
        TensorRole.OUTPUT: output - embedding * tied,
    }
    weights = sum(sizes.values())
    return ModelFacts(
        architecture="random",
        parameters=max(1, 2 * weights),
        vocabulary=32000,
        trained_context_tokens=32768,
        layers=layers,
        experts=experts,
        experts_used=used,
        shared_experts=shared,
        leading_dense_layers=leading,
        kv_lora_rank=attention.value_length if attention.is_mla else 0,
        is_mla=attention.is_mla,
        token_embedding_bytes=embedding,
        output_bytes=output,
        tied_embedding=tied,
        weight_bytes=weights,
        types={role: {"Q4_K": size} for role, size in sizes.items() if size},
    )


@st.composite
def machine_strategy(draw: st.DrawFn) -> Machine:
    """Up to three GPUs with unequal budgets, some of them nothing; RAM from tiny to large.

    One GPU alone may compute in main memory: both budgets then come from one pool.
    """
    total = draw(st.integers(0, 1024)) * 256 * MIB
    budget = total * draw(st.integers(0, 95)) // 100
    is_described = draw(st.booleans())
    bandwidth = draw(st.sampled_from([25e9, 65e9, 350e9]))
    cores = draw(st.integers(1, 64))
    processor = MachineDevice(
        name=PROCESSOR, description=PROCESSOR, kind="cpu", memory_bytes=total, free_bytes=budget,
        budget_bytes=budget, bytes_per_second=bandwidth, operations_per_second=25e9 * cores,
        is_here=not is_described,
    )  # fmt: skip
    count = draw(st.integers(0, 3))
    unified = count == 1 and draw(st.booleans())
    kind: DeviceKind = "igpu" if unified else "gpu"
    devices = tuple(
        _device(draw, number, kind, is_here=not is_described, most=budget if unified else None)
        for number in range(count)
    )
    return Machine(
        devices=devices, processor=processor, cores=cores, unified_memory=unified,
        is_described=is_described,
    )  # fmt: skip


def _device(
    draw: st.DrawFn, number: int, kind: DeviceKind, *, is_here: bool, most: int | None
) -> MachineDevice:
    memory = draw(st.integers(1, 48)) * 1024 * MIB
    budget = draw(st.just(0) | st.integers(0, memory))
    if most is not None:
        budget = min(budget, most)
    bandwidth = draw(st.sampled_from([60e9, 230e9, 900e9]))
    return MachineDevice(
        name=f"GPU{number}", description=f"GPU number {number}", kind=kind, memory_bytes=memory,
        free_bytes=max(budget, memory // 2), budget_bytes=budget, bytes_per_second=bandwidth,
        operations_per_second=40 * bandwidth,
        link_bytes_per_second=draw(st.sampled_from([1e9, 12e9, 24e9])),
        fetches_experts=draw(st.booleans()), is_here=is_here,
    )  # fmt: skip
