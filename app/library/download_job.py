"""Runs one download: looks whether it can be done, fetches all its files, then places them."""

import asyncio
import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar

import filelock
import httpx2

from app.library.download_orders import (
    LOOKING_SECONDS,
    Figures,
    FileFigures,
    FilesChanged,
    JobElsewhere,
    JobMessage,
    JobOrder,
    JobTools,
    PlaceChosen,
    StreamFreed,
)
from app.library.download_preparing import Halt, prepare
from app.library.download_states import DownloadState, Status, status_of_end
from models.http_clients import Purpose
from models.hub_errors import NetworkError, host_of
from models.naming import shorten
from models.transfer import Transfer
from models.transfer_disk import DiskThread, disk_end, wait_through
from models.transfer_entities import (
    PhaseChange,
    StopReason,
    TransferOutcome,
    TransferPhase,
    TransferProgress,
)
from models.transfer_part import Interrupted, PartFile, PartInUse, PartPaths, take_lock
from models.transfer_promotion import NotVerified, Stamp, promote
from models.transfer_requests import HubAccess

log = logging.getLogger("moestro.library")

T = TypeVar("T")
S = DownloadState

_ROUNDS = 3
"""So often files that changed behind our back are verified anew."""
_UNKNOWN = -1
"""Bytes of a file at which nobody looked yet."""
_CLOSING_SECONDS = 0.3
_STREAMS_SECONDS = 5.0
"""Each stream keeps a shorter deadline itself; this is for the unforeseen."""
_PHASES = {
    TransferPhase.RESOLVING: S.RESOLVING,
    TransferPhase.CHECKING: S.CHECKING,
    TransferPhase.DOWNLOADING: S.DOWNLOADING,
    TransferPhase.WAITING: S.WAITING,
    TransferPhase.VERIFYING: S.VERIFYING,
}


class _FileStopped(Exception):  # noqa: N818
    """One file stands still, which was told; so the others stop too."""


