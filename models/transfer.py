"""The download of one file: one stream, resumed wherever it stopped, never wrong at the end."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

import httpx2

from models.errors import ModelFileError
from models.naming import shorten
from models.transfer_answers import BodyStart, TryAgain
from models.transfer_disk import DiskThread, disk_end, wait_through
from models.transfer_entities import (
    Facts,
    PhaseChange,
    StopReason,
    TransferEnd,
    TransferOutcome,
    TransferPhase,
    TransferProgress,
    TransferStop,
    WantedFile,
)
from models.transfer_inflow import Inflow
from models.transfer_part import PartFile, PartInUse
from models.transfer_requests import HubAccess, OpenAnswer, network_trouble, open_answer
from models.transfer_structure import MAGIC, check_structure
from models.transfer_timing import SpeedLimit, Timing

log = logging.getLogger("moestro.transfer")

T = TypeVar("T")

_MOST_MISMATCHES = 1
"""So often a whole file may have the wrong hash and is fetched anew."""


class Transfer:
    """Brings one file into its part and verifies it. Used on one event loop, once.

    ``tell`` hears each phase on the loop; ``progress`` holds the counts meanwhile.
    """

    def __init__(
        self,
        wanted: WantedFile,
        part: PartFile,
        client: httpx2.AsyncClient,
        access: HubAccess,
        tell: Callable[[PhaseChange], None],
        *,
        timing: Timing,
        limit: SpeedLimit | None = None,
        progress: TransferProgress | None = None,
    ) -> None:
        self.progress = progress or TransferProgress()
        self._wanted = wanted
        self._part = part
        self._client = client
        self._access = access
        self._tell = tell
        self._timing = timing
        self._limit = limit
        self._disk = DiskThread(wanted.sha256[:8])
        self._stopped = threading.Event()
        self._furthest = 0
        """The most that was ever there: only more than this is progress."""
        self._restarts = 0

    async def run(self, *, distrust: bool = False, forgive: bool = False) -> TransferEnd:
        """Download and verify; returns how it ended, and leaves the part closed.

        ``distrust`` says that the disk went away last time, ``forgive`` that a file which came
        wrong before may do so once more. Cancelling the task keeps the
        partial, and takes less than a second even when network and disk are silent.
        """
        end: TransferEnd | None = None
        try:
            await self._begin(distrust=distrust, forgive=forgive)
            end = await self._complete()
        except TransferStop as stop:
            end = stop.end
        except PartInUse:
            end = TransferEnd(TransferOutcome.PAUSED, StopReason.IN_USE, self._facts())
        finally:
            self._stopped.set()
            closed = await self._close()
            self.progress.done = max(self._part.offset, self.progress.done)
        if self._part.is_doubtful or (not closed and end.outcome is not TransferOutcome.VERIFIED):
            end = replace(end, distrust_tail=True)
        log.info("%s ended: %s %s", self._wanted.sha256[:8], end.outcome.value, end.reason)
        return end

    async def _begin(self, *, distrust: bool, forgive: bool) -> None:
        await self._on_disk(lambda: self._part.open(distrust=distrust, forgive=forgive))
        if self._part.cut_back:
            self.progress.went_back = "download.went_back_crash"
        self.progress.done = self._furthest = self._part.offset

    async def _complete(self) -> TransferEnd:
        if await self._on_disk(lambda: self._part.is_verified):
            return TransferEnd(TransferOutcome.VERIFIED)
        if self._part.offset:
            self._tell(PhaseChange(TransferPhase.CHECKING))
            await self._on_disk(lambda: self._part.rehash(self._checked, self._stopped.is_set))
        while True:
            await self._download()
            self._tell(PhaseChange(TransferPhase.VERIFYING))
            if await self._on_disk(self._part.has_right_hash):
                break
            await self._begin_anew()
        return await self._finish()

    def _checked(self, count: int) -> None:
        self.progress.checked = count

    async def _begin_anew(self) -> None:
        """After a wrong hash: once more from nothing, and then no more."""
        log.warning("%s has the wrong hash", self._wanted.sha256[:8])
        mismatches = await self._on_disk(self._part.quarantine)
        if mismatches > _MOST_MISMATCHES:
            await self._on_disk(self._part.forgive)
            self.progress.done = 0
            self.progress.went_back = "download.corrupt"
            end = TransferEnd(TransferOutcome.CORRUPT, StopReason.CORRUPT, self._facts())
            raise TransferStop(end)
        self.progress.done = self._furthest = 0
        self.progress.went_back = "download.went_back_hash"

    async def _finish(self) -> TransferEnd:
        name = shorten(self._wanted.path.rpartition("/")[2])
        if self._wanted.path.lower().endswith(".gguf"):
            try:
                await self._on_disk(lambda: check_structure(self._part.paths.part, name))
            except ModelFileError as error:
                return TransferEnd(
                    TransferOutcome.FAILED, StopReason.STRUCTURE, error.facts, error.code
                )
        await self._on_disk(self._part.mark_verified)
        return TransferEnd(TransferOutcome.VERIFIED)

    # --- the network -----------------------------------------------------------------------

    async def _download(self) -> None:
        """Fetch until the part has its full length; waits and tries again as often as it helps."""
        if self._part.offset < self._wanted.size:
            self._tell(PhaseChange(TransferPhase.RESOLVING))
        tries = 0
        while self._part.offset < self._wanted.size:
            try:
                await self._attempt()
                trouble = TryAgain(StopReason.OFFLINE, "it ended early", 0.0, self._facts())
            except TryAgain as again:
                trouble = again
            if self._part.offset >= self._wanted.size:
                return
            if self._part.offset > self._furthest:
                self._furthest = self._part.offset
                tries = self._restarts = 0
            else:
                tries += 1
            if tries >= self._timing.fruitless_tries:
                raise TransferStop(self._pause(trouble))
            await self._wait(tries, trouble)

    async def _wait(self, tries: int, trouble: TryAgain) -> None:
        limited = trouble.reason is StopReason.RATE_LIMITED
        seconds = max(self._timing.wait_after(tries), trouble.wait)
        log.info("%s: try %d in %.1f s: %s", self._wanted.sha256[:8], tries + 1, seconds, trouble)
        reason = StopReason.RATE_LIMITED if limited else StopReason.RECONNECT
        self._tell(PhaseChange(TransferPhase.WAITING, reason, seconds, tries + 1))
        await self._timing.sleep(seconds)

    def _pause(self, trouble: TryAgain) -> TransferEnd:
        offline = trouble.reason is StopReason.OFFLINE
        reason = StopReason.OFFLINE if offline else StopReason.SERVER
        return TransferEnd(TransferOutcome.PAUSED, reason, {**self._facts(), **trouble.facts})

    async def _attempt(self) -> None:
        """One connection, from its request to its end. Raises TryAgain, TransferStop."""
        answer = await open_answer(
            self._client, self._access, self._wanted, self._part.offset, self._timing
        )
        inflow = Inflow(self._disk, self._part, self._timing, self._count)
        try:
            try:
                await self._receive(answer, inflow)
            except TryAgain:
                await self._drain(inflow)
                raise
            await self._drain(inflow)
        except BaseException:
            inflow.hand_over()
            raise
        finally:
            with contextlib.suppress(httpx2.HTTPError, OSError):
                await answer.response.aclose()

    async def _drain(self, inflow: Inflow) -> None:
        await self._with_disk(inflow.drain())
        self._count()

    def _count(self) -> None:
        self.progress.done = self._part.offset

    async def _receive(self, answer: OpenAnswer, inflow: Inflow) -> None:
        body = answer.response.aiter_raw()
        first = b""
        while len(first) < len(MAGIC) and (piece := await self._next(body, answer)):
            first += piece
        if not first:
            return
        room = self._wanted.size - self._part.offset
        if answer.start is BodyStart.AT_ZERO:
            room = await self._start_at_zero(first, answer)
        self._tell(PhaseChange(TransferPhase.DOWNLOADING))
        piece = first
        while piece:
            self.progress.received += len(piece)
            await self._with_disk(inflow.put(piece[:room]))
            room -= len(piece)
            if room <= 0:
                # A body that goes on is cut here; the hash tells whether it was the file.
                return
            if self._limit is not None:
                await self._limit.take(len(piece))
            piece = await self._next(body, answer)

    async def _next(self, body: AsyncIterator[bytes], answer: OpenAnswer) -> bytes:
        with network_trouble(self._wanted, answer.host):
            return await anext(body, b"")

    async def _start_at_zero(self, first: bytes, answer: OpenAnswer) -> int:
        """Begin the part anew when the whole file comes; returns how much is still wanted."""
        is_gguf = self._wanted.path.lower().endswith(".gguf")
        if is_gguf and not first.startswith(MAGIC):
            # Most likely a page of someone else: it must not replace what is here.
            raise TryAgain(StopReason.SERVER, "not a GGUF file", 0.0, self._facts(answer.host))
        if self._part.offset:
            self._restarts += 1
            if self._restarts > self._timing.restarts:
                end = TransferEnd(
                    TransferOutcome.PAUSED, StopReason.NO_RESUME, self._facts(answer.host)
                )
                raise TransferStop(end)
            await self._on_disk(self._part.restart)
            self.progress.done = 0
            self.progress.went_back = "download.went_back_no_range"
        return self._wanted.size

    # --- the disk --------------------------------------------------------------------------

    async def _on_disk(self, work: Callable[[], T]) -> T:
        future = self._disk.run(work)
        try:
            return await asyncio.shield(future)
        except OSError as error:
            raise TransferStop(self._disk_end(error)) from error

    async def _with_disk(self, writing: Awaitable[None]) -> None:
        try:
            await writing
        except OSError as error:
            raise TransferStop(self._disk_end(error)) from error

    def _disk_end(self, error: OSError) -> TransferEnd:
        log.warning("%s: %s", self._wanted.sha256[:8], error)
        return disk_end(error, shorten(str(self._part.paths.folder.parent)))

    async def _close(self) -> bool:
        """Close the part on its thread; False when the disk did not take it in time."""
        closing = self._disk.run(self._part.close)
        self._disk.close()
        closing.add_done_callback(_look)
        if not await wait_through([closing], self._timing.closing):
            # The thread goes on when the disk answers, and gives the lock back then.
            log.warning("%s: the disk does not answer", self._wanted.sha256[:8])
            return False
        return closing.exception() is None

    def _facts(self, host: str = "") -> Facts:
        return {
            "name": shorten(self._wanted.path.rpartition("/")[2]),
            "model": shorten(self._wanted.repository),
            "host": host or shorten(httpx2.URL(self._access.endpoint).host),
            "folder": shorten(str(self._part.paths.folder.parent)),
        }


def _look(closing: "asyncio.Future[None]") -> None:
    """Take note of how closing went, also when that is late and nobody waits any more."""
    if not closing.cancelled() and (error := closing.exception()) is not None:
        log.warning("a part was not closed properly: %s", error)
