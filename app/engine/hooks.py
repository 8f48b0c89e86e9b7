"""What native code looks at or calls while it runs: a byte that stops it, and its log."""

import ctypes
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

_MARKS = {2: b"I ", 3: b"W ", 4: b"E "}
"""Levels that are written; debugging and the dots of progress are not."""
_ERROR = 4


class CancelFlag:
    """One byte that native code reads between two operations without needing Python.

    The C library's ``strlen`` on a buffer of two bytes gives 0 or 1: exactly an abort callback,
    and it costs nothing where a callback written in Python would wait for the interpreter.
    """

    def __init__(self) -> None:
        self._bytes = ctypes.create_string_buffer(2)
        library = ctypes.CDLL("msvcrt" if sys.platform == "win32" else None)
        self.reader = library.strlen
        """Native function to call with ``address``."""
        self.address = ctypes.addressof(self._bytes)

    def set(self) -> None:
        """Abort what is being computed, and whatever is asked next."""
        self._bytes[0] = b"\x01"

    def clear(self) -> None:
        """Let the next request run."""
        self._bytes[0] = b"\x00"

    def is_set(self) -> bool:
        """Whether something asked to stop."""
        return self._bytes[0] != b"\x00"


class EngineLog:
    """Writes llama.cpp's messages line by line with their level, and keeps the last errors."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._errors: deque[str] = deque(maxlen=12)
        self.callback: Any = None
        """The native function that calls ``receive``: kept here so that it lives as long."""
        self.watch: Callable[[str], None] | None = None
        """Told every line, those for debugging too, on whatever thread it comes from."""

    def forget(self) -> None:
        """Begin a new step: earlier errors have nothing to do with it."""
        self._errors.clear()

    @property
    def errors(self) -> str:
        """The last errors, one a line."""
        return "\n".join(self._errors)

    def receive(self, level: int, text: bytes | None, _data: Any) -> None:
        """Take a message; called by native code from any thread."""
        mark, watch = _MARKS.get(level), self.watch
        if not text or (mark is None and watch is None):
            return
        for line in text.splitlines():
            if watch is not None:
                watch(line.decode("utf-8", "replace"))
            if mark is not None and line.strip():
                self._write(mark + line + b"\n")
                if level == _ERROR:
                    self._errors.append(line.decode("utf-8", "replace"))
