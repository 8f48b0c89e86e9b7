"""Builds an engine in a child process: the set-up's own step, its progress read line by line.

The child ends itself and its compilers when it is asked to, and when nobody reads it any more.
"""

import json
import logging
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.engine.errors import EngineError
from app.posting import Post
from models.errors import KnownError
from models.naming import shorten

PATIENCE_SECONDS = 15.0
"""Between asking the set-up to stop, which ends its compilers first, and ending it."""

_SENTENCE_CHARACTERS = 400
_LOGGED_LINES = 12

log = logging.getLogger("moestro.builds")

Progress = Callable[[str, float], None]
"""Phase (examine, download, build, install or try) and how much of it is done, 0 to 1."""


def bootstrap_command(checkout: Path, backend: str) -> list[str]:
    """The command that builds an engine for the environment that runs this program."""
    script = checkout / "packaging" / "bootstrap.py"
    own = ["--python", sys.executable, "--progress"]
    return [sys.executable, str(script), "engine", "--backend", backend, *own]


class BuildProcess:
    """One build under way. Callbacks arrive through ``post``; exactly one of the last two."""

    def __init__(
        self,
        command: Sequence[str],
        shown_backend: str,
        post: Post,
        progress: Progress,
        done: Callable[[], None],
        failed: Callable[[KnownError], None],
    ) -> None:
        """Start it. Raises OSError when the process cannot be started."""
        self._backend = shown_backend
        self._post = post
        self._progress = progress
        self._done = done
        self._failed = failed
        self._problem = ""
        self._cancelled = False
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._said: deque[str] = deque(maxlen=_LOGGED_LINES)
        self._listener = self._thread(self._listen, "build-log")
        self._thread(self._read, "build-reader")

    @property
    def pid(self) -> int:
        """Process id of the set-up."""
        return self._process.pid

    def cancel(self) -> None:
        """Stop the build; ``failed`` follows with a sentence that says so. Harmless when over."""
        self._cancelled = True
        self._process.terminate()
        timer = threading.Timer(PATIENCE_SECONDS, self._process.kill)
        timer.daemon = True
        timer.start()

    def close(self) -> None:
        """End the build with the application: nothing is called back any more."""
        self._progress, self._done, self._failed = _quiet_progress, _quiet, _quiet_failure
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE_SECONDS)
            return
        self._process.kill()

    def _thread(self, target: Callable[[], None], name: str) -> threading.Thread:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        return thread

    def _listen(self) -> None:
        stderr = self._process.stderr
        assert stderr is not None
        with stderr:
            while line := stderr.readline(4096):
                self._said.append(line.decode("utf-8", "replace").rstrip())

    def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        with stdout:
            while line := stdout.readline(65536):
                self._heard(line)
        code = self._process.wait()
        self._listener.join(timeout=1)
        if code and not self._cancelled:
            log.warning("building %s ended with %d: %s", self._backend, code, list(self._said))
        self._post(lambda: self._end(code))

    def _heard(self, line: bytes) -> None:
        try:
            words: Any = json.loads(line)
            if "problem" in words:
                self._problem = shorten(str(words["problem"]), _SENTENCE_CHARACTERS)
                return
            phase, fraction = str(words["phase"]), float(words["fraction"])
        except (ValueError, KeyError, TypeError):
            return  # something that a tool printed
        self._post(lambda: self._progress(phase, fraction))

    def _end(self, code: int) -> None:
        if code == 0:
            self._done()
        elif self._cancelled:
            self._failed(EngineError("builds.stopped"))
        elif self._problem:
            self._failed(EngineError("builds.told", problem=self._problem))
        else:
            self._failed(EngineError("builds.ended", backend=self._backend))


def _quiet_progress(_phase: str, _fraction: float) -> None:
    pass


def _quiet() -> None:
    pass


def _quiet_failure(_error: KnownError) -> None:
    pass
