"""How fast an arrangement will be: bytes over bandwidths, operations over speeds.

A token's time is the sum over devices, because layers follow one another: the weights that each
device reads, the KV cache, and what handing over between devices costs. Of routed experts only
the share that a token uses is read (k of E). A prompt is computed in pieces of one ubatch: the
share of experts that a piece touches is 1 - (1 - k/E)^u when tokens choose evenly. Formulas:
docs/placement.md. What is not measured here are the few constants below.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from app.engine.entities import KvType
from app.placement.entities import (
    PROCESSOR,
    Limit,
    Machine,
    MachineDevice,
    Prediction,
    Priority,
    SpeedRange,
)
from app.placement.layout import RAM, Arrangement, Parts, movable_bytes
from models.facts import ModelFacts
from models.tensor_roles import TensorRole

KV_TOKENS = 1000
"""A prediction is for a conversation of this length."""

_GPU_EFFICIENCY = 0.8
_SHARED_GPU_EFFICIENCY = 0.5
"""Of a GPU in main memory: an M1 Max was seen to reach 44 to 58 % (llama.cpp issue 27525)."""
_RAM_EFFICIENCY = 0.9
"""Shares of the bandwidth that kernels reach between launches and barriers."""
_GPU_LAYER_SECONDS = 30e-6
_EXPERT_LAYER_SECONDS = 60e-6
"""Launching the kernels of one layer, without and with experts: what remains of 1/166.9 s for
Qwen3-30B-A3B all on an RTX 3090 Ti (smeltcore.com, June 2026) when its bytes are taken off."""
_RAM_LAYER_SECONDS = 30e-6
"""The barriers of one layer between threads."""
_CROSSING_SECONDS = 80e-6
"""Handing a layer's values to the processor and back: what remained of 0.33 ms per layer in a
published series over the number of expert layers, when bytes are taken off."""
_TOKEN_SECONDS = 0.3e-3
"""Sampling and starting the next token."""
_FIT = {True: (0.8, 1.15), False: (0.65, 1.25)}
"""Low and high of the expected speed, with measured speeds and without."""
_WORKLOADS: dict[Priority, tuple[int, int]] = {"chat": (400, 400), "documents": (12_000, 400)}
"""Tokens read anew and tokens answered in a turn."""


@dataclass(frozen=True, slots=True)
class TokenTime:
    """Seconds of one token, by what takes them."""

    ram: float
    gpu: float
    disk: float
    other: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.ram + self.gpu + self.disk + self.other

    @property
    def limit(self) -> Limit:
        """What takes most."""
        limits: dict[Limit, float] = {
            "ram_bandwidth": self.ram, "gpu_bandwidth": self.gpu, "disk": self.disk,
        }  # fmt: skip
        return max(limits, key=lambda limit: limits[limit])


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the planner compares."""

    token: TokenTime
    prompt_tokens_per_second: float
    repacked: bool
    """Whether experts in RAM are better computed by the processor when a prompt is read."""
    turn_seconds: float


