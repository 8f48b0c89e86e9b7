"""How fast bytes arrive and how long the rest takes, smoothed so that it can be read."""

import time
from collections.abc import Callable

_TICK = 0.5
"""Seconds between two looks at the counter."""
_WEIGHT = 0.2
"""Of the newest look; the speed follows a change within about two seconds."""
_FIRST_SECONDS = 3.0
"""Before that, how long the rest takes is a guess and is not shown."""
_STALL_SECONDS = 5.0


class SpeedMeter:
    """Fed with a counter that only grows: bytes that came over the network."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began: float | None = None
        self._looked = 0.0
        self._seen = 0
        self._moved = 0.0
        self._speed: float | None = None

    def note(self, received: int) -> None:
        """Take the counter's value as of now."""
        now = self._clock()
        if self._began is None:
            self._began = self._looked = self._moved = now
            self._seen = received
            return
        elapsed = now - self._looked
        if elapsed < _TICK:
            return
        arrived = received - self._seen
        if arrived > 0:
            self._moved = now
        speed = max(arrived, 0) / elapsed
        # A long pause between two looks weighs as many short ones would.
        weight = 1 - (1 - _WEIGHT) ** (elapsed / _TICK)
        before = speed if self._speed is None else self._speed
        self._speed = before + weight * (speed - before)
        self._looked, self._seen = now, received

    @property
    def bytes_per_second(self) -> float | None:
        """None until it can be told."""
        return self._speed

    @property
    def is_stalled(self) -> bool:
        """Nothing arrived for some seconds."""
        return self._began is not None and self._clock() - self._moved >= _STALL_SECONDS

    def seconds_left(self, remaining: int) -> float | None:
        """How long ``remaining`` bytes take at this speed; None while nobody can say."""
        early = self._began is None or self._clock() - self._began < _FIRST_SECONDS
        if early or self._speed is None or self._speed < 1 or self.is_stalled:
            return None
        return remaining / self._speed
