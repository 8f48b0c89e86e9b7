"""This computer as the planner sees it: which devices take part, and how fast they are."""

import math

import msgspec
import pytest

from app.engine.entities import Device, DeviceSpeed, KernelSpeed, MeasuredSpeeds
from app.placement.budgets import GIB, MIB, in_main_memory
from app.placement.entities import Inventory, Memory
from app.placement.inventory import inventory_of
from app.placement.machine import fastest_threads, machine_here, usable_devices

CPU = Device(
    name="CPU", description="Some processor", kind="cpu", backend="CPU",
    memory_bytes=32 * GIB, free_bytes=24 * GIB,
)  # fmt: skip


def gpu(name: str, backend: str = "CUDA", gib: int = 12, kind: str = "gpu") -> Device:
    return Device(
        name=name, description=f"Some {name}", kind=kind, backend=backend,  # type: ignore[arg-type]
        memory_bytes=gib * GIB, free_bytes=gib * GIB,
    )  # fmt: skip


def inventory(*devices: Device, cores: int = 8, total: int = 32, free: int = 24) -> Inventory:
    return Inventory(
        devices=(*devices, CPU),
        memory=Memory(total * GIB, free * GIB),
        physical_cores=cores,
        unified_memory=any(device.kind == "igpu" for device in devices),
    )


def kernel(type_name: str, threads: int, speed: float, operations: float = 1e11) -> KernelSpeed:
    return KernelSpeed(
        type_name=type_name, threads=threads, bytes_per_second=speed,
        operations_per_second=operations,
    )  # fmt: skip


def speeds(*kernels: KernelSpeed, devices: tuple[DeviceSpeed, ...] = ()) -> MeasuredSpeeds:
    return MeasuredSpeeds(kernels=kernels, devices=devices, seconds=10)


FAST = DeviceSpeed(
    device="CUDA0", bytes_per_second=5e11, operations_per_second=2e13, link_bytes_per_second=2e10
)


# --- devices and budgets -------------------------------------------------------------------


def test_without_a_gpu() -> None:
    machine = machine_here(inventory(), None)
    assert machine.devices == ()
    assert machine.processor.name == "CPU"
    assert machine.processor.description == "Some processor"
    assert machine.processor.free_bytes == 24 * GIB
    assert machine.processor.budget_bytes == 24 * GIB - int(1.6 * GIB)
    assert machine.processor.link_bytes_per_second == 0
    assert (machine.cores, machine.threads, machine.is_measured) == (8, 0, False)
    assert not machine.is_described
    assert not machine.unified_memory


def test_this_computer() -> None:
    found = inventory_of((CPU,))
    processor = machine_here(found, None).processor
    assert processor.memory_bytes == found.memory.total_bytes
    assert 0 <= processor.budget_bytes < processor.free_bytes <= processor.memory_bytes


def test_gpus_in_the_engine_s_order() -> None:
    machine = machine_here(inventory(gpu("CUDA0"), gpu("CUDA1", gib=24)), None)
    assert [device.name for device in machine.devices] == ["CUDA0", "CUDA1"]
    assert machine.devices[0].budget_bytes == 12 * GIB - int(0.6 * GIB)
    assert machine.devices[1].bytes_per_second > machine.devices[0].bytes_per_second
    assert all(device.is_here and device.fetches_experts for device in machine.devices)


def test_integrated_gpus_only_without_another() -> None:
    own, shared = gpu("Vulkan0", "Vulkan"), gpu("Vulkan1", "Vulkan", kind="igpu")
    blas = gpu("BLAS", "BLAS", kind="accelerator")
    assert usable_devices([blas, own, shared, CPU]) == (own,)
    assert usable_devices([blas, shared, CPU]) == (shared,)
    assert usable_devices([CPU]) == ()
    twice = gpu("SYCL0", "SYCL", kind="igpu")
    assert usable_devices([shared, twice, CPU]) == (shared,)


def test_other_computers_come_first_and_do_not_push_out_integrated_gpus() -> None:
    shared, remote = gpu("Vulkan0", "Vulkan", kind="igpu"), gpu("RPC0", "RPC")
    machine = machine_here(inventory(shared, remote), None, rpc_hosts=("127.0.0.1:50052",))
    assert [device.name for device in machine.devices] == ["RPC0", "Vulkan0"]
    assert not machine.devices[0].is_here
    assert not machine.devices[0].fetches_experts
    assert machine.devices[0].link_bytes_per_second < 1e9
    assert machine.rpc_hosts == ("127.0.0.1:50052",)
    assert machine.unified_memory
    assert in_main_memory(machine) == (machine.devices[1],)


def test_budgets_overheads_and_what_our_model_holds() -> None:
    busy = msgspec.structs.replace(gpu("CUDA0"), free_bytes=2 * GIB)
    machine = machine_here(
        inventory(busy, gpu("CUDA1")), None,
        budgets={"CUDA1": 5 * GIB, "CPU": 3 * GIB},
        overheads={"CUDA0": 300 * MIB},
        held={"CUDA0": 6 * GIB},
    )  # fmt: skip
    first, second = machine.devices
    assert first.free_bytes == 8 * GIB
    assert first.budget_bytes == 8 * GIB - 300 * MIB - int(0.6 * GIB)
    assert second.budget_bytes == 5 * GIB
    assert machine.processor.budget_bytes == 3 * GIB


def test_a_screen_takes_a_larger_margin_but_not_on_another_computer() -> None:
    machine = machine_here(
        inventory(gpu("CUDA0"), gpu("RPC0", "RPC")), None, draws_screen=True
    )  # fmt: skip
    remote, own = machine.devices
    assert own.budget_bytes == 11 * GIB
    assert remote.budget_bytes > own.budget_bytes


# --- one pool of memory --------------------------------------------------------------------


