"""A worker process as threads see it: spawn it, write frames, hand on what it says.

No decisions are made here; ``client`` makes them on the state thread.
"""

import contextlib
import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from app.engine.protocol import FromWorker, ProtocolError, ToWorker, encode, read_from_worker
from app.engine.worker import ENGINE_OPTION
from app.posting import Post

WORKER_NICENESS = 5
"""Below normal, so that the window stays smooth while every core computes."""

_KEPT_VARIABLES = (
    "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV", "USERPROFILE",
    # Where graphics drivers look for themselves, which cards they show, and their caches.
    "CUDA_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "CUDA_CACHE_PATH", "VULKAN_SDK",
    "VK_DRIVER_FILES", "VK_ICD_FILENAMES", "GGML_VK_VISIBLE_DEVICES", "XDG_CACHE_HOME",
    "XDG_DATA_DIRS", "LOCALAPPDATA",
)  # fmt: skip

log = logging.getLogger("moestro.worker")
engine_log = logging.getLogger("moestro.engine")


def worker_command(engine_folder: Path | None = None) -> list[str]:
    """The command that starts this program as a worker, frozen or from a checkout.

    The worker takes the engine in ``engine_folder``; None is this environment's own.
    """
    engine = [] if engine_folder is None else [ENGINE_OPTION, str(engine_folder)]
    if getattr(sys, "frozen", False):
        return [sys.executable, "--worker", *engine]
    main = Path(__file__).resolve().parent.parent.parent / "main.py"
    return [sys.executable, "-X", "faulthandler", str(main), "--worker", *engine]


def worker_environment() -> dict[str, str]:
    """A short list of variables: no tokens, no proxies, no debugger started by an abort."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    fixed = {
        "GGML_NO_BACKTRACE": "1",
        # How long a compute thread spins at a barrier before it sleeps. With the library's own
        # 300,000, two busy programs on two cores leave 6.5 tokens/s; with this, 22.8. On quiet
        # cores both are alike (112 and 115). Sleeping at once ("passive") costs two thirds of
        # the quiet speed. See docs/benchmarks.md.
        "GOMP_SPINCOUNT": "5000",
        "PYTHONUTF8": "1",
    }
    return {**kept, **fixed}


class WorkerPipes:
    """One process with its three pipes; every callback arrives through ``post``."""

    def __init__(
        self,
        command: Sequence[str],
        post: Post,
        on_message: Callable[[FromWorker], None],
        on_end: Callable[[int, str], None],
    ) -> None:
        self._post = post
        self._on_message = on_message
        self._on_end = on_end
        self._nonsense = ""
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=worker_environment(),
            # Out of reach of Ctrl+C in a terminal, but in the same session: Linux weighs
            # priorities only among the processes of one session.
            process_group=0 if os.name == "posix" else None,
        )
        self._lower_priority()
        self._stderr_reader = self._thread(self._read_stderr, "worker-log")
        self._thread(self._write, "worker-writer")
        self._thread(self._read, "worker-reader")

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def send(self, message: ToWorker) -> None:
        """Queue a frame; never blocks. Raises ProtocolError when it is too large."""
        self._outbox.put(encode(message))

    def close(self) -> None:
        """Close the worker's input: it exits by itself."""
        self._outbox.put(None)

    def kill(self) -> None:
        """End the process at once; ``on_end`` follows."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the process; False when it still runs."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _thread(self, target: Callable[[], None], name: str) -> threading.Thread:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        return thread

    def _lower_priority(self) -> None:
        # Set from outside before the worker has threads of its own: they inherit it.
        with contextlib.suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, WORKER_NICENESS)

    def _write(self) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        with contextlib.suppress(OSError):
            while (frame := self._outbox.get()) is not None:
                stdin.write(frame)
                stdin.flush()
        with contextlib.suppress(OSError):
            stdin.close()

    def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        try:
            for message in read_from_worker(stdout):  # type: ignore[arg-type]
                self._post(lambda message=message: self._on_message(message))  # type: ignore[misc]
        except (ProtocolError, OSError) as error:
            log.error("worker %d spoke nonsense: %s", self.pid, error)
            self._nonsense = str(error)
            self.kill()
        self._stderr_reader.join(timeout=1)
        code = self._process.wait()
        self._outbox.put(None)
        stdout.close()
        self._post(lambda: self._on_end(code, self._nonsense))

    def _read_stderr(self) -> None:
        stderr = self._process.stderr
        assert stderr is not None
        with stderr:
            while line := stderr.readline(4096):
                text = line.decode("utf-8", "replace").rstrip()
                engine_log.log(_level_of(text), "%s", text)


def _level_of(line: str) -> int:
    """The level that the worker put before the line ("E ", "W ", "I ")."""
    return {"E": logging.ERROR, "W": logging.WARNING}.get(line[:1], logging.INFO)
