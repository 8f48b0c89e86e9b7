"""One thread with one event loop for all downloads; what they tell is posted."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.library.download_orders import (
    LOOKING_SECONDS,
    Figures,
    JobEnded,
    JobMessage,
    JobOrder,
    JobTools,
)
from app.posting import Post
from models.transfer_part import PartInUse, PartPaths, take_lock

if TYPE_CHECKING:
    from app.library.download_job import DownloadJob

log = logging.getLogger("moestro.library")

TICK_SECONDS = 0.125
"""Between two reports of the counts."""


class DownloadThread:
    """Starts and stops jobs. All methods are called on the state thread and return at once.

    The thread begins with the first job: a start without downloads loads no HTTP library.
    """

    def __init__(
        self, post: Post, tools: JobTools, figures: Callable[[Mapping[str, Figures]], None]
    ) -> None:
        self._post = post
        self._tools = tools
        self._figures = figures
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._jobs: dict[str, DownloadJob] = {}
        """Only the loop touches these two."""

    def start(self, order: JobOrder, heard: Callable[[JobMessage], None]) -> None:
        """Run a download; ``heard`` gets its messages, posted, the last one is JobEnded."""
        self._call(self._begin, order, heard)

    def stop(self, identifier: str) -> None:
        """Ask a job to end; it does within a second, and tells JobEnded then."""
        self._call(self._cancel, identifier)

    def probe(
        self, lock: Path, parts: list[PartPaths], done: Callable[[bool, list[int]], None]
    ) -> None:
        """Find out whether another process holds ``lock``, and how large the parts are."""
        self._work_aside(lambda: _probe(lock, parts), lambda found: done(*found))

    def discard(self, parts: list[PartPaths], done: Callable[[], None]) -> None:
        """Remove parts with all that belongs to them; what is in use stays."""
        self._work_aside(lambda: _discard(parts), lambda _none: done())

    def close(self, seconds: float) -> None:
        """Stop everything, and wait for it at most so long."""
        if self._loop is None or self._thread is None:
            return
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._end)
        self._thread.join(timeout=seconds)
        if self._thread.is_alive():
            log.warning("a disk or a server does not let the downloads end")
        self._loop = None

    def _work_aside(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """File work that may hang goes to a thread of its own, which nobody waits for."""
        post = self._post

        def run() -> None:
            try:
                result = work()
            except OSError as error:
                log.warning("a download's files cannot be reached: %s", error)
                result = (False, [])
            post(lambda: done(result))

        threading.Thread(target=run, name="download-files", daemon=True).start()

    def _call(self, work: Callable[..., None], *values: Any) -> None:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=self._run, args=(self._loop,), name="downloads", daemon=True
            )
            self._thread.start()
        self._loop.call_soon_threadsafe(work, *values)

    # --- on the loop -----------------------------------------------------------------------

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        ticker = loop.create_task(self._tick())
        try:
            loop.run_forever()
        finally:
            ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                loop.run_until_complete(ticker)
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    def _begin(self, order: JobOrder, heard: Callable[[JobMessage], None]) -> None:
        from app.library.download_job import DownloadJob

        def tell(message: JobMessage) -> None:
            # The counts as of this moment go first, so that no state is shown with older ones.
            self._report()
            self._post(partial(heard, message))

        job = DownloadJob(order, self._tools, tell)
        task = asyncio.get_running_loop().create_task(job.run())
        self._jobs[order.id] = job
        self._tasks[order.id] = task

        def ended(_task: asyncio.Task[None]) -> None:
            # Told here: a job that is stopped before its first step runs nothing of its own.
            tell(JobEnded())
            del self._tasks[order.id]
            del self._jobs[order.id]

        task.add_done_callback(ended)

    def _cancel(self, identifier: str) -> None:
        if task := self._tasks.get(identifier):
            task.cancel()

    def _end(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        loop = asyncio.get_running_loop()
        waiting = asyncio.gather(*self._tasks.values(), return_exceptions=True)
        waiting.add_done_callback(lambda _all: loop.stop())

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._report()

    def _report(self) -> None:
        changed = {job.id: told for job in self._jobs.values() if (told := job.figures())}
        if changed:
            self._post(lambda: self._figures(changed))


def _probe(lock: Path, parts: list[PartPaths]) -> tuple[bool, list[int]]:
    sizes = [part.part.stat().st_size if part.part.exists() else -1 for part in parts]
    if not lock.parent.is_dir():
        return False, sizes
    try:
        take_lock(lock, LOOKING_SECONDS).release(force=True)
    except PartInUse:
        return True, sizes
    return False, sizes


def _discard(parts: list[PartPaths]) -> None:
    for part in parts:
        try:
            part.discard()
        except PartInUse:
            log.info("%s stays: it is in use", part.part.name)
