"""What the figures were taken on, and how much else was running meanwhile."""

import os
import platform
import time
from datetime import date
from pathlib import Path

import psutil


def describe() -> str:
    """Cores, processor, memory, system, versions: one line."""
    import llama_cpp
    import PySide6

    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{date.today()}; {psutil.cpu_count()} × {_processor()}, {memory:.0f} GiB; "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"PySide6 {PySide6.__version__}, llama-cpp-python {llama_cpp.__version__}; "
        "Qt draws into memory (platform “offscreen”)"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


class Noise:
    """How much of the machine other programs, or the host of a virtual one, took meanwhile."""

    def __init__(self) -> None:
        self._load = os.getloadavg()[0]
        self._begun = time.monotonic()
        self._times = psutil.cpu_times()

    def sentence(self, own_seconds: float) -> str:
        """The note below the table. ``own_seconds``: processor time of what was measured."""
        now = psutil.cpu_times()
        elapsed = time.monotonic() - self._begun
        cores = psutil.cpu_count() or 1
        busy = _busy(now) - _busy(self._times)
        steal = getattr(now, "steal", 0.0) - getattr(self._times, "steal", 0.0)
        others = max(0.0, busy - own_seconds)
        return (
            f"Load average {self._load:.2f} before. In {elapsed / 60:.0f} minutes "
            f"{others / (elapsed * cores):.1%} of the machine went to other programs and "
            f"{steal / (elapsed * cores):.1%} to other virtual machines."
        )


def _busy(times: object) -> float:
    names = ("user", "nice", "system", "irq", "softirq")
    return sum(float(getattr(times, name, 0.0)) for name in names)


def own_processor_seconds() -> float:
    """Processor time of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
