"""The list of every request that was made, without secrets: of this start, and of earlier ones."""

import logging
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from app.ids import new_id
from app.logged_request import Ending, LoggedRequest
from app.request_file import RequestFile
from models.http_clients import Purpose
from models.naming import shorten

KEPT_REQUESTS = 1000
_PATH_CHARACTERS = 200
_LONGEST_WAIT_MS = 60_000
"""Longer than all deadlines of a request together: what is silent so long got no answer."""
_TOKEN = re.compile(r"hf_[A-Za-z0-9]{8,}")

log = logging.getLogger("moestro.network")


class RequestLog:
    """Any thread may write and read ``entries``; the rest is for one thread.

    Of this start the last ``kept`` requests are in memory. ``file`` keeps them over restarts;
    without one, ``history`` is what is in memory.
    """

    def __init__(
        self,
        kept: int = KEPT_REQUESTS,
        file: RequestFile | None = None,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._entries: deque[RunningRequest] = deque(maxlen=kept)
        self._file = file
        self._clock_ms = clock_ms
        self._lock = threading.Lock()

    def begin(self, purpose: Purpose, method: str, host: str, path: str) -> "RunningRequest":
        """Note a request that is about to be sent."""
        path = shorten(_TOKEN.sub("hf_…", path), _PATH_CHARACTERS)
        running = RunningRequest(
            LoggedRequest(
                new_id(), self._clock_ms(), purpose, shorten(method, 20), shorten(host, 100), path
            ),
            self._keep,
        )
        with self._lock:
            self._entries.append(running)
        self._keep(running.so_far())
        return running

    def entries(self) -> tuple[LoggedRequest, ...]:
        """Those of this start, the oldest first."""
        with self._lock:
            return tuple(running.so_far() for running in self._entries)

    def history(self) -> tuple[LoggedRequest, ...]:
        """Those of this and of earlier starts, the oldest first."""
        kept = {} if self._file is None else {one.id: one for one in self._file.read()}
        own = {one.id: one for one in self.entries()}
        now = self._clock_ms()
        return tuple(self._judged(one, now, is_own=one.id in own) for one in (kept | own).values())

    def clear(self) -> bool:
        """Forget all requests but those under way; False when the disk keeps some."""
        removed = self._file is None or self._file.clear()
        with self._lock:
            running = [one for one in self._entries if one.so_far().ending is Ending.UNDER_WAY]
            self._entries.clear()
            self._entries.extend(running)
        for one in running:
            self._keep(one.so_far())
        return removed

    def _keep(self, request: LoggedRequest) -> None:
        if self._file is not None:
            self._file.append(request)

    def _judged(self, request: LoggedRequest, now_ms: int, *, is_own: bool) -> LoggedRequest:
        """What is said of a request that has no end noted."""
        if request.ending is not Ending.UNDER_WAY:
            return request
        if not is_own:
            return replace(request, ending=Ending.UNKNOWN)
        if not request.status and now_ms - request.time_ms > _LONGEST_WAIT_MS:
            return replace(request, ending=Ending.BROKEN)
        return request


class RunningRequest:
    """A request whose answer may still be arriving. One thread at a time writes to it."""

    def __init__(self, request: LoggedRequest, ended: Callable[[LoggedRequest], None]) -> None:
        self._request = request
        self._ended = ended
        self.status = 0
        self.received_bytes = 0

    def so_far(self) -> LoggedRequest:
        """The request as it stands."""
        return replace(self._request, status=self.status, received_bytes=self.received_bytes)

    def end(self, ending: Ending) -> None:
        """Write one line to the log file, and to the list. Only the first end counts."""
        if self._request.ending is not Ending.UNDER_WAY:
            return
        self._request = replace(self._request, ending=ending)
        one = self.so_far()
        log.info(
            "%s: %s %s%s -> %d, %d bytes, %s",
            one.purpose, one.method, one.host, one.path, one.status, one.received_bytes, ending,
        )  # fmt: skip
        self._ended(one)
