"""Turns an arrangement into the engine's plan: layers, splits and overrides."""

from collections.abc import Sequence

from app.engine.entities import BufferOverride, Plan
from app.placement.entities import PROCESSOR, Machine
from app.placement.layout import RAM, Arrangement, Setup, movable_bytes
from app.placement.repacking import may_be_repacked
from models.facts import ModelFacts

EXPERTS = r"ffn_(up|down|gate|gate_up)_(ch|)exps"
FEED_FORWARD = r"ffn_(up|down|gate)\."
"""With these the engine's own options move experts and feed-forward parts (common/common.h)."""

_BATCH_TOKENS = 2048


def engine_plan(
    facts: ModelFacts,
    machine: Machine,
    arrangement: Arrangement,
    setup: Setup,
    *,
    repacked: bool,
    too_large: bool,
) -> Plan:
    """The plan that makes the engine sit a model as ``arrangement`` says.

    ``repacked`` keeps experts out of a GPU's pinned memory, so that the processor computes them
    from repacked weights. A model that is ``too_large`` is mapped and not repacked: its pages
    can be dropped, a repacked copy cannot. What is repacked is read and not mapped: the mapped
    file would lie in memory beside its copy.
    """
    used = arrangement.devices
    in_ram = [index for index, keeps in enumerate(arrangement.keeps) if not keeps]
    beside = bool(used) and (bool(in_ram) or arrangement.first_layer > 0)
    reads = beside and not machine.unified_memory if used else may_be_repacked(facts)
    remote = any(not machine.device(name).is_here for name in used) and machine.rpc_hosts
    return Plan(
        context_tokens=setup.context_tokens,
        batch_tokens=max(_BATCH_TOKENS, setup.ubatch_tokens),
        ubatch_tokens=setup.ubatch_tokens,
        threads=machine.threads,
        devices=used,
        gpu_layers=_gpu_layers(facts, arrangement),
        tensor_split=_split(facts, arrangement),
        overrides=_overrides(facts, arrangement, in_ram),
        kv_type=setup.kv_type,
        flash_attention="auto" if setup.kv_type == "f16" else "on",
        load_mode="read" if reads and not too_large else "mmap",
        extra_buffer_types=not too_large,
        no_host=beside and repacked,
        full_window_cache=setup.full_window_cache,
        rpc_hosts=tuple(machine.rpc_hosts) if remote else (),
    )


def _gpu_layers(facts: ModelFacts, arrangement: Arrangement) -> int:
    """Counted from the end; the output head is one, layers that predict ahead count too."""
    if not arrangement.devices:
        return 0
    everything = len(facts.layers) + len(facts.prediction_layers) + 1
    return everything - arrangement.first_layer


def _split(facts: ModelFacts, arrangement: Arrangement) -> tuple[float, ...]:
    """Layers of each device; whole numbers, so that the engine's division is exact."""
    if len(arrangement.devices) < 2:
        return ()
    counts = [float(count) for count in arrangement.counts()]
    counts[-1] += 1 + len(facts.prediction_layers)
    return tuple(counts)


def _overrides(
    facts: ModelFacts, arrangement: Arrangement, in_ram: Sequence[int]
) -> tuple[BufferOverride, ...]:
    if not in_ram:
        return ()
    part = EXPERTS if facts.experts else FEED_FORWARD
    movable = [
        index
        for index, home in enumerate(arrangement.homes)
        if home != RAM and movable_bytes(facts, facts.layers[index])
    ]
    if len(in_ram) == len(movable) and facts.experts:
        return (BufferOverride(rf"\.{part}", PROCESSOR),)
    layers = "|".join(str(index) for index in in_ram)
    return (BufferOverride(rf"blk\.({layers})\.{part}", PROCESSOR),)
