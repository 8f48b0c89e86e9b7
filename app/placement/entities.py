"""What a plan is made of: this computer's devices and memory."""

from dataclasses import dataclass

from app.engine.entities import Device


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
