"""A thread for the files of one transfer: a disk that does not answer blocks nothing else."""

import asyncio
import contextlib
import errno
import queue
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from models.transfer_entities import StopReason, TransferEnd, TransferOutcome

T = TypeVar("T")

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class DiskThread:
    """Runs file work in order, off the event loop.

    A daemon that nobody joins: a call into a dead network share may never return, and closing
    the program must not wait for it.
    """

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"disk-{name}", daemon=True)
        self._is_started = False

    def run(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        """Start ``work`` after everything given before; await the result in the running loop.

        Cancelling the future does not stop ``work``: what was given is done.
        """
        if not self._is_started:
            self._is_started = True
            self._thread.start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(result: Any, error: BaseException | None) -> None:
            if future.done():
                return
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

        def job() -> None:
            result: Any = None
            trouble: BaseException | None = None
            try:
                result = work()
            except BaseException as error:
                trouble = error
            # The loop may have ended meanwhile; then nobody waits for the result.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, result, trouble)

        self._jobs.put(job)
        return future

    def close(self) -> None:
        """End the thread after everything given so far; returns at once."""
        self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


async def wait_through(futures: Iterable["asyncio.Future[Any]"], seconds: float) -> bool:
    """Wait until all are done, at most ``seconds``; False when they are not.

    For the way out: being cancelled once more does not cut it short, and is raised afterwards.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    waiting = {future for future in futures if not future.done()}
    cancelled: asyncio.CancelledError | None = None
    while waiting and loop.time() < deadline:
        try:
            _done, waiting = await asyncio.wait(waiting, timeout=deadline - loop.time())
        except asyncio.CancelledError as again:
            cancelled = again
            waiting = {future for future in waiting if not future.done()}
    if cancelled is not None:
        raise cancelled
    return not waiting


def disk_end(error: OSError, folder: str) -> TransferEnd:
    """How a transfer ends when the system refused something with its files."""
    facts = {"folder": folder}
    if error.errno in _FULL:
        return TransferEnd(TransferOutcome.PAUSED, StopReason.DISK_FULL, facts)
    if error.errno == errno.EFBIG:
        return TransferEnd(TransferOutcome.BLOCKED, StopReason.FS_LIMIT, facts)
    if error.errno in _NOT_ALLOWED:
        return TransferEnd(TransferOutcome.PAUSED, StopReason.NO_PERMISSION, facts)
    # A cable pulled out or a share that went away shows in many ways; what was written
    # since the last sync may be lost with it.
    return TransferEnd(TransferOutcome.PAUSED, StopReason.VOLUME_GONE, facts, distrust_tail=True)
