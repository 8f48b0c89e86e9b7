"""The order of the steps, when they may be left out, and what follows them."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TextIO

from setup_steps.checks import run_checks
from setup_steps.console import Console
from setup_steps.engine import Engine
from setup_steps.environment import UNFINISHED, ensure_environment
from setup_steps.gpu import BACKENDS, GpuEngine
from setup_steps.identity import stamp
from setup_steps.locking import setup_lock
from setup_steps.places import Places, cache_folder
from setup_steps.problem import SetupProblem
from setup_steps.starter import SHA256, ensure_starter, looks_present
from setup_steps.system import ensure_room, ensure_system, lacks_display, opens_window

NO_DISPLAY = (
    "There is no display to open a window on. In the terminal: "
    'python3 packaging/bootstrap.py run ask "…"'
)


class Procedure:
    """What the commands do in one checkout."""

    def __init__(
        self, root: str | Path, cache: Path | None = None, progress: TextIO | None = None
    ) -> None:
        self._places = Places(Path(root), cache or cache_folder())
        self._console = Console(self._places.log, progress=progress)
        self._engine = Engine(self._console, self._places)

    def run(self, arguments: Sequence[str]) -> int:
        """Set up what is missing and become ``main.py``; the exit code."""
        backend, arguments = split_backend(arguments)
        if backend not in ("", *BACKENDS):
            return self._unknown(backend)
        if opens_window(arguments) and lacks_display(os.environ, sys.platform):
            self._console.say(NO_DISPLAY)
            return 1
        return self._guarded(lambda: self._start(arguments, backend))

    def test(self, arguments: Sequence[str]) -> int:
        """Set up what is missing and run the checks; the exit code."""
        return self._guarded(lambda: self._check(arguments))

    def engine(self, backend: str, python: str = "") -> int:
        """Build and try the engine of a backend, and nothing else; the exit code.

        ``python`` is the interpreter of an environment that is set up already; without one the
        checkout's own is set up first.
        """
        if backend not in BACKENDS:
            return self._unknown(backend)
        return self._guarded(lambda: self._make_gpu_engine(backend, python))

    def stamp_of(self, purpose: str) -> str:
        """The name of a finished set-up for this purpose, on this machine, in this folder."""
        places = self._places
        python = f"{sys.version_info[0]}.{sys.version_info[1]}"
        locks = [places.run_lock, *([places.test_lock] if purpose == "test" else [])]
        scripts = sorted(places.packaging.glob("setup_steps/*.py"))
        # The engine's key speaks for the system, the machine and its processor.
        words = [str(places.root), python, self._engine.key, SHA256]
        return stamp(words, [*locks, *scripts])

    def is_ready(self, purpose: str) -> bool:
        """Whether nothing is to be done; quick, for every start."""
        places = self._places
        try:
            found = self._stamp_file(purpose).read_text(encoding="utf-8")
        except OSError:
            return False
        return (
            found == self.stamp_of(purpose)
            and places.python.exists()
            and not (places.venv / UNFINISHED).exists()
            and looks_present(places)
            and (purpose == "run" or places.engine_source.exists())
        )

    def _start(self, arguments: Sequence[str], backend: str) -> int:
        self._ensure("run")
        if backend:
            self._offer_gpu_engine(backend)
        command = [str(self._places.python), str(self._places.root / "main.py"), *arguments]
        if sys.platform == "win32":  # there, exec would return to the prompt at once
            return subprocess.run(command, check=False).returncode
        os.execv(command[0], command)

    def _offer_gpu_engine(self, backend: str) -> None:
        """Have this engine too; whatever keeps it away is said, and Moestro opens all the same."""
        if GpuEngine(self._console, self._places, backend, self._places.python).ready():
            return
        try:
            self._make_gpu_engine(backend, "")
        except SetupProblem as problem:
            if problem.details:
                self._console.say(f"\n{problem.details}\n")
            self._console.say(f"{problem.sentence} Moestro opens with the ordinary engine.")

    def _make_gpu_engine(self, backend: str, python: str) -> int:
        if not python:
            self._ensure("run")
        with setup_lock(self._places.cache / "setup.lock", self._console):
            self._console.start_log()
            interpreter = Path(python) if python else self._places.python
            GpuEngine(self._console, self._places, backend, interpreter).ensure()
        return 0

    def _unknown(self, backend: str) -> int:
        self._console.complain(
            f"“{backend}” is no backend; write one of {', '.join(BACKENDS)} after --backend."
        )
        return 2

    def _check(self, arguments: Sequence[str]) -> int:
        self._ensure("test")
        return run_checks(self._places, arguments)

    def _ensure(self, purpose: str) -> None:
        if self.is_ready(purpose):
            return
        places, console = self._places, self._console
        with setup_lock(places.cache / "setup.lock", console):
            if self.is_ready(purpose):  # the other set-up may have been for us
                return
            console.start_log()
            console.say("Setting Moestro up; this happens once.")
            compiling = not self._engine.installed() and self._engine.cached_wheel() is None
            if compiling:
                ensure_room([places.root, places.cache])
            ensure_system(console, compiling=compiling)
            lock = places.test_lock if purpose == "test" else places.run_lock
            ensure_environment(console, places, lock)
            self._engine.ensure_installed()
            ensure_starter(console, places)
            if purpose == "test":
                self._engine.ensure_test_source()
                self._stamp_file("test").write_text(self.stamp_of("test"), encoding="utf-8")
            # What is ready for the tests is ready to run as well.
            self._stamp_file("run").write_text(self.stamp_of("run"), encoding="utf-8")

    def _stamp_file(self, purpose: str) -> Path:
        return self._places.venv / f"ready-to-{purpose}"

    def _guarded(self, action: Callable[[], int]) -> int:
        """Run ``action``; whatever ends it early is told in words."""
        _interrupt_on_hangup()
        try:
            return action()
        except SetupProblem as problem:
            if problem.details:
                self._console.say(f"\n{problem.details}\n")
            self._console.complain(problem.sentence)
            return 1
        except BrokenPipeError:
            return 1  # whoever watched the progress is gone
        except OSError as error:
            self._console.complain(
                f"{error.filename or 'A file'} could not be used ({error.strerror}); "
                "put that right, then run the same command again."
            )
            return 1
        except KeyboardInterrupt:
            self._console.say("\nInterrupted; the same command goes on from here.")
            return 130


def split_backend(arguments: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The backend that stands before the arguments of ``main.py``, and those arguments.

    Empty when none is asked for; an ellipsis when its name is missing.
    """
    if not arguments:
        return "", arguments
    first = arguments[0]
    if first == "--backend":
        return (arguments[1] if len(arguments) > 1 else "…"), arguments[2:]
    if first.startswith("--backend="):
        return first.partition("=")[2] or "…", arguments[1:]
    return "", arguments


def _interrupt_on_hangup() -> None:
    """Treat a closed terminal and a polite end like Ctrl+C, so that tools are ended too."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    if sys.platform != "win32":
        signal.signal(signal.SIGHUP, interrupt)
