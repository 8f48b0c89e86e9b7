"""Machines to plan for that nobody has to own: GPU memory and RAM of ordinary sizes."""

import json
from dataclasses import dataclass
from pathlib import Path

GIB = 2**30

GPUS = {
    "8": (8,),
    "12": (12,),
    "24": (24,),
    "2×24": (24, 24),
}
"""GiB of each GPU, by how tables call it."""
RAM_GIB = (64, 128, 256, 512)

_GPU_SPEEDS = {8: 230e9, 12: 325e9, 24: 840e9}
"""What programs read of an RTX 4060 Laptop, an RTX 3060 and an RTX 3090."""
_RAM_SPEEDS = {64: 65e9, 128: 65e9, 256: 230e9, 512: 350e9}
"""Two channels of DDR5-5600, eight and twelve of DDR5-4800."""
_CORES = {64: 8, 128: 8, 256: 32, 512: 32}
_LINK_SPEED = 24e9


@dataclass(frozen=True, slots=True)
class DescribedMachine:
    """One of them."""

    gpus: str
    """A key of ``GPUS``."""
    ram_gib: int

    def __str__(self) -> str:
        return f"{self.gpus} GiB of GPU, {self.ram_gib} GiB of RAM"

    def as_object(self) -> dict[str, object]:
        """As ``--machine`` reads it."""
        sizes = GPUS[self.gpus]
        return {
            "ram_bytes": self.ram_gib * GIB,
            "ram_bytes_per_second": _RAM_SPEEDS[self.ram_gib],
            "cores": _CORES[self.ram_gib],
            "devices": [
                {
                    "name": f"GPU {number}" if len(sizes) > 1 else "GPU",
                    "kind": "gpu",
                    "memory_bytes": size * GIB,
                    "bytes_per_second": _GPU_SPEEDS[size],
                    "link_bytes_per_second": _LINK_SPEED,
                }
                for number, size in enumerate(sizes, 1)
            ],
        }

    def write(self, folder: Path) -> Path:
        """A file for ``--machine``."""
        path = folder / f"{self.gpus.replace('×', 'x')}-{self.ram_gib}.json"
        path.write_text(json.dumps(self.as_object()), encoding="utf-8")
        return path


def all_machines() -> list[DescribedMachine]:
    """Every combination."""
    return [DescribedMachine(gpus, ram) for gpus in GPUS for ram in RAM_GIB]
