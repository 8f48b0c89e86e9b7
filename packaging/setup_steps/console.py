"""Shows each step while it runs, keeps what its tools say in a log, and stops them cleanly."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from setup_steps.problem import SetupProblem

TAIL_LINES = 12
COUNTED = re.compile(rb"^ *\[(\d+)/(\d+)\]", re.M)
COUNTED_BYTES = 1 << 16
# They would send a child's imports or installations somewhere else.
FOREIGN_VARIABLES = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's variables without those that would redirect a child, plus ``extra``."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN_VARIABLES}
    return {**kept, "PIP_USER": "0", "PIP_NO_INPUT": "1", **(extra or {})}


def in_words(seconds: float) -> str:
    """A duration as people write it."""
    whole = round(seconds)
    return f"{whole} s" if whole < 100 else f"{whole // 60} min {whole % 60:02d} s"


class Console:
    """Tells a person what is happening. Output goes to stderr: stdout belongs to the program.

    ``progress`` gets one JSON object a line, for a program that started this set-up: the phase
    with its fraction, or the problem that ended it.
    """

    def __init__(
        self, log: Path, out: TextIO | None = None, progress: TextIO | None = None
    ) -> None:
        self._log = log
        self._out = out or sys.stderr
        self._progress = progress
        self._phase = ""
        self._live = self._out.isatty()
        self._title = ""
        self._started = 0.0
        # Children hold the set-up's lock too: one left behind keeps the next set-up waiting.
        self.inherited: tuple[int, ...] = ()

    def say(self, text: str) -> None:
        """Print one line."""
        print(text, file=self._out, flush=True)

    def complain(self, text: str) -> None:
        """Say what ended the set-up."""
        self.say(text)
        self._tell(problem=text)

    def start_log(self) -> None:
        """Begin a new log, which must not belong to another set-up that is running."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._log.write_bytes(b"")

    @contextmanager
    def step(self, what: str, usually: str = "", phase: str = "") -> Iterator[None]:
        """Show ``what`` while the block runs, then how long it took."""
        self._phase = phase
        self._tell_fraction(0.0)
        self._title = f"{what}, usually {usually} …" if usually else f"{what} …"
        self._started = time.monotonic()
        self._note(f"=== {what}\n")
        print(self._title, end="" if self._live else "\n", file=self._out, flush=True)
        try:
            yield
        except BaseException:
            if self._live:
                self.say("")
            raise
        took = in_words(time.monotonic() - self._started)
        self.say(f"\r{self._title} {took}" if self._live else f"  done in {took}")

    def run(
        self,
        command: Sequence[str | Path],
        problem: str,
        *,
        extra: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        """Run a tool to its end, its output in the log; ``problem`` is said if it fails."""
        self._note(f"$ {' '.join(str(part) for part in command)}\n")
        begin = self._log.stat().st_size
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=clean_environment(extra),
                cwd=cwd,
                # Its own group: Ctrl+C comes to us alone, and we end the whole tree below it.
                start_new_session=True,
                pass_fds=self.inherited if sys.platform != "win32" else (),
            )
            try:
                code = self._wait(process, begin)
            except BaseException:
                _end_tree(process)
                raise
        if code != 0:
            raise SetupProblem(self._sentence(problem, begin), self._tail(begin))

    def _wait(self, process: "subprocess.Popen[bytes]", begin: int) -> int:
        while True:
            try:
                return process.wait(timeout=1.0)
            except subprocess.TimeoutExpired:
                if self._progress is not None:
                    self._tell_fraction(self._counted_since(begin))
                if self._live:
                    took = in_words(time.monotonic() - self._started)
                    print(f"\r{self._title} {took}", end="", file=self._out, flush=True)

    def _counted_since(self, begin: int) -> float:
        """How far the build is, by the last "[done/total]" that it wrote."""
        with self._log.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(max(begin, end - COUNTED_BYTES))
            found = COUNTED.findall(log.read())
        return int(found[-1][0]) / max(1, int(found[-1][1])) if found else 0.0

    def _tell_fraction(self, fraction: float) -> None:
        if self._phase:
            self._tell(phase=self._phase, fraction=round(fraction, 3))

    def _tell(self, **words: object) -> None:
        # A reader that is gone ends the set-up here, and with it everything that it started.
        if self._progress is not None:
            print(json.dumps(words), file=self._progress, flush=True)

    def _sentence(self, problem: str, begin: int) -> str:
        if "No space left on device" in self._said_since(begin):
            return "The disk is full; free 3 GB, then run the same command again."
        return f"{problem} The whole log is {self._log}."

    def _said_since(self, begin: int) -> str:
        with self._log.open("rb") as log:
            log.seek(begin)
            return log.read().decode("utf-8", "replace")

    def _tail(self, begin: int) -> str:
        lines = [line for line in self._said_since(begin).splitlines() if line.strip()]
        return "\n".join(lines[-TAIL_LINES:])

    def _note(self, text: str) -> None:
        with self._log.open("ab") as log:
            log.write(text.encode("utf-8", "replace"))


def _end_tree(process: "subprocess.Popen[bytes]") -> None:
    """End a tool and everything it started; compilers get a moment to remove half files."""
    if sys.platform == "win32":
        process.kill()
        process.wait()
        return
    for number, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=patience)
            # The tool is gone; what it started may outlive a polite request.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            return
