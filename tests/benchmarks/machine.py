"""What the figures were taken on, and how much else was running meanwhile."""

import os
import platform
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from statistics import median
from typing import TypeVar

import psutil

T = TypeVar("T")

_MOST_FOR_OTHERS = 0.04


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


class Pace:
    """Waits for a quiet machine before each piece of work, and does it again when it was not.

    Two busy cores change every figure far more than what is measured, and a neighbour does not
    hit both sides of a pair alike. What was repeated, and what could not be, is told.
    """

    def __init__(self, say: Callable[[str], None], patience_seconds: float) -> None:
        self.say = say
        self._deadline = time.monotonic() + patience_seconds
        self._load = os.getloadavg()[0]
        self._shares: list[float] = []
        self._repeated = 0

    def undisturbed(self, work: Callable[[], T]) -> T:
        """Do ``work`` until other programs left the machine alone meanwhile."""
        while True:
            self._wait()
            before = _Moment()
            result = work()
            share = before.share_of_others()
            if share <= _MOST_FOR_OTHERS or time.monotonic() > self._deadline:
                self._shares.append(share)
                return result
            self._repeated += 1
            self.say(f"again: others took {share:.0%}")

    def sentence(self) -> str:
        """The note below the table."""
        if not self._shares:
            return f"Load average {self._load:.2f} before."
        disturbed = sum(share > _MOST_FOR_OTHERS for share in self._shares)
        return (
            f"Load average {self._load:.2f} before. Of {len(self._shares)} rounds that were kept, "
            f"{disturbed} had more than {_MOST_FOR_OTHERS:.0%} of the machine taken by other "
            f"programs (median {median(self._shares):.1%}, most {max(self._shares):.1%}); "
            f"{self._repeated} others were repeated."
        )

    def _wait(self) -> None:
        while time.monotonic() < self._deadline:
            before = _Moment()
            time.sleep(0.5)
            if before.share_of_others() <= _MOST_FOR_OTHERS:
                return
            time.sleep(1.5)


class _Moment:
    """Processor time of everything and of ours, to be compared with later."""

    def __init__(self) -> None:
        self._when = time.monotonic()
        self._all = _busy_seconds()
        self._ours = _own_seconds()

    def share_of_others(self) -> float:
        """Share of the whole machine since then, the host's other guests included."""
        elapsed = (time.monotonic() - self._when) * (psutil.cpu_count() or 1)
        ours = _own_seconds() - self._ours
        return max(0.0, _busy_seconds() - self._all - ours) / elapsed


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    names = ("user", "nice", "system", "irq", "softirq", "steal")
    return sum(float(getattr(times, name, 0.0)) for name in names)


def _own_seconds() -> float:
    """Of this process and of everything it started, ended or not."""
    own = os.times()
    total = own.user + own.system + own.children_user + own.children_system
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            total += sum(process.cpu_times()[:4])
    return total
