"""Machines with round figures, so that a test can say what must come out."""

from dataclasses import replace

from app.placement.entities import PROCESSOR, Machine, MachineDevice

GIB = 2**30


def processor(ram_bytes: int = 64 * GIB, bytes_per_second: float = 1e9) -> MachineDevice:
    """Main memory, all of it to be used."""
    return MachineDevice(
        name=PROCESSOR, description="Processor", kind="cpu", memory_bytes=ram_bytes,
        free_bytes=ram_bytes, budget_bytes=ram_bytes, bytes_per_second=bytes_per_second,
        operations_per_second=1e9,
    )  # fmt: skip


def gpu(
    name: str = "G0", budget_bytes: int = 8 * GIB, bytes_per_second: float = 1e10
) -> MachineDevice:
    """A GPU, all of which may be used."""
    return MachineDevice(
        name=name, description=f"GPU {name}", kind="gpu", memory_bytes=budget_bytes,
        free_bytes=budget_bytes, budget_bytes=budget_bytes, bytes_per_second=bytes_per_second,
        operations_per_second=1e12, link_bytes_per_second=1e9, fetches_experts=True,
        is_here=False,
    )  # fmt: skip


def machine(*gpus: MachineDevice, **changes: object) -> Machine:
    """A machine with these GPUs."""
    made = Machine(devices=gpus, processor=processor(), cores=8, is_described=True)
    return replace(made, **changes)  # type: ignore[arg-type]
