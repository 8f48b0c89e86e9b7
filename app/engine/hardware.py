"""Which graphics hardware is in this computer, whether or not the engine can use it."""

from dataclasses import dataclass
from typing import Literal

from app.engine.computer import Computer

Maker = Literal["nvidia", "amd", "intel", "apple"]

_MAKERS: dict[str, tuple[Maker, str]] = {
    "0x10de": ("nvidia", "NVIDIA GPU"),
    "0x1002": ("amd", "AMD GPU"),
    "0x8086": ("intel", "Intel GPU"),
}
"""By PCI vendor; others are a virtual machine's or a server's own display."""

_DISPLAY_CLASSES = ("0x0300", "0x0302", "0x0380")
"""VGA, 3D and other display controllers."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """One graphics processor."""

    maker: Maker
    name: str
    """As its driver names it, or its maker's."""
    has_driver: bool = True
    """Whether the driver that computing needs is loaded."""


def find_hardware(computer: Computer) -> tuple[Hardware, ...]:
    """Look for graphics processors without waking them; a few milliseconds."""
    if computer.system == "darwin":
        chip = (Hardware("apple", "Apple GPU"),)
        return chip if computer.machine == "arm64" else ()
    named = _nvidia_by_driver(computer)
    others = [found for found in _on_the_bus(computer) if not named or found.maker != "nvidia"]
    return (*named, *others)


def _nvidia_by_driver(computer: Computer) -> tuple[Hardware, ...]:
    """What NVIDIA's driver lists, on Linux and, by its tool alone, on Windows."""
    found = []
    for path in computer.files("/proc/driver/nvidia/gpus/*/information"):
        for line in computer.text(str(path.relative_to(computer.root))).splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "Model" and value.strip():
                found.append(Hardware("nvidia", value.strip()))
    if found or computer.text("/proc/driver/nvidia/version"):
        return tuple(found)
    # Windows, and Linux inside it, show the driver's tool only.
    is_windows = computer.system == "win32" or bool(computer.files("/dev/dxg"))
    if is_windows and computer.program("nvidia-smi", "/usr/lib/wsl/lib"):
        return (Hardware("nvidia", "NVIDIA GPU"),)
    return ()


def _on_the_bus(computer: Computer) -> list[Hardware]:
    """Display controllers of known makers, each kind once."""
    found: dict[Maker, Hardware] = {}
    for path in computer.files("/sys/bus/pci/devices/*/class"):
        folder = str(path.parent.relative_to(computer.root))
        if not computer.text(f"{folder}/class").startswith(_DISPLAY_CLASSES):
            continue
        known = _MAKERS.get(computer.text(f"{folder}/vendor").strip().lower())
        if known is not None:
            maker, name = known
            # The others' drivers come with the kernel; NVIDIA's own makes a folder in /proc.
            ready = maker != "nvidia" or bool(computer.text("/proc/driver/nvidia/version"))
            found[maker] = Hardware(maker, name, ready)
    return list(found.values())
