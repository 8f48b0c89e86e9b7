"""What the kernel is told of a worker: it goes before the window, its text after its tokens."""

import contextlib
import os
import sys
import threading
from pathlib import Path

_EXPENDABLE = "700"


def be_expendable() -> None:
    """When memory runs out the kernel shall end this process, not the window."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(_EXPENDABLE, encoding="ascii")


def lower_thread_priority(niceness: int) -> None:
    """Linux gives each thread its own priority; elsewhere it is the process's alone."""
    if niceness and sys.platform == "linux":
        with contextlib.suppress(OSError):
            thread = threading.get_native_id()
            current = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, min(19, current + niceness))
