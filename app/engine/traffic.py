"""What the worker's threads share: the way out, and which requests were cancelled."""

import os
import threading

from app.engine.hooks import CancelFlag
from app.engine.protocol import FromWorker, encode


class Outbox:
    """Writes frames, one thread at a time; the end of the pipe is the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, message: FromWorker) -> None:
        """Write ``message`` completely."""
        frame = memoryview(encode(message))
        with self._lock:
            try:
                while frame:
                    frame = frame[os.write(self._descriptor, frame) :]
            except OSError:
                os._exit(0)


class Requests:
    """Which requests are under way, and which of them were cancelled. Any thread may ask."""

    def __init__(self, flag: CancelFlag) -> None:
        self._flag = flag
        self._lock = threading.Lock()
        self._cancelled: dict[int, bool] = {}
        self._running: int | None = None

    def begin(self, request: int) -> None:
        """A request arrived."""
        with self._lock:
            self._cancelled[request] = False

    def run(self, request: int) -> None:
        """The engine turns to a request: from now on the flag is its."""
        with self._lock:
            self._running = request
            if self._cancelled.get(request):
                self._flag.set()
            else:
                self._flag.clear()

    def cancel(self, request: int) -> None:
        """Stop a request; one that is over, or never was, is no concern."""
        with self._lock:
            if request in self._cancelled:
                self._cancelled[request] = True
                if self._running == request:
                    self._flag.set()

    def end(self, request: int) -> None:
        """A request is over."""
        with self._lock:
            self._cancelled.pop(request, None)
            if self._running == request:
                self._running = None