class DownloadJob:
    """One run of one download, on the transfers' event loop; ``tell`` is called there."""

    def __init__(
        self, order: JobOrder, tools: JobTools, tell: Callable[[JobMessage], None]
    ) -> None:
        self.id = order.id
        self._order = order
        self._tools = tools
        self._tell = tell
        self._disk = DiskThread("job")
        self._lock: filelock.BaseFileLock | None = None
        """Only the disk's thread touches it."""
        self._stopped = threading.Event()
        self._streams = order.streams
        self._progress = [TransferProgress(done=_UNKNOWN) for _file in order.files]
        self._reported: dict[int, FileFigures] = {}
        self._states = [S.QUEUED] * len(order.files)
        self._placed: dict[int, Stamp] = {}
        """Files that lie in their place."""
        self._targets: tuple[str, ...] = ()

    def figures(self) -> Figures:
        """The counts that changed since the last call."""
        now = {
            number: FileFigures(one.done, one.checked, one.received, one.went_back)
            for number, one in enumerate(self._progress)
            if one.done != _UNKNOWN
        }
        changed = {n: told for n, told in now.items() if self._reported.get(n) != told}
        self._reported.update(changed)
        return changed

    async def run(self) -> None:
        """Work until the download is READY or stands still; cancelling keeps what is there."""
        try:
            await self._on_disk(self._take_lock)
            await self._work()
        except Halt as halt:
            self._change(self._unfinished(), halt.status)
        except PartInUse:
            self._tell(JobElsewhere())
        except (_FileStopped, Interrupted):
            pass
        except Exception:  # the task's boundary: other downloads go on
            log.exception("a download ended unexpectedly")
            self._change(self._unfinished(), Status(S.FAILED, StopReason.UNEXPECTED))
        finally:
            self._stopped.set()
            await self._give_back()

    async def _work(self) -> None:
        self._change(self._unfinished(), Status(S.RESOLVING))
        prepared = await prepare(
            self._order,
            self._tools.volumes,
            self._on_disk,
            self._progress,
            self._hashing,
            self._stopped.is_set,
        )
        self._targets, self._placed = prepared.targets, prepared.placed
        self._tell(PlaceChosen(prepared.place, prepared.targets))
        self._change(self._placed, Status(S.VERIFIED))
        for _round in range(_ROUNDS):
            await self._fetch_all()
            if await self._place_all():
                return
        raise Halt(Status(S.FAILED, StopReason.UNEXPECTED))

    def _hashing(self, number: int, begins: bool) -> None:
        self._change((number,), Status(S.CHECKING if begins else S.RESOLVING))

    # --- the bytes -------------------------------------------------------------------------

    async def _fetch_all(self) -> None:
        """Bring every file that is not placed into its part, verified."""
        waiting = deque(self._unfinished())
        if not waiting:
            return
        try:
            client = self._tools.clients.async_client(Purpose.DOWNLOAD, self._order.endpoint)
        except NetworkError as error:
            status = Status(S.PAUSED, StopReason.OFFLINE, error.facts, error.code)
            raise Halt(status) from error
        while self._streams > max(1, len(waiting)):
            self._free_stream()

        async def stream() -> None:
            while waiting:
                await self._fetch(waiting.popleft(), client)
            if self._streams > 1:
                self._free_stream()

        async with client:
            tasks = [asyncio.create_task(stream()) for _number in range(self._streams)]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                # The others stop within their deadline and leave their parts closed.
                await wait_through(tasks, _STREAMS_SECONDS)

    def _free_stream(self) -> None:
        self._streams -= 1
        self._tell(StreamFreed())

    async def _fetch(self, number: int, client: httpx2.AsyncClient) -> None:
        wanted = self._order.files[number]
        transfer = Transfer(
            wanted,
            PartFile(self._order.parts, wanted, self._tools.volumes.boot),
            client,
            HubAccess(self._order.endpoint, self._order.token, self._tools.redirect_allowed),
            partial(self._heard, number),
            timing=self._tools.timing,
            limit=self._tools.limit,
            progress=self._progress[number],
        )
        end = await transfer.run(
            distrust=number in self._order.distrust, forgive=self._order.forgive
        )
        self._change((number,), status_of_end(end), distrust=end.distrust_tail)
        if end.outcome is not TransferOutcome.VERIFIED:
            raise _FileStopped

    def _heard(self, number: int, phase: PhaseChange) -> None:
        state = _PHASES[phase.phase]
        if state is self._states[number] and state is not S.WAITING:
            return
        facts: dict[str, str | int | float] = {}
        if phase.reason is not None:
            host = host_of(self._order.endpoint)
            seconds = max(1, round(phase.seconds))
            facts = {"host": host, "seconds": seconds, "number": phase.attempt}
        self._change((number,), Status(state, phase.reason, facts))

    # --- the place -------------------------------------------------------------------------

    async def _place_all(self) -> bool:
        """Give every verified part its name; False when one of them changed since."""
        everything = range(len(self._order.files))
        self._change(everything, Status(S.PROMOTING))
        for number in self._unfinished():
            paths = PartPaths(self._order.parts, self._order.files[number].sha256)
            target = self._targets[number]
            try:
                work = partial(promote, paths, self._order.library, target)
                self._placed[number] = await self._on_disk(work)
            except NotVerified:
                self._change(self._placed, Status(S.VERIFIED))
                self._change(self._unfinished(), Status(S.QUEUED))
                self._change(self._unfinished(), Status(S.RESOLVING))
                return False
            except FileExistsError as error:
                name = shorten(Path(target).name)
                facts = {"name": name, "folder": shorten(str(self._order.library))}
                raise Halt(Status(S.FAILED, StopReason.OCCUPIED, facts)) from error
        self._change(everything, Status(S.READY), self._placed)
        return True

    # --- inside ----------------------------------------------------------------------------

    def _unfinished(self) -> list[int]:
        return [n for n in range(len(self._order.files)) if n not in self._placed]

    def _change(
        self,
        numbers: Iterable[int],
        status: Status,
        stamps: dict[int, Stamp] | None = None,
        *,
        distrust: bool = False,
    ) -> None:
        statuses = dict.fromkeys(numbers, status)
        for number in statuses:
            self._states[number] = status.state
        if statuses:
            self._tell(FilesChanged(statuses, dict(stamps or {}), distrust))

    async def _on_disk(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.shield(self._disk.run(work))
        except FileExistsError:
            raise
        except OSError as error:
            log.warning("a download's disk refused: %s", error)
            folder = shorten(str(self._order.library))
            raise Halt(status_of_end(disk_end(error, folder))) from error

    def _take_lock(self) -> None:
        if self._order.is_new:
            # Not its parents: they may be the place of a drive that is away.
            self._order.library.mkdir(mode=0o755, exist_ok=True)
        self._order.parts.mkdir(mode=0o700, exist_ok=True)
        self._lock = take_lock(self._order.parts / f"{self._order.id}.lock", LOOKING_SECONDS)

    def _release_lock(self) -> None:
        if self._lock is not None:
            with contextlib.suppress(OSError):
                self._lock.release(force=True)

    async def _give_back(self) -> None:
        """Release the lock on the disk's thread, and wait for that only a moment."""
        released = self._disk.run(self._release_lock)
        self._disk.close()
        await wait_through([released], _CLOSING_SECONDS)
