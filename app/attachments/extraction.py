"""One file's text, taken out by a helper process; this side owns time, memory and the say.

A thread opens and hashes the file and reads what the helper says; callbacks are posted.
"""

import contextlib
import errno
import hashlib
import logging
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO

import msgspec

from app.attachments.entities import Attachment, Kind, Progress, Section
from app.attachments.errors import AttachmentError
from app.attachments.helper_protocol import (
    LINE_BYTES,
    MOST_CHARACTERS,
    MOST_SECTIONS,
    Extracted,
    FromHelper,
    NoText,
    Piece,
    Reading,
    decode_line,
)
from app.ids import new_id
from app.posting import Delayed, Post, Scheduler
from models.naming import shorten

log = logging.getLogger("moestro.attachments")

MOST_BYTES = 200_000_000
"""A larger file is not read at all."""

_HASHED_AT_ONCE = 1024 * 1024
_GRACE_SECONDS = 0.5
"""How long an end that this side decided on may take before it is told all the same."""

_SECTION_GAP = "\n\n"
_KEPT_VARIABLES = (
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExtractionLimits:
    """What the helper may take; seconds."""

    silence: float = 30.0
    """Between two signs of life: it hangs."""
    whole: float = 900.0


def helper_command(name: str) -> list[str]:
    """The command that starts this program as a helper for a file called ``name``."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--extract", name]
    main = Path(__file__).resolve().parent.parent.parent / "main.py"
    return [sys.executable, "-X", "utf8", str(main), "--extract", name]


@dataclass(slots=True)
class _Heard:
    """What the helper has said of the text so far."""

    parts: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    length: int = 0

    def add(self, piece: Piece) -> None:
        if piece.begins:
            if self.length and piece.gap:
                self._append(_SECTION_GAP)
            self.sections.append(Section(piece.title, self.length, self.length))
        self._append(piece.text)
        if self.sections:
            last = self.sections[-1]
            self.sections[-1] = Section(last.title, last.start, self.length)

    def _append(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)


class Extraction:
    """One file under way. ``cancel`` may be called at any time, on the state thread."""

    def __init__(
        self,
        path: Path,
        post: Post,
        scheduler: Scheduler,
        done: Callable[[Attachment], None],
        failed: Callable[[AttachmentError], None],
        progress: Callable[[Progress], None] = lambda _progress: None,
        *,
        limits: ExtractionLimits | None = None,
        command: Callable[[str], Sequence[str]] = helper_command,
    ) -> None:
        self._path = path
        self._name = shown_file_name(path.name)
        self._post = post
        self._scheduler = scheduler
        self._done = done
        self._failed = failed
        self._progress = progress
        self._limits = limits or ExtractionLimits()
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._ended_by = ""
        """Why this side ended it: the code of a sentence."""
        self._last_sign = self._began = time.monotonic()
        self._watch: Delayed | None = None
        self._over = False
        self._thread = threading.Thread(target=self._run, name="attachment", daemon=True)
        self._thread.start()
        self._schedule_watch()

    @property
    def is_over(self) -> bool:
        """Whether ``done`` or ``failed`` was called."""
        return self._over

    def cancel(self) -> None:
        """End it at once; ``failed`` hears ``attachments.cancelled``."""
        if not self._over:
            self._end("attachments.cancelled")

    def wait(self, seconds: float) -> bool:
        """Wait for its thread and its process to be gone; False when they are not yet."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    # --- on the state thread ---------------------------------------------------------------

    def _schedule_watch(self) -> None:
        interval = min(1.0, self._limits.silence / 4)
        self._watch = self._scheduler.call_later(interval, self._look_at_the_clock)

    def _look_at_the_clock(self) -> None:
        if self._over:
            return
        now = time.monotonic()
        if now - self._last_sign > self._limits.silence or now - self._began > self._limits.whole:
            self._end("attachments.hung")
            return
        self._schedule_watch()

    def _end(self, code: str) -> None:
        with self._lock:
            self._ended_by = self._ended_by or code
            if self._process is not None:
                with contextlib.suppress(OSError):
                    self._process.kill()
        # A disk that answers no more holds the thread, and no signal frees it.
        error = self._error(self._ended_by)
        self._scheduler.call_later(_GRACE_SECONDS, lambda: self._finish(error))

    def _finish(self, result: Attachment | AttachmentError) -> None:
        if self._over:
            return
        self._over = True
        if self._watch is not None:
            self._watch.cancel()
        if isinstance(result, AttachmentError):
            self._failed(result)
        else:
            self._done(result)

    def _tell(self, reading: Reading) -> None:
        if not self._over and not self._ended_by:
            self._progress(Progress(reading.done, reading.total, reading.unit))

    # --- on any thread -----------------------------------------------------------------------

    def _error(self, code: str) -> AttachmentError:
        return AttachmentError(code, name=shorten(self._name))

    # --- on the thread of its own --------------------------------------------------------------

    def _run(self) -> None:
        result: Attachment | AttachmentError
        try:
            result = self._extract()
        except AttachmentError as error:
            result = error
        except Exception:  # the thread's boundary: whoever waits must hear of an end
            log.exception("a file could not be read")
            result = self._error("attachments.unexpected")
        self._post(lambda: self._finish(result))

    def _extract(self) -> Attachment:
        with self._open() as file:
            size = os.fstat(file.fileno()).st_size
            digest = self._hash(file)
            file.seek(0)
            process = self._start(file)
        heard = _Heard()
        try:
            last = self._listen(process, heard)
        finally:
            with contextlib.suppress(OSError):
                process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
        if self._ended_by:
            raise self._error(self._ended_by)
        if isinstance(last, NoText):
            log.info("an attachment gave no text: %s %s", last.code, last.detail)
            raise self._error(last.code)
        if last is None:
            log.warning("the helper ended with %s and no last word", process.returncode)
            raise self._error("attachments.helper_died")
        text = "".join(heard.parts)
        if not text.strip():
            scanned = last.kind is Kind.PDF
            raise self._error("attachments.only_pictures" if scanned else "attachments.empty")
        sections = tuple(heard.sections)
        if len(sections) == 1 and not sections[0].title:
            sections = ()
        return Attachment(
            new_id(), self._name, last.kind, size, digest, text, sections,
            time.time_ns() // 1_000_000,
        )  # fmt: skip

    def _open(self) -> BinaryIO:
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
        # Opening a pipe that nobody writes to would wait for ever.
        flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
        try:
            if self._path.is_dir():
                raise self._error("attachments.folder")
            file = os.fdopen(os.open(self._path, flags), "rb")
        except FileNotFoundError as error:
            raise self._error("attachments.missing") from error
        except (OSError, ValueError) as error:
            log.info("%s", error)
            # No file can have a name that the system finds too long.
            absent = isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG
            code = "attachments.missing" if absent else "attachments.not_readable"
            raise self._error(code) from error
        status = os.fstat(file.fileno())
        code = ""
        if not stat.S_ISREG(status.st_mode):
            code = "attachments.special"
        elif status.st_size == 0:
            code = "attachments.empty"
        elif status.st_size > MOST_BYTES:
            code = "attachments.too_big"
        if code:
            file.close()
            raise self._error(code)
        return file

    def _hash(self, file: BinaryIO) -> str:
        digest = hashlib.sha256()
        while data := file.read(_HASHED_AT_ONCE):
            if self._ended_by:
                raise self._error(self._ended_by)
            digest.update(data)
            self._last_sign = time.monotonic()
        return digest.hexdigest()

    def _start(self, file: BinaryIO) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        with self._lock:
            if self._ended_by:
                raise self._error(self._ended_by)
            # It gets the open file, no path: it needs no right to open anything.
            self._process = subprocess.Popen(
                self._command(self._name),
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**environment, "PYTHONUTF8": "1"},
                process_group=0 if os.name == "posix" else None,
            )
            return self._process

    def _listen(
        self, process: "subprocess.Popen[bytes]", heard: _Heard
    ) -> Extracted | NoText | None:
        """What the helper said last; None when it said nothing that makes sense."""
        stdout: IO[bytes] | None = process.stdout
        assert stdout is not None
        while line := stdout.readline(LINE_BYTES):
            self._last_sign = time.monotonic()
            try:
                message: FromHelper = decode_line(line)
            except (msgspec.DecodeError, RecursionError) as error:
                log.warning("the helper spoke nonsense: %s", error)
                return None
            match message:
                case Reading():
                    self._post(lambda message=message: self._tell(message))  # type: ignore[misc]
                case Piece():
                    heard.add(message)
                    if heard.length > 2 * MOST_CHARACTERS or len(heard.sections) > MOST_SECTIONS:
                        return NoText("attachments.too_long")
                case _:
                    return message
        return None


def shown_file_name(name: str) -> str:
    """A file's name as it is shown and given to a model: short, printable, on one line."""
    return shorten(name, 80) or "file"
