"""What placement is made of: machines, wishes, and where every part of a model would sit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.engine.entities import Device, DeviceKind, KvType, Plan

PROCESSOR = "CPU"
"""Name of the device that every machine has; its memory is main memory."""

Verdict = Literal["gpu", "hybrid", "cpu", "too_large"]
Limit = Literal["ram_bandwidth", "gpu_bandwidth", "link", "processor", "gpu", "disk"]
Priority = Literal["chat", "documents"]


@dataclass(frozen=True, slots=True)
class Memory:
    """Main memory in bytes, as far as this process may use it."""

    total_bytes: int
    available_bytes: int
    """What can be had without pushing other programs out, container limits included."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """What models can run on here."""

    devices: tuple[Device, ...]
    """As the engine orders them; the processor is the last and has main memory's figures."""
    memory: Memory
    physical_cores: int
    unified_memory: bool
    """Whether a GPU computes in main memory: its bytes must not be counted twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineDevice:
    """A device as the planner sees it: what it may take and how fast it is."""

    name: str
    """As plans and the engine name it, "CUDA0"; of a described machine, as its file names it."""
    description: str
    kind: DeviceKind
    memory_bytes: int
    free_bytes: int
    budget_bytes: int
    """What a plan may take at most: what is free less a margin, or what the user allows."""
    bytes_per_second: float
    """Reading weights while one token is computed."""
    operations_per_second: float
    """Multiplications and additions while a prompt is read."""
    link_bytes_per_second: float = 0.0
    """From main memory to the device; 0 for the processor itself."""
    fetches_experts: bool = False
    """Whether it can fetch experts from RAM to read a prompt: real GPUs do, RPC does not."""
    is_here: bool = True
    """Whether this computer has it; else it is described, or stands on another computer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What is planned for: this computer, or one that is described."""

    devices: tuple[MachineDevice, ...]
    """All but the processor, in the engine's order."""
    processor: MachineDevice
    """Its memory is main memory; ``budget_bytes`` is what weights in RAM may take."""
    cores: int
    """Physical ones."""
    threads: int = 0
    """The fastest number for one token; 0 when that was not measured."""
    unified_memory: bool = False
    type_bytes_per_second: Mapping[str, float] = field(default_factory=dict)
    """By quantization type, where the processor was measured with it."""
    type_operations_per_second: Mapping[str, float] = field(default_factory=dict)
    disk_bytes_per_second: float = 1e9
    """Reading what does not fit into RAM."""
    is_described: bool = False
    is_measured: bool = False
    """Whether the speeds were measured here; if not they are the file's, or typical ones."""
    rpc_hosts: tuple[str, ...] = ()

    @property
    def everything(self) -> tuple[MachineDevice, ...]:
        """All devices, the processor last."""
        return (*self.devices, self.processor)

    def device(self, name: str) -> MachineDevice:
        """The device of this name. Raises KeyError."""
        for device in self.everything:
            if device.name == name:
                return device
        raise KeyError(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What somebody asks of a plan; None leaves it to the planner."""

    context_tokens: int | None = None
    kv_type: KvType | None = None
    expert_layers: int | None = None
    """Layers that keep their experts on GPUs."""
    ubatch_tokens: int | None = None
    processor_only: bool = False
    """Leave every device alone."""
    from_disk: bool = False
    """Load even what RAM cannot hold: what is missing is read from the disk for every token."""
    priority: Priority = "chat"
    """What the machine is mostly asked for: short questions, or reading long documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedBytes:
    """What a plan puts on one device, in bytes."""

    attention: int = 0
    shared_experts: int = 0
    routed_experts: int = 0
    other_weights: int = 0
    """Embedding, output head, feed-forward of dense layers, routers, norms."""
    kv_cache: int = 0
    compute: int = 0

    @property
    def weights(self) -> int:
        """All weights."""
        return self.attention + self.shared_experts + self.routed_experts + self.other_weights

    @property
    def total(self) -> int:
        """Everything."""
        return self.weights + self.kv_cache + self.compute


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceShare:
    """One device's part in a plan."""

    device: MachineDevice
    bytes: PlacedBytes

    @property
    def excess_bytes(self) -> int:
        """What goes beyond its budget; 0 when it fits."""
        return max(0, self.bytes.total - self.device.budget_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerPlace:
    """Where one layer sits."""

    index: int | None
    """None for the output head."""
    device: str
    experts: str = ""
    """The device of its routed experts (in a dense model, of its feed-forward part); empty when
    it has none."""


@dataclass(frozen=True, slots=True)
class SpeedRange:
    """Tokens per second."""

    low: float
    expected: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """How fast a plan will be."""

    decode: SpeedRange
    prompt: SpeedRange
    limited_by: Limit
    """What takes most of the time of a token."""
    is_measured: bool
    """Whether it rests on speeds that were measured on this computer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextPrice:
    """What another context window would cost."""

    context_tokens: int
    expert_layers: int
    """That would be on GPUs then."""
    decode: float
    """Expected tokens/s."""
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A plan with everything that is told about it."""

    plan: Plan
    shares: tuple[DeviceShare, ...]
    """The plan's devices in order, then devices that got nothing, the processor last."""
    layers: tuple[LayerPlace, ...]
    """Layers 0 to n-1, then the output head."""
    verdict: Verdict
    missing_bytes: int
    """What RAM lacks; 0 unless too large."""
    predicted: Prediction
    longest_context: int
    """Tokens; the longest that keeps the verdict and all attention where it is."""
    prices: tuple[ContextPrice, ...]
    """Of other context windows, shortest first."""
    simulated: bool
    """Whether the engine itself was asked; else it is arithmetic with a wider margin."""
    is_described: bool = False
    stood_in: tuple[str, ...] = ()
    """Devices that are not here and were stood in for."""

    @property
    def expert_layers(self) -> int:
        """Layers whose routed experts (or feed-forward part) are on GPUs."""
        return sum(1 for layer in self.layers if layer.experts not in ("", PROCESSOR))

    @property
    def movable_layers(self) -> int:
        """Layers that have routed experts (in a dense model, a feed-forward part)."""
        return sum(1 for layer in self.layers if layer.experts)

    @property
    def needed_bytes(self) -> int:
        """Everything that the plan takes, on all devices."""
        return sum(share.bytes.total for share in self.shares)

    @property
    def offered_bytes(self) -> int:
        """Everything that plans may take there."""
        return sum(share.device.budget_bytes for share in self.shares)

    def share(self, name: str) -> DeviceShare:
        """The part of the device called ``name``. Raises KeyError."""
        for share in self.shares:
            if share.device.name == name:
                return share
        raise KeyError(name)
