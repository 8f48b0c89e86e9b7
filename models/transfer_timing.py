"""How long a transfer waits for what; and the limit on how fast it may be."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds, bytes and counts; tests bring shorter ones, and a clock of their own."""

    connect: float = 10.0
    read: float = 10.0
    """Without a byte for this long the connection is given up and made anew."""
    headers: float = 30.0
    """For the whole way to an answer, whatever trickles in."""
    first_wait: float = 0.5
    longest_wait: float = 30.0
    fruitless_tries: int = 10
    """So many tries in a row without a new byte, and the transfer pauses."""
    restarts: int = 3
    """So often a server may begin at zero again before the transfer pauses."""
    flush: float = 0.5
    """What arrived is written at least this often: a kill loses no more."""
    flush_bytes: int = 1024 * 1024
    backlog_bytes: int = 16 * 1024 * 1024
    """So much may wait while the disk is busy: a line of 1 Gbit/s stands still for no sync."""
    closing: float = 0.8
    """How long a cancelled transfer waits for its disk."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = field(default_factory=lambda: random.Random().random)
    unix_time: Callable[[], float] = time.time

    def wait_after(self, tries: int) -> float:
        """Seconds to wait after so many fruitless tries: doubling, never all at one moment."""
        longest: float = min(self.longest_wait, self.first_wait * 2.0 ** min(tries, 16))
        return longest * (0.5 + self.chance() / 2)


class SpeedLimit:
    """At most so many bytes per second, for all transfers of one event loop together."""

    def __init__(
        self,
        bytes_per_second: Callable[[], int | None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate = bytes_per_second
        self._sleep = sleep
        self._clock = clock
        self._free_at = 0.0
        """When the bytes taken so far are paid for."""

    async def take(self, count: int) -> None:
        """Wait until ``count`` more bytes are allowed; at once without a limit."""
        rate = self._rate()
        if rate is None or rate <= 0:
            return
        now = self._clock()
        begin = max(now, self._free_at)
        self._free_at = begin + count / rate
        if self._free_at > now:
            await self._sleep(self._free_at - now)
