"""The list of requests that were made: the last thousand, without secrets."""

import logging
import re
import threading
import time
from collections import deque
from dataclasses import dataclass, replace

from models.http_clients import Purpose
from models.naming import shorten

KEPT_REQUESTS = 1000
_PATH_CHARACTERS = 200
_TOKEN = re.compile(r"hf_[A-Za-z0-9]{8,}")

log = logging.getLogger("moestro.network")


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request. Nothing of an address behind its path is kept: it may hold secrets."""

    time_ms: int
    """Unix milliseconds."""
    purpose: Purpose
    method: str
    host: str
    path: str
    status: int = 0
    """0 while, or because, nothing was answered."""
    received_bytes: int = 0
    """Of bodies, as they came over the wire."""


class RequestLog:
    """Any thread may write and read; the oldest requests make room."""

    def __init__(self, kept: int = KEPT_REQUESTS) -> None:
        self._entries: deque[RunningRequest] = deque(maxlen=kept)
        self._lock = threading.Lock()

    def begin(self, purpose: Purpose, method: str, host: str, path: str) -> "RunningRequest":
        """Note a request that is about to be sent."""
        path = shorten(_TOKEN.sub("hf_…", path), _PATH_CHARACTERS)
        running = RunningRequest(
            LoggedRequest(time.time_ns() // 1_000_000, purpose, method, shorten(host, 100), path)
        )
        with self._lock:
            self._entries.append(running)
        return running

    def entries(self) -> tuple[LoggedRequest, ...]:
        """All that is kept, the oldest first."""
        with self._lock:
            return tuple(running.so_far() for running in self._entries)


class RunningRequest:
    """A request whose answer may still be arriving. One thread at a time writes to it."""

    def __init__(self, request: LoggedRequest) -> None:
        self._request = request
        self.status = 0
        self.received_bytes = 0

    def so_far(self) -> LoggedRequest:
        """The request as it stands."""
        return replace(self._request, status=self.status, received_bytes=self.received_bytes)

    def end(self) -> None:
        """Write one line to the log file."""
        one = self._request
        log.info(
            "%s: %s %s%s -> %d, %d bytes",
            one.purpose, one.method, one.host, one.path, self.status, self.received_bytes,
        )  # fmt: skip
