"""Where formats write to: a stream that counts and can be cancelled, or the memory."""

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

from app.export.errors import ExportCancelled
from app.export.files import export_error

Moved = Callable[[int, int], None]
"""Hears how many more messages and bytes are done."""


class StreamSink:
    """Writes to ``stream``. ``path`` is named in what the system complains about."""

    def __init__(
        self,
        stream: IO[bytes],
        path: Path,
        moved: Moved = lambda _messages, _bytes: None,
        cancelled: threading.Event | None = None,
    ) -> None:
        self._stream = stream
        self._path = path
        self._moved = moved
        self._cancelled = cancelled

    def write(self, data: bytes) -> None:
        """Append to the file. Raises ExportError."""
        self._look()
        try:
            self._stream.write(data)
        except BrokenPipeError:
            # Whoever read our output is gone, which is no fault of a disk.
            raise
        except OSError as error:
            raise export_error(error, self._path) from error
        self._moved(0, len(data))

    def step(self, messages: int = 0) -> None:
        """So many more messages are done. Raises ExportCancelled."""
        self._look()
        self._moved(messages, 0)

    def _look(self) -> None:
        if self._cancelled is not None and self._cancelled.is_set():
            raise ExportCancelled


class Enough(Exception):  # noqa: N818 - nothing went wrong
    """A MemorySink has all that was wanted of it."""


class MemorySink:
    """Keeps what is written; at ``most`` bytes it raises Enough, past every format."""

    def __init__(
        self, most: int | None = None, cancelled: Callable[[], bool] = lambda: False
    ) -> None:
        self._kept = io.BytesIO()
        self._most = most
        self._cancelled = cancelled

    @property
    def data(self) -> bytes:
        """What was written, at most ``most`` bytes."""
        whole = self._kept.getvalue()
        return whole if self._most is None else whole[: self._most]

    def write(self, data: bytes) -> None:
        """Append. Raises Enough, ExportCancelled."""
        self.step()
        self._kept.write(data)
        if self._most is not None and self._kept.tell() >= self._most:
            raise Enough

    def step(self, messages: int = 0) -> None:  # noqa: ARG002 - nobody counts
        """Raises ExportCancelled when it is not wanted any more."""
        if self._cancelled():
            raise ExportCancelled
