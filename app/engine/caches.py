"""How large the processor's last-level caches are together, as far as the system tells it."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

_CPUS = Path("/sys/devices/system/cpu")
_ASSUMED = 64 * 2**20
_UNITS = {"K": 2**10, "M": 2**20, "G": 2**30}


def cache_bytes(cpus: Path = _CPUS, cores: Iterable[int] | None = None) -> int:
    """Bytes of the largest caches of ``cores``; 64 MiB where the system does not tell.

    None means the cores that this process may run on.
    """
    if cores is None:
        cores = os.sched_getaffinity(0) if sys.platform == "linux" else ()
    sizes: dict[str, int] = {}
    for number in cores:
        for index in (cpus / f"cpu{number}" / "cache").glob("index*"):
            try:
                shared = (index / "shared_cpu_list").read_text(encoding="ascii").strip()
                text = (index / "size").read_text(encoding="ascii").strip()
                size = int(text.rstrip("KMG")) * _UNITS.get(text[-1:], 1)
            except (OSError, ValueError):
                continue
            sizes[shared] = max(size, sizes.get(shared, 0))
    largest = max(sizes.values(), default=0)
    # Cores share their last cache in groups: each group counts once.
    return sum(size for size in sizes.values() if size == largest) or _ASSUMED
