"""Between network and disk: what arrives is written while more comes, and never lies long."""

import asyncio
from collections.abc import Callable
from functools import partial

from models.transfer_disk import DiskThread
from models.transfer_part import PartFile
from models.transfer_timing import Timing


class Inflow:
    """Collects pieces of one answer for one part. Used on the event loop.

    ``wrote`` is called after each write, also after the last one of a cancelled transfer.
    """

    def __init__(
        self,
        disk: DiskThread,
        part: PartFile,
        timing: Timing,
        wrote: Callable[[], None] = lambda: None,
    ) -> None:
        self._wrote = wrote
        self._disk = disk
        self._part = part
        self._timing = timing
        self._waiting = bytearray()
        self._write: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def put(self, piece: bytes) -> None:
        """Take a piece; waits while the disk is slower than the network.

        Raises the OSError of an earlier write.
        """
        self._waiting += piece
        if self._write is not None and self._write.done():
            await self._settle()
        is_enough = len(self._waiting) >= self._timing.flush_bytes
        if is_enough and (self._write is None or self._is_too_much):
            await self._settle()
            self._start()
        elif self._timer is None:
            # Also when nothing follows: a kill during a stall loses only the last moment.
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._timing.flush, self._due)

    async def drain(self) -> None:
        """Write everything and wait for it. Raises OSError."""
        await self._settle()
        self._start()
        await self._settle()

    def hand_over(self) -> None:
        """Give everything to the disk's thread without waiting; for the way out."""
        self._start()

    def _due(self) -> None:
        self._timer = None
        if self._write is None or self._write.done():
            if self._write is not None and self._write.exception() is not None:
                return
            self._start()
        else:
            self._timer = asyncio.get_running_loop().call_later(self._timing.flush, self._due)

    @property
    def _is_too_much(self) -> bool:
        return len(self._waiting) >= self._timing.backlog_bytes

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            data, self._waiting = self._waiting, bytearray()
            self._write = self._disk.run(partial(self._part.append, data))
            self._write.add_done_callback(lambda _write: self._wrote())

    async def _settle(self) -> None:
        if self._write is not None:
            write, self._write = self._write, None
            # Shielded: the disk's thread finishes it whatever becomes of us.
            await asyncio.shield(write)
