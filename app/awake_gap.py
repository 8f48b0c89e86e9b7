"""Notices that the computer was asleep: one clock went on while another stood still."""

import ctypes
import logging
import sys
import time
from collections.abc import Callable

from app.posting import Scheduler

log = logging.getLogger("moestro.awake")

LEAST_SECONDS = 2.0
"""The clocks are read one after the other, and some are adjusted while they run."""
_LOOK_SECONDS = 5.0


def slept_seconds() -> float:
    """How long this computer has slept since it was started."""
    if sys.platform == "linux":
        running = time.clock_gettime(time.CLOCK_MONOTONIC)
        return time.clock_gettime(time.CLOCK_BOOTTIME) - running
    elif sys.platform == "win32":
        awake = ctypes.c_ulonglong()
        ctypes.windll.kernel32.QueryUnbiasedInterruptTime(ctypes.byref(awake))
        return time.monotonic() - awake.value / 1e7
    else:
        # On macOS this clock goes on in sleep, and the one of ``time.monotonic`` does not.
        return time.clock_gettime(time.CLOCK_MONOTONIC) - time.monotonic()


class SleepWatch:
    """Looks every few seconds, and when somebody asks. Used on the state thread."""

    def __init__(
        self,
        scheduler: Scheduler,
        woke: Callable[[float], None],
        slept: Callable[[], float] = slept_seconds,
    ) -> None:
        """``woke`` is told the seconds of each sleep; ``slept`` counts all of them together."""
        self._scheduler, self._woke, self._slept = scheduler, woke, slept
        self._known = slept()

    def start(self) -> None:
        """Look from now on, until the scheduler is closed."""
        self._scheduler.call_later(_LOOK_SECONDS, self._again)

    def look(self) -> None:
        """Tell now if the computer was asleep since the last look."""
        total = self._slept()
        gap, self._known = total - self._known, total
        if gap >= LEAST_SECONDS:
            log.info("the computer was asleep for %.0f s", gap)
            self._woke(gap)

    def _again(self) -> None:
        self.look()
        self.start()
