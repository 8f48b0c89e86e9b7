"""Reading files into a staging database by a helper process; this side owns time and the say.

A thread reads what the helper says; callbacks are posted.
"""

import contextlib
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from app.imports.errors import ImportingError
from app.imports.process_protocol import (
    LINE_BYTES,
    FromHelper,
    Reading,
    Refused,
    Request,
    Staged,
    decode_line,
)
from app.imports.report import ReadingSoFar
from app.posting import Delayed, Post, Scheduler
from models.errors import KnownError

log = logging.getLogger("moestro.imports")

RESERVE_BYTES = 500_000_000
"""What a staging file leaves free on the disk."""

_GRACE_SECONDS = 0.5
"""How long an end that this side decided on may take before it is told all the same."""

_KEPT_VARIABLES = (
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImportLimits:
    """What the helper may take; seconds."""

    silence: float = 180.0
    """Between two signs of life: even a value of many GB is passed over in that time."""
    whole: float = 6 * 3600.0


def helper_command() -> list[str]:
    """The command that starts this program as an import's helper."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--import"]
    main = Path(__file__).resolve().parent.parent.parent / "main.py"
    return [sys.executable, "-X", "utf8", str(main), "--import"]


class StagingRun:
    """One run of the helper. ``cancel`` may be called at any time, on the state thread."""

    def __init__(
        self,
        paths: Sequence[Path],
        source: str,
        staging: Path,
        post: Post,
        scheduler: Scheduler,
        done: Callable[[Staged], None],
        failed: Callable[[KnownError], None],
        progress: Callable[[ReadingSoFar], None],
        *,
        limits: ImportLimits | None = None,
        command: Callable[[], Sequence[str]] = helper_command,
    ) -> None:
        self._paths = [str(path.absolute()) for path in paths]
        self._source = source
        self._staging = staging
        self._post = post
        self._scheduler = scheduler
        self._done = done
        self._failed = failed
        self._progress = progress
        self._limits = limits or ImportLimits()
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._ended_by = ""
        """Why this side ended it: the code of a sentence."""
        self._last_sign = self._began = time.monotonic()
        self._watch: Delayed | None = None
        self._over = False
        self._thread = threading.Thread(target=self._run, name="import", daemon=True)
        self._thread.start()
        self._schedule_watch()

    def cancel(self) -> None:
        """End it at once; ``failed`` hears ``import.cancelled``."""
        if not self._over:
            self._end("import.cancelled")

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
            self._end("import.hung")
            return
        self._schedule_watch()

    def _end(self, code: str) -> None:
        with self._lock:
            self._ended_by = self._ended_by or code
            if self._process is not None:
                with contextlib.suppress(OSError):
                    self._process.kill()
        error = ImportingError(self._ended_by)
        self._scheduler.call_later(_GRACE_SECONDS, lambda: self._finish(error))

    def _finish(self, result: Staged | KnownError) -> None:
        if self._over:
            return
        self._over = True
        if self._watch is not None:
            self._watch.cancel()
        if isinstance(result, KnownError):
            self._failed(result)
        else:
            self._done(result)

    def _tell(self, reading: Reading) -> None:
        if not self._over and not self._ended_by:
            self._progress(
                ReadingSoFar(
                    reading.files_done, reading.files, reading.conversations, reading.messages
                )
            )

    # --- on the thread of its own --------------------------------------------------------------

    def _run(self) -> None:
        result: Staged | KnownError
        try:
            result = self._stage()
        except KnownError as error:
            result = error
        except Exception:  # the thread's boundary: whoever waits must hear of an end
            log.exception("files could not be imported")
            result = ImportingError("import.unexpected")
        self._post(lambda: self._finish(result))

    def _stage(self) -> Staged:
        free = shutil.disk_usage(self._staging.parent).free
        request = Request(
            str(self._staging),
            self._source,
            self._paths,
            time.time_ns() // 1_000_000,
            max(free - RESERVE_BYTES, 0),
        )
        process = self._start(msgspec.json.encode(request))
        try:
            last = self._listen(process)
        finally:
            with contextlib.suppress(OSError):
                process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
        if self._ended_by:
            raise ImportingError(self._ended_by)
        if isinstance(last, Refused):
            log.info("an import was refused: %s %s", last.code, last.detail)
            raise ImportingError(last.code, **last.facts)
        if last is None:
            log.warning("the helper ended with %s and no last word", process.returncode)
            raise ImportingError("import.helper_died")
        return last

    def _start(self, request: bytes) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        with self._lock:
            if self._ended_by:
                raise ImportingError(self._ended_by)
            process = self._process = subprocess.Popen(
                self._command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**environment, "PYTHONUTF8": "1"},
                process_group=0 if os.name == "posix" else None,
            )
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(request)
        return process

    def _listen(self, process: "subprocess.Popen[bytes]") -> Staged | Refused | None:
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
            if not isinstance(message, Reading):
                return message
            self._post(lambda message=message: self._tell(message))  # type: ignore[misc]
        return None
