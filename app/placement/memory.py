"""How much main memory can really be had: the system's figure, and the limits of containers.

Sources: proc_meminfo(5) for MemAvailable (through psutil), and the kernel's cgroup-v2.rst for
``memory.max``, ``memory.current`` and ``memory.stat``.
"""

import contextlib
from pathlib import Path

import psutil

from app.placement.entities import Memory

_CGROUPS = Path("/sys/fs/cgroup")
_OWN_GROUP = Path("/proc/self/cgroup")


def main_memory() -> Memory:
    """Total and available bytes now."""
    system = psutil.virtual_memory()
    total, available = int(system.total), int(system.available)
    for group in own_groups(_OWN_GROUP, _CGROUPS):
        limit, left = group_memory(group)
        if limit is not None:
            total = min(total, limit)
            available = min(available, left)
    return Memory(total, max(0, available))


def own_groups(own: Path, root: Path) -> list[Path]:
    """This process's control group and those above it, inmost first; empty without version 2."""
    with contextlib.suppress(OSError, UnicodeError):
        for line in own.read_text(encoding="utf-8").splitlines():
            number, _controllers, path = line.split(":", 2)
            if number == "0":
                inmost = root / path.lstrip("/")
                above = [each for each in inmost.parents if each.is_relative_to(root)]
                return [inmost, *above]
    return []


def group_memory(group: Path) -> tuple[int | None, int]:
    """Limit of one group, None for no limit, and the bytes left below it.

    Files that the kernel can drop from its cache count as left.
    """
    try:
        text = (group / "memory.max").read_text(encoding="ascii").strip()
        used = int((group / "memory.current").read_text(encoding="ascii"))
        if text == "max":
            return None, 0
        limit = int(text)
    except (OSError, ValueError):
        return None, 0
    return limit, max(0, limit - used + _droppable(group))


def _droppable(group: Path) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in (group / "memory.stat").read_text(encoding="ascii").splitlines():
            name, _space, number = line.partition(" ")
            if name == "inactive_file":
                return int(number)
    return 0
