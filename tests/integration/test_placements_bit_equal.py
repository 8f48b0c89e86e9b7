"""Where a model sits changes nothing of what it says, and the engine's log proves where it sits."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from app.engine.entities import BufferOverride, Plan
from models.facts import ModelFacts
from models.facts_reading import read_facts
from models.gguf import open_model
from tests.helpers.logits_process import Run, logits_of
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL, MoeShape
from tests.helpers.rpc_devices import rpc_devices

MIB = 2**20
ROUNDED = 0.02 * MIB
"""The log gives two digits after the point; the allocator adds some bytes per tensor."""
EXPERTS = r"\.ffn_(up|down|gate|gate_up)_(ch|)exps"


@dataclass(frozen=True)
class Small:
    """A generated model and what its header says."""

    path: Path
    facts: ModelFacts

    def routed(self, layers: Sequence[int]) -> int:
        """Bytes of the routed experts of some layers."""
        return sum(self.facts.layers[layer].bytes.routed_experts for layer in layers)

    def layers_bytes(self, layers: Sequence[int]) -> int:
        """All bytes of some layers."""
        return sum(self.facts.layers[layer].bytes.total for layer in layers)


@pytest.fixture(scope="module", params=SMALL, ids=lambda shape: shape.architecture)
def small(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Small:
    shape: MoeShape = request.param
    path = write_model(shape, tmp_path_factory.mktemp("small") / "small.gguf")
    return Small(path, read_facts(open_model(path).headers))


def plan_of(hosts: Sequence[str] = (), in_ram: Sequence[int] = (), **changes: object) -> Plan:
    """Everything on the hosts' devices but the experts of the layers ``in_ram``."""
    values: dict[str, object] = {
        "context_tokens": 512, "ubatch_tokens": 64, "threads": 1, "prompt_threads": 1,
        # Read and not mapped, the log's sizes in RAM are of what is there and no more.
        "load_mode": "read", "extra_buffer_types": False, "rpc_hosts": tuple(hosts),
        "devices": tuple(f"RPC{number}" for number in range(len(hosts))),
        "gpu_layers": 99 if hosts else 0, "overrides": in_main_memory(in_ram),
    }  # fmt: skip
    return Plan(**{**values, **changes})  # type: ignore[arg-type]


def in_main_memory(layers: Sequence[int]) -> tuple[BufferOverride, ...]:
    if not layers:
        return ()
    numbers = "|".join(map(str, layers))
    return (BufferOverride(rf"blk\.({numbers}){EXPERTS}", "CPU"),)


@pytest.fixture
def run(small: Small, tmp_path: Path) -> Callable[[Plan], Run]:
    return lambda plan: logits_of(small.path, plan, tmp_path)


def test_four_placements_give_the_same_logits_to_the_bit(
    small: Small, run: Callable[[Plan], Run]
) -> None:
    layers = range(len(small.facts.layers))
    half = [layer for layer in layers if layer % 2]
    alone = run(plan_of())
    assert np.isfinite(alone.logits).all()
    assert alone.logits.std() > 0.1
    with rpc_devices(None) as (device,):
        for in_ram in ([], list(layers), half):
            placed = run(plan_of([device.host], in_ram))
            assert np.array_equal(placed.logits, alone.logits), in_ram
            # The output head is a second copy of the embedding in these models.
            on_device = small.facts.output_bytes + small.layers_bytes(layers) - small.routed(in_ram)
            in_memory = small.facts.token_embedding_bytes + small.routed(in_ram)
            assert placed.bytes_of("weights", "RPC0") == pytest.approx(on_device, abs=ROUNDED)
            assert placed.bytes_of("weights", "CPU") == pytest.approx(in_memory, abs=ROUNDED)
            kv_bytes = small.facts.kv_bytes("f16", 512, 64)
            assert placed.bytes_of("kv_cache", "RPC0") == pytest.approx(kv_bytes, abs=ROUNDED)
            assert placed.bytes_of("kv_cache", "CPU") == 0
            assert placed.bytes_of("compute", "RPC0") > 0
    assert alone.bytes_of("kv_cache", "CPU") > 0
    assert {line.device for line in alone.buffers} == {"CPU"}


def test_repacked_weights_round_differently_and_how_much_is_told(
    small: Small, run: Callable[[Plan], Run], record_property: Callable[[str, object], None]
) -> None:
    """Reported and not judged: repacked kernels add up in another order."""
    layers = range(len(small.facts.layers))
    plain = run(plan_of())
    with rpc_devices(None) as (device,):
        for name, plan in {
            "processor": plan_of(extra_buffer_types=True),
            "experts in RAM": plan_of([device.host], layers, extra_buffer_types=True),
        }.items():
            repacked = run(plan)
            # An override to the processor lets the engine choose among all its buffer types.
            assert any(re.match("CPU_|AMX|.*REPACK", line.buffer) for line in repacked.buffers)
            difference = float(np.abs(repacked.logits - plain.logits).max())
            record_property(f"{small.facts.architecture}, {name}", difference)
            print(f"{small.facts.architecture}, {name}: up to {difference:.3f}")  # noqa: T201


def test_two_devices_stay_in_their_budgets_with_experts_of_their_own_layers(
    small: Small, run: Callable[[Plan], Run]
) -> None:
    """Layers are split 2 to 4 and the output head (a tensor_split of n_layer + 1 units); device 0
    keeps the experts of layer 1, device 1 those of layers 4 and 5."""
    own = ([0, 1], [2, 3, 4, 5])
    in_ram = [0, 2, 3]
    budgets = (12 * MIB, 40 * MIB)
    with rpc_devices(*budgets) as devices:
        hosts = [device.host for device in devices]
        placed = run(plan_of(hosts, in_ram, tensor_split=(2.0, 5.0)))
    assert np.array_equal(placed.logits, run(plan_of()).logits)
    output = (0, small.facts.output_bytes)
    for number, budget in enumerate(budgets):
        name = f"RPC{number}"
        moved = [layer for layer in own[number] if layer in in_ram]
        expected = small.layers_bytes(own[number]) - small.routed(moved) + output[number]
        assert placed.bytes_of("weights", name) == pytest.approx(expected, abs=ROUNDED)
        assert placed.bytes_of("kv_cache", name) == pytest.approx(
            sum(small.facts.layers[layer].kv_bytes("f16", 512, 64) for layer in own[number]),
            abs=ROUNDED,
        )
        held = sum(line.bytes for line in placed.buffers if line.device == name)
        memory = placed.devices[number]
        assert (memory.device, memory.free_before) == (name, budget)
        assert memory.free_before - memory.free_after == pytest.approx(held, abs=3 * ROUNDED)
        assert 0 < held <= budget
    in_memory = small.facts.token_embedding_bytes + small.routed(in_ram)
    assert placed.bytes_of("weights", "CPU") == pytest.approx(in_memory, abs=ROUNDED)