class SpeedModel:
    """Predicts for one model on one machine."""

    def __init__(self, facts: ModelFacts, machine: Machine, priority: Priority) -> None:
        self._facts = facts
        self._machine = machine
        self._workload = _WORKLOADS[priority]
        self._kv_read: dict[KvType, tuple[int, ...]] = {}
        # A header may say what no engine would run: more experts used than there are.
        self._used = min(1.0, facts.experts_used / facts.experts) if facts.experts else 1.0
        self._parameters_per_byte = facts.parameters / max(1, facts.weight_bytes)
        ram = _mean_speed(facts, machine.type_bytes_per_second, machine.processor.bytes_per_second)
        self._ram_speed = ram * _RAM_EFFICIENCY
        self._ram_operations = _mean_speed(
            facts, machine.type_operations_per_second, machine.processor.operations_per_second
        )

    @property
    def ram_bytes_per_second(self) -> float:
        """What the processor really reads of this model's weights."""
        return self._ram_speed

    @property
    def used_share(self) -> float:
        """Of the movable bytes that one token reads: all, or those of the experts it uses."""
        return self._used

    @property
    def crossing_seconds(self) -> float:
        """What every layer with its experts elsewhere costs besides its bytes."""
        return _CROSSING_SECONDS + _RAM_LAYER_SECONDS

    def estimate(self, parts: Parts, arrangement: Arrangement, missing_bytes: int) -> Estimate:
        """Times of ``arrangement`` when RAM lacks ``missing_bytes``."""
        loads = self._loads(parts, arrangement)
        token = self._token(arrangement, loads, missing_bytes)
        streamed, computed = self._prompt_seconds(parts, arrangement, loads)
        repacked = computed <= streamed
        seconds = min(streamed, computed) + token.disk
        prompt = self._piece(parts) / max(seconds, 1e-9)
        read, answered = self._workload
        turn = read / prompt + answered * token.total
        return Estimate(token, prompt, repacked, turn)

    def prediction(self, estimate: Estimate) -> Prediction:
        """The same as ranges, for people."""
        measured = self._machine.is_measured
        return Prediction(
            decode=_range(1 / estimate.token.total, measured),
            prompt=_range(estimate.prompt_tokens_per_second, measured),
            limited_by=estimate.token.limit,
            is_measured=measured,
        )

    # --- one token -------------------------------------------------------------------------

    def _loads(self, parts: Parts, arrangement: Arrangement) -> dict[int, "_Load"]:
        """What every device holds of the layers."""
        dense, kv = self._dense_sums, self._kv_sums(parts.setup.kv_type)
        movable = parts.movable_sums
        loads: dict[int, _Load] = {}
        for home, start, end in arrangement.ranges():
            moved = 0 if home == RAM else parts.moved(arrangement, start, end)
            loads[home] = _Load(
                layers=end - start,
                dense=dense[end] - dense[start],
                movable=movable[end] - movable[start] - moved,
                kv=kv[end] - kv[start],
                crossings=0 if home == RAM else arrangement.keeps[start:end].count(False),
            )
            loads[RAM].movable += moved
        loads[arrangement.output_home].dense += self._facts.output_bytes
        return loads

    @cached_property
    def _dense_sums(self) -> tuple[int, ...]:
        """Bytes that every token reads, from the first layer up to each one."""
        layers = self._facts.layers
        each = (layer.bytes.total - movable_bytes(self._facts, layer) for layer in layers)
        return tuple(accumulate(each, initial=0))

    def _kv_sums(self, kv_type: KvType) -> tuple[int, ...]:
        """Bytes of the KV cache that one token reads, likewise."""
        if kv_type not in self._kv_read:
            each = (
                layer.kv_bytes_per_token(kv_type) * min(KV_TOKENS, layer.window_tokens or KV_TOKENS)
                for layer in self._facts.layers
            )
            self._kv_read[kv_type] = tuple(accumulate(each, initial=0))
        return self._kv_read[kv_type]

    def _token(
        self, arrangement: Arrangement, loads: dict[int, "_Load"], missing: int
    ) -> TokenTime:
        ram = gpu = other = 0.0
        for home, load in loads.items():
            bytes_read = load.dense + load.movable * self._used + load.kv
            if home == RAM:
                ram += bytes_read / self._ram_speed + load.layers * _RAM_LAYER_SECONDS
            else:
                device = self._device(arrangement, home)
                gpu += bytes_read / (device.bytes_per_second * _efficiency(device))
                each = _EXPERT_LAYER_SECONDS if self._facts.experts else _GPU_LAYER_SECONDS
                other += load.layers * each
            other += load.crossings * _CROSSING_SECONDS
        disk = 0.0
        if missing > 0:
            held = loads[RAM]
            whole = held.dense + held.movable + held.kv
            # What is read in turn pushes out what comes next: twice the lacking share is missed.
            share = min(1.0, 2 * missing / max(1, whole))
            read = held.dense + held.movable * self._used
            disk = share * read / self._machine.disk_bytes_per_second
        return TokenTime(ram, gpu, disk, other + _TOKEN_SECONDS)

    def _device(self, arrangement: Arrangement, home: int) -> MachineDevice:
        return self._machine.device(arrangement.devices[home] if home != RAM else PROCESSOR)

    # --- a prompt --------------------------------------------------------------------------

    def _piece(self, parts: Parts) -> int:
        return min(parts.setup.ubatch_tokens, self._workload[0])

    def _prompt_seconds(
        self, parts: Parts, arrangement: Arrangement, loads: dict[int, "_Load"]
    ) -> tuple[float, float]:
        """Of one piece: with experts fetched by a GPU, and with the processor computing them."""
        tokens = self._piece(parts)
        on_devices = 0.0
        for home, load in loads.items():
            if home != RAM:
                speed = self._device(arrangement, home).operations_per_second
                on_devices += self._operations(load.dense + load.movable * self._used) / speed
        held = loads[RAM]
        whole_layers = self._operations(held.dense) / self._ram_operations
        moved = self._operations(held.movable * self._used) / self._ram_operations
        computed = tokens * (on_devices + whole_layers + moved)
        fetching = [
            self._device(arrangement, home)
            for home in range(len(arrangement.devices))
            if self._device(arrangement, home).fetches_experts
        ]
        if not fetching or held.movable == 0:
            return float("inf"), computed
        touched = 1 - (1 - self._used) ** tokens if self._facts.experts else 1.0
        link = min(device.link_bytes_per_second for device in fetching)
        fastest = max(device.operations_per_second for device in fetching)
        streamed = held.movable * touched / max(link, 1.0)
        streamed += tokens * self._operations(held.movable * self._used) / fastest
        return streamed + tokens * (on_devices + whole_layers), computed

    def _operations(self, weight_bytes: float) -> float:
        """A multiplication and an addition for each weight and token."""
        return 2 * weight_bytes * self._parameters_per_byte


def _efficiency(device: MachineDevice) -> float:
    return _SHARED_GPU_EFFICIENCY if device.kind == "igpu" else _GPU_EFFICIENCY


@dataclass(slots=True)
class _Load:
    """Bytes of one device that are read for every token, or in part."""

    layers: int = 0
    dense: int = 0
    movable: int = 0
    kv: int = 0
    crossings: int = 0


def _mean_speed(facts: ModelFacts, by_type: Mapping[str, float], default: float) -> float:
    """The speed over all types of the weights, each with its bytes."""
    sizes: dict[str, int] = {}
    role = TensorRole.ROUTED_EXPERTS if facts.experts else TensorRole.FEED_FORWARD
    for name, size in facts.types.get(role, {}).items():
        sizes[name] = sizes.get(name, 0) + size
    total = sum(sizes.values())
    if not total:
        return default
    seconds = sum(size / by_type.get(name, default) for name, size in sizes.items())
    return total / seconds


def _range(expected: float, measured: bool) -> SpeedRange:
    low, high = _FIT[measured]
    return SpeedRange(expected * low, expected, expected * high)
