"""This computer as the planner sees it: devices that take part, budgets and speeds."""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from app.engine.entities import Device, DeviceKind, DeviceSpeed, KernelSpeed, MeasuredSpeeds
from app.placement import typical_speeds
from app.placement.budgets import Room, gpu_budget, main_memory_budget
from app.placement.entities import PROCESSOR, Inventory, Machine, MachineDevice

_FETCHING = frozenset({"CUDA", "ROCm", "MUSA", "Vulkan", "MTL", "SYCL", "CANN"})
"""Backends that copy experts out of RAM to read a prompt: those whose ggml_backend_device_i has
an offload_op (llama.cpp 0c1e57098)."""
_REMOTE = "RPC"
_METAL = "MTL"
_CLEARLY_FASTER = 1.05
"""How much faster fewer threads must be to be taken. A measurement among other programs can
make all cores look as slow as one; every answer would pay for that."""


_NOTHING: Mapping[str, int] = MappingProxyType({})


def machine_here(
    inventory: Inventory,
    speeds: MeasuredSpeeds | None,
    budgets: Mapping[str, int] = _NOTHING,
    overheads: Mapping[str, int] = _NOTHING,
    held: Mapping[str, int] = _NOTHING,
    rpc_hosts: tuple[str, ...] = (),
    *,
    draws_screen: bool = sys.platform == "win32",
) -> Machine:
    """This computer, ready to be planned for.

    Bytes by device, the processor's under "CPU": ``budgets`` are what the user allows,
    ``overheads`` what loads were seen to take beyond their plans, ``held`` what our own loaded
    model holds now. ``draws_screen`` makes the margins of GPUs larger. Without measured speeds,
    or where one is lacking, cautious typical ones stand in, and ``is_measured`` is False.
    """
    amounts = _Amounts(budgets, overheads, held)
    used = usable_devices(inventory.devices)
    shared = [device.name for device in used if _kind(device) == "igpu"]
    measured = {speed.device: speed for speed in speeds.devices} if speeds else {}
    kernels = [kernel for kernel in speeds.kernels if _is_sound(kernel)] if speeds else []
    processor = _processor(inventory, kernels, amounts, shared)
    devices = tuple(
        _device(device, measured.get(device.name), amounts, processor, draws_screen)
        for device in used
    )
    threads = fastest_threads(kernels)
    return Machine(
        devices=devices,
        processor=processor,
        cores=inventory.physical_cores,
        threads=threads,
        unified_memory=bool(shared),
        type_bytes_per_second=_bandwidths(kernels, threads),
        type_operations_per_second=_operations(kernels),
        is_measured=bool(kernels) and all(_is_measured(measured.get(each.name)) for each in used),
        rpc_hosts=rpc_hosts,
    )


def usable_devices(devices: Sequence[Device]) -> tuple[Device, ...]:
    """Those that llama.cpp would use by itself, in its order.

    Devices of other computers come first; GPUs that share main memory count only where there is
    no other GPU here, and only those of one backend, which may see one twice. Source:
    llama_model_load in llama.cpp (0c1e57098).
    """
    remote = [device for device in devices if device.backend == _REMOTE]
    own = [device for device in devices if device.kind == "gpu" and device.backend != _REMOTE]
    if not own:
        own = [device for device in devices if device.kind == "igpu"]
        own = [device for device in own if device.backend == own[0].backend]
    return (*remote, *own)


def fastest_threads(kernels: Sequence[KernelSpeed]) -> int:
    """The most threads, unless fewer compute a token clearly faster; 0 unmeasured.

    Each quantization type counts alike, and only numbers tried with the most types count.
    """
    best: dict[str, float] = {}
    for kernel in kernels:
        best[kernel.type_name] = max(best.get(kernel.type_name, 0.0), kernel.bytes_per_second)
    shares: dict[int, dict[str, float]] = {}
    for kernel in kernels:
        share = kernel.bytes_per_second / best[kernel.type_name]
        shares.setdefault(kernel.threads, {})[kernel.type_name] = share
    tried = max((len(each) for each in shares.values()), default=0)
    means = {
        threads: sum(each.values()) / tried
        for threads, each in shares.items()
        if len(each) == tried
    }
    found = 0
    for threads in sorted(means, reverse=True):
        if not found or means[threads] >= _CLEARLY_FASTER * means[found]:
            found = threads
    return found


@dataclass(frozen=True, slots=True)
class _Amounts:
    """What is known of devices besides the inventory, in bytes by name."""

    budgets: Mapping[str, int]
    overheads: Mapping[str, int]
    held: Mapping[str, int]

    def room(self, total_bytes: int, free_bytes: int, *names: str) -> Room:
        """The memory that the devices of these names compute in."""
        return Room(
            total_bytes=total_bytes,
            free_bytes=free_bytes,
            held_bytes=sum(self.held.get(name, 0) for name in names),
            overhead_bytes=sum(self.overheads.get(name, 0) for name in names),
        )


