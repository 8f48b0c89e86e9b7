"""What a plan may take of each device's memory.

What is free is never all taken, because too much is worse than too little: a GPU that is
overfilled ends the worker in the middle of an answer, or (Windows) moves to main memory
silently at half the speed; main memory that is overfilled pushes out other programs.

- GPU: 5 % of it, at least 512 MiB: pools that grow while it computes (about 300 MiB), what
  the system maps, and a window that another program opens. When it draws the screen or the
  system is Windows: 6 %, at least 1 GiB. Whether it draws is not known on Linux; there the
  smaller margin holds, as memory in use for the screen is already missing from what is free.
- Main memory: 5 % of it, at least 1 GiB: this program, its worker and the file cache.
- What a plan was seen to take beyond its own count (``overhead_bytes``) comes on top.

A budget that the user gives replaces the margins, down to nothing at all, but gives no more
than there is. Memory held by our own loaded model counts as free, as it goes first.

A GPU that computes in main memory is of kind "igpu" on a ``Machine`` with ``unified_memory``.
It has a budget of its own, yet its bytes come out of the processor's as well: all
``in_main_memory`` and the processor *together* stay within the processor's budget.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.notices import Notice
from app.placement.entities import Machine, MachineDevice
from models.naming import shorten

MIB = 1 << 20
GIB = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One device's memory in bytes."""

    total_bytes: int
    free_bytes: int
    held_bytes: int = 0
    """By our own loaded model. Of main memory: without mapped files, which are free anyway."""
    overhead_bytes: int = 0
    """Seen to be taken beyond the count of a plan's parts."""

    @property
    def usable_bytes(self) -> int:
        """Free once our own model is gone."""
        return max(0, min(self.total_bytes, self.free_bytes + self.held_bytes))


def gpu_budget(room: Room, asked: int | None = None, *, draws_screen: bool = False) -> int:
    """Bytes that a plan may take of a GPU; ``asked`` is what the user allows."""
    share, least = (0.06, GIB) if draws_screen else (0.05, 512 * MIB)
    return _budget(room, asked, max(least, int(room.total_bytes * share)))


def main_memory_budget(room: Room, asked: int | None = None) -> int:
    """Bytes that a plan may take of main memory; ``asked`` is what the user allows."""
    return _budget(room, asked, max(GIB, int(room.total_bytes * 0.05)))


def in_main_memory(machine: Machine) -> tuple[MachineDevice, ...]:
    """The devices whose bytes count against the processor's budget too."""
    if not machine.unified_memory:
        return ()
    return tuple(device for device in machine.devices if device.kind == "igpu")


def budget_notices(machine: Machine, budgets: Mapping[str, int]) -> tuple[Notice, ...]:
    """What the user should know of the budgets (bytes by device) that they gave."""
    found = {device.name: device for device in machine.everything}
    notices = []
    for name, asked in budgets.items():
        shown = shorten(name)
        if name not in found:
            notices.append(Notice("machine.no_such_device", {"name": shown}))
        elif asked > (given := found[name].budget_bytes):
            cut = Notice(
                "machine.budget_cut",
                {"name": shown, "needed": _gib(asked), "free": _gib(given)},
            )
            notices.append(cut)
    return tuple(notices)


def _budget(room: Room, asked: int | None, margin: int) -> int:
    most = max(0, room.usable_bytes - room.overhead_bytes)
    return max(0, most - margin) if asked is None else max(0, min(asked, most))


def _gib(size: int) -> float:
    return round(size / GIB, 1)