def test_apple_s_gpu_computes_in_main_memory() -> None:
    """Metal calls every GPU a separate one."""
    apple = msgspec.structs.replace(gpu("MTL0", "MTL", gib=24), description="Apple M2")
    machine = machine_here(inventory(apple), None)
    assert machine.unified_memory
    assert machine.devices[0].kind == "igpu"
    assert machine.devices[0].fetches_experts
    assert in_main_memory(machine) == machine.devices
    other = msgspec.structs.replace(apple, description="AMD Radeon Pro 5500M")
    assert not machine_here(inventory(other), None).unified_memory


def test_a_gpu_in_main_memory_gets_no_more_than_main_memory_has() -> None:
    shared = gpu("Vulkan0", "Vulkan", gib=28, kind="igpu")
    machine = machine_here(inventory(shared, free=10), None)
    assert machine.devices[0].free_bytes == 10 * GIB
    assert machine.devices[0].budget_bytes == machine.processor.budget_bytes < 10 * GIB


def test_what_our_model_holds_on_it_is_main_memory() -> None:
    shared = msgspec.structs.replace(gpu("Vulkan0", "Vulkan", kind="igpu"), free_bytes=2 * GIB)
    machine = machine_here(inventory(shared, free=4), None, held={"Vulkan0": 6 * GIB})
    assert machine.processor.free_bytes == 10 * GIB
    assert machine.devices[0].free_bytes == 8 * GIB


# --- speeds --------------------------------------------------------------------------------


def test_typical_speeds_are_cautious() -> None:
    machine = machine_here(inventory(gpu("CUDA0", gib=8), gpu("CUDA1", gib=24)), None)
    assert machine.processor.bytes_per_second == 25e9
    assert machine.processor.operations_per_second == 8 * 50e9
    assert machine.devices[0].bytes_per_second == 230e9
    assert 600e9 <= machine.devices[1].bytes_per_second <= 840e9
    assert machine_here(inventory(cores=1), None).processor.bytes_per_second == 10e9
    server = machine_here(inventory(cores=32, total=512, free=500), None)
    assert server.processor.bytes_per_second == 100e9


def test_measured_speeds() -> None:
    measured = speeds(
        kernel("Q4_K", 4, 30e9, 1e11), kernel("Q4_K", 8, 40e9, 2e11),
        kernel("IQ2_S", 4, 10e9, 1e11), kernel("IQ2_S", 8, 12e9, 1.5e11),
        devices=(FAST,),
    )  # fmt: skip
    machine = machine_here(inventory(gpu("CUDA0")), measured)
    assert machine.is_measured
    assert machine.threads == 8
    assert machine.type_bytes_per_second == {"Q4_K": 40e9, "IQ2_S": 12e9}
    assert machine.type_operations_per_second == {"Q4_K": 2e11, "IQ2_S": 1.5e11}
    assert machine.processor.bytes_per_second == 12e9, "the slowest stands for what is unknown"
    assert machine.processor.operations_per_second == 1.5e11
    assert machine.devices[0].bytes_per_second == 5e11
    assert machine.devices[0].link_bytes_per_second == 2e10


def test_measured_only_in_part_is_not_measured() -> None:
    measured = speeds(kernel("Q4_K", 4, 30e9), devices=(FAST,))
    assert machine_here(inventory(gpu("CUDA0")), measured).is_measured
    two = machine_here(inventory(gpu("CUDA0"), gpu("CUDA1")), measured)
    assert not two.is_measured
    assert two.devices[0].bytes_per_second == 5e11
    assert two.devices[1].bytes_per_second == 325e9
    assert not machine_here(inventory(gpu("CUDA0")), speeds(devices=(FAST,))).is_measured


@pytest.mark.parametrize("nonsense", [0.0, -1.0, math.inf, math.nan])
def test_nonsense_is_not_measured(nonsense: float) -> None:
    broken = msgspec.structs.replace(FAST, bytes_per_second=nonsense)
    measured = speeds(kernel("Q4_K", 4, nonsense), kernel("Q8_0", 0, 1e9), devices=(broken,))
    machine = machine_here(inventory(gpu("CUDA0")), measured)
    assert machine == machine_here(inventory(gpu("CUDA0")), None)


@pytest.mark.parametrize(
    ("speed_by_threads", "fastest"),
    [
        ({}, 0),
        ({1: 12.0}, 1),
        ({1: 10.0, 2: 10.0}, 2),  # another program had one of two cores
        ({1: 10.4, 2: 10.0}, 2),
        ({4: 39.5, 8: 40.0}, 8),
        ({4: 41.0, 8: 40.0}, 8),
        ({4: 42.1, 8: 40.0}, 4),
        ({4: 60.0, 6: 63.0, 8: 40.0}, 6),
        ({4: 68.0, 6: 63.0, 8: 40.0}, 4),
    ],
)
def test_the_most_threads_unless_fewer_are_clearly_faster(
    speed_by_threads: dict[int, float], fastest: int
) -> None:
    tried = [kernel("Q4_K", threads, speed * 1e9) for threads, speed in speed_by_threads.items()]
    assert fastest_threads(tried) == fastest
    assert fastest_threads(tried[::-1]) == fastest


def test_threads_that_were_tried_with_one_type_alone_do_not_win() -> None:
    tried = [
        kernel("Q4_K", 2, 20e9), kernel("Q4_K", 4, 40e9),
        kernel("Q8_0", 2, 45e9), kernel("Q8_0", 4, 40e9), kernel("Q8_0", 6, 50e9),
    ]  # fmt: skip
    assert fastest_threads(tried) == 4
    machine = machine_here(inventory(), speeds(*tried))
    assert machine.type_bytes_per_second == {"Q4_K": 40e9, "Q8_0": 40e9}
