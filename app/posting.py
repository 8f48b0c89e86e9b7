"""The one way onto the state thread, and delayed calls that arrive there too.

All state in ``app`` is touched on one thread. Other threads hand a callable to a ``Post``.
"""

import heapq
import itertools
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Callback = Callable[[], None]
Post = Callable[[Callback], None]


class CallbackQueue:
    """A ``Post`` for programs without an event loop: callbacks wait until they are run."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Callback] = queue.SimpleQueue()

    def post(self, callback: Callback) -> None:
        """Append ``callback``; any thread may call this."""
        self._queue.put(callback)

    def run_until(self, done: Callable[[], bool], timeout: float | None = None) -> bool:
        """Run callbacks on this thread until ``done()``; False when ``timeout`` seconds passed."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not done():
            wait = 0.25 if deadline is None else min(0.25, deadline - time.monotonic())
            if wait <= 0:
                return False
            try:
                callback = self._queue.get(timeout=wait)
            except queue.Empty:
                continue
            callback()
        return True


@dataclass(order=True, slots=True)
class _Entry:
    due: float
    number: int
    callback: Callback = field(compare=False)
    cancelled: bool = field(default=False, compare=False)


class Delayed:
    """A call that has not happened yet."""

    def __init__(self, entry: _Entry) -> None:
        self._entry = entry

    def cancel(self) -> None:
        """Forget the call; harmless when it already happened."""
        self._entry.cancelled = True


class Scheduler:
    """Posts callbacks after a delay, from one thread of its own."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._heap: list[_Entry] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)
        self._thread.start()

    def call_later(self, seconds: float, callback: Callback) -> Delayed:
        """Post ``callback`` after ``seconds``; the result can cancel it until it runs."""
        entry = _Entry(time.monotonic() + seconds, next(self._numbers), callback)
        with self._changed:
            heapq.heappush(self._heap, entry)
            self._changed.notify()
        return Delayed(entry)

    def close(self) -> None:
        """Forget everything that waits and end the thread."""
        with self._changed:
            self._closed = True
            self._heap.clear()
            self._changed.notify()
        self._thread.join(timeout=2)

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                now = time.monotonic()
                if not self._heap or self._heap[0].due > now:
                    self._changed.wait(self._heap[0].due - now if self._heap else None)
                    continue
                entry = heapq.heappop(self._heap)
            self._post(lambda entry=entry: None if entry.cancelled else entry.callback())  # type: ignore[misc]