def _processor(
    inventory: Inventory,
    kernels: Sequence[KernelSpeed],
    amounts: _Amounts,
    shared: Sequence[str],
) -> MachineDevice:
    """The processor; what GPUs hold in main memory (``shared``) is main memory's as well."""
    memory, cores = inventory.memory, inventory.physical_cores
    room = amounts.room(memory.total_bytes, memory.available_bytes, PROCESSOR, *shared)
    names = [device.description for device in inventory.devices if device.kind == "cpu"]
    # The slowest type stands for those that were not measured.
    bandwidths = _bandwidths(kernels, fastest_threads(kernels)).values()
    operations = _operations(kernels).values()
    return MachineDevice(
        name=PROCESSOR,
        description=names[0] if names else PROCESSOR,
        kind="cpu",
        memory_bytes=memory.total_bytes,
        free_bytes=room.usable_bytes,
        budget_bytes=main_memory_budget(room, amounts.budgets.get(PROCESSOR)),
        bytes_per_second=min(bandwidths, default=0.0)
        or typical_speeds.processor_bandwidth(
            cores, memory.total_bytes, unified_memory=bool(shared)
        ),
        operations_per_second=min(operations, default=0.0)
        or typical_speeds.processor_operations(cores),
    )


def _device(
    device: Device,
    measured: DeviceSpeed | None,
    amounts: _Amounts,
    processor: MachineDevice,
    draws_screen: bool,
) -> MachineDevice:
    kind, is_remote = _kind(device), device.backend == _REMOTE
    room = amounts.room(device.memory_bytes, device.free_bytes, device.name)
    free = room.usable_bytes
    budget = gpu_budget(
        room, amounts.budgets.get(device.name), draws_screen=draws_screen and not is_remote
    )
    if kind == "igpu":  # a driver may count what other programs hold by now
        free, budget = min(free, processor.free_bytes), min(budget, processor.budget_bytes)
    speed = measured if measured and _is_measured(measured) else _typical(device)
    return MachineDevice(
        name=device.name,
        description=device.description,
        kind=kind,
        memory_bytes=device.memory_bytes,
        free_bytes=free,
        budget_bytes=budget,
        bytes_per_second=speed.bytes_per_second,
        operations_per_second=speed.operations_per_second,
        link_bytes_per_second=speed.link_bytes_per_second,
        fetches_experts=device.backend in _FETCHING,
        is_here=not is_remote,
    )


def _typical(device: Device) -> DeviceSpeed:
    kind, size, is_remote = _kind(device), device.memory_bytes, device.backend == _REMOTE
    bandwidth = typical_speeds.gpu_bandwidth(kind, size, is_remote=is_remote)
    return DeviceSpeed(
        device=device.name,
        bytes_per_second=bandwidth,
        operations_per_second=typical_speeds.gpu_operations(kind, bandwidth),
        link_bytes_per_second=typical_speeds.gpu_link(kind, size, is_remote=is_remote),
    )


def _kind(device: Device) -> DeviceKind:
    """Apple's own GPUs call themselves separate ones, but compute in main memory."""
    is_apple = device.backend == _METAL and device.description.startswith("Apple")
    return "igpu" if is_apple else device.kind


def _bandwidths(kernels: Sequence[KernelSpeed], threads: int) -> dict[str, float]:
    """Of every type with so many threads, or its best when it was not tried with them."""
    found: dict[str, float] = {}
    for kernel in kernels:
        best = found.get(kernel.type_name, 0.0)
        found[kernel.type_name] = max(best, kernel.bytes_per_second)
    exact = {each.type_name: each.bytes_per_second for each in kernels if each.threads == threads}
    return {**found, **exact}


def _operations(kernels: Sequence[KernelSpeed]) -> dict[str, float]:
    """Of every type with the best number of threads: prompts have one of their own."""
    found: dict[str, float] = {}
    for kernel in kernels:
        best = found.get(kernel.type_name, 0.0)
        found[kernel.type_name] = max(best, kernel.operations_per_second)
    return found


def _is_measured(speed: DeviceSpeed | None) -> bool:
    """Whether a device was measured, with figures that can be."""
    if speed is None:
        return False
    figures = (speed.bytes_per_second, speed.operations_per_second, speed.link_bytes_per_second)
    return all(_is_speed(figure) for figure in figures)


def _is_sound(kernel: KernelSpeed) -> bool:
    """Kept figures may be damaged, and a clock that jumps gives nonsense."""
    figures = (kernel.bytes_per_second, kernel.operations_per_second)
    return kernel.threads > 0 and all(_is_speed(figure) for figure in figures)


def _is_speed(figure: float) -> bool:
    return math.isfinite(figure) and figure > 0
