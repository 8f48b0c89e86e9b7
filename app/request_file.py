"""Keeps the list of requests over restarts: lines of JSON, appended, in two files of bounded size.

Each request has a line from before it is sent, and a second one from its end that replaces the
first. Several processes may write at once: each line is one write to the file's end.
"""

import contextlib
import logging
import os
import threading
from pathlib import Path

import filelock
import msgspec

from app.logged_request import LoggedRequest

MAX_FILE_BYTES = 4 * 1024 * 1024
"""Of each of the two files: several thousand requests."""
_HEAD_BYTES = 80
"""So much of a file's begin, an id within it, tells whether it is still the same file."""

log = logging.getLogger("moestro.network")


class RequestFile:
    """``append`` on any thread, the rest on one. Nothing here raises for a disk's sake."""

    def __init__(self, folder: Path, max_bytes: int = MAX_FILE_BYTES) -> None:
        self._file = folder / "requests.jsonl"
        self._older = folder / "requests.1.jsonl"
        self._max_bytes = max_bytes
        self._appending = threading.Lock()
        self._decode = msgspec.json.Decoder(LoggedRequest).decode
        self._records: dict[str, LoggedRequest] = {}
        self._head = b""
        self._offset = 0
        self._told = False

    def append(self, request: LoggedRequest) -> None:
        """Add a line; a disk that takes none loses it, and that is told in the log once."""
        line = msgspec.json.encode(request) + b"\n"
        try:
            with self._appending:
                self._make_room(len(line))
                self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
                descriptor = os.open(self._file, flags, 0o600)
                try:
                    os.write(descriptor, line)
                finally:
                    os.close(descriptor)
        except (OSError, ValueError, NotImplementedError) as error:
            if not self._told:
                self._told = True
                log.warning("the list of requests cannot be written: %s", type(error).__name__)

    def read(self) -> tuple[LoggedRequest, ...]:
        """All that is kept, in the order in which the requests began. Reads only what is new."""
        try:
            with self._file.open("rb") as stream:
                head = stream.read(_HEAD_BYTES)
                size = stream.seek(0, os.SEEK_END)
                if not self._head or not head.startswith(self._head) or size < self._offset:
                    self._begin_again()
                stream.seek(self._offset)
                new = stream.read(max(0, size - self._offset))
        except FileNotFoundError:
            self._begin_again()
        except OSError as error:
            log.warning("the list of requests cannot be read: %s", type(error).__name__)
        else:
            self._head = head
            # A line without its end is being written now.
            whole = new[: new.rfind(b"\n") + 1]
            self._offset += len(whole)
            self._take(whole)
        return tuple(self._records.values())

    def clear(self) -> bool:
        """Forget everything; False when a file could not be removed."""
        removed = True
        with self._appending:
            for path in (self._older, self._file):
                try:
                    path.unlink(missing_ok=True)
                except OSError as error:
                    removed = False
                    log.warning("the list of requests stays: %s", type(error).__name__)
        self._begin_again()
        return removed

    # --- inside ----------------------------------------------------------------------------

    def _make_room(self, more: int) -> None:
        """Begin a new file when this one is full; the one before it goes."""
        if not self._is_full(more):
            return
        lock = filelock.FileLock(self._file.with_suffix(".lock"), mode=0o600)
        with contextlib.suppress(filelock.Timeout), lock.acquire(blocking=False):
            # Another process may have done it just now.
            if self._is_full(more):
                self._file.replace(self._older)

    def _is_full(self, more: int) -> bool:
        try:
            return self._file.stat().st_size + more > self._max_bytes
        except FileNotFoundError:
            return False

    def _begin_again(self) -> None:
        """Another file took the place of the one that was read."""
        self._records = {}
        self._head, self._offset = b"", 0
        with contextlib.suppress(OSError):
            self._take(self._older.read_bytes())

    def _take(self, lines: bytes) -> None:
        for line in lines.splitlines():
            # Damaged lines, and those of other versions, are passed over.
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
                record = self._decode(line)
                self._records[record.id] = record
