"""The seconds that a measurement may take, and medians of as many repetitions as fit."""

import statistics
import time
from collections.abc import Callable

_REPETITIONS = 25
_LEAST_REPETITIONS = 3
_REPORT_SECONDS = 0.1

Report = Callable[[float], None]
"""Told fractions between 0 and 1."""


class MeasuringTime:
    """Counts the seconds since it was made, and tells how far a measurement is."""

    def __init__(
        self, seconds: float, report: Report, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = max(seconds, 0.0)
        self._report = report
        self._clock = clock
        self._begun = clock()
        self._said = 0.0

    @property
    def spent(self) -> float:
        """Seconds since the beginning."""
        return self._clock() - self._begun

    @property
    def is_over(self) -> bool:
        """Whether all seconds are spent."""
        return self.spent >= self._seconds

    def slice_end(self, share: float) -> float:
        """What ``spent`` will be when this share of the rest is spent."""
        return self.spent + max(0.0, self._seconds - self.spent) * share

    def median(self, run: Callable[[], float], end: float) -> float:
        """Median of what ``run`` returns, called until ``spent`` is ``end``.

        The first call does not count: it wakes threads and fills what is filled once. At least
        three count, but a single one when all seconds are spent.
        """
        run()
        found: list[float] = []
        while True:
            self._tick()
            found.append(run())
            enough = len(found) >= _LEAST_REPETITIONS and self.spent >= end
            if enough or len(found) >= _REPETITIONS or self.is_over:
                self._tick()
                return statistics.median(found)

    def _tick(self) -> None:
        if self.spent - self._said >= _REPORT_SECONDS:
            self._said = self.spent
            self._report(min(1.0, self.spent / self._seconds) if self._seconds else 1.0)
