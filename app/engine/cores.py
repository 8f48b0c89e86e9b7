"""How many threads compute fastest: the physical cores that this process may run on."""

import contextlib
import math
import os
import sys
from pathlib import Path

import psutil

_CPUS = Path("/sys/devices/system/cpu")
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def usable_cores() -> int:
    """Physical cores within the process's affinity and its container's share; at least 1."""
    if sys.platform != "linux":
        return psutil.cpu_count(logical=False) or os.cpu_count() or 1
    cores = _distinct_cores(_CPUS, os.sched_getaffinity(0))
    return max(1, min(cores, _quota(_QUOTA)))


def _distinct_cores(cpus: Path, allowed: set[int]) -> int:
    """Two hardware threads of one core name the same siblings; unknown ones count alone."""
    siblings = set()
    for number in allowed:
        file = cpus / f"cpu{number}" / "topology" / "thread_siblings_list"
        try:
            siblings.add(file.read_text(encoding="ascii").strip())
        except (OSError, UnicodeError):
            siblings.add(str(number))
    return len(siblings)


def _quota(file: Path) -> int:
    """Processors' worth of time that a container grants, rounded up."""
    with contextlib.suppress(OSError, ValueError):
        quota, period = file.read_text(encoding="ascii").split()
        if quota != "max":
            return max(1, math.ceil(int(quota) / int(period)))
    return sys.maxsize
