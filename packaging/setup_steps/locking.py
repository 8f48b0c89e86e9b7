"""One set-up at a time: they share a cache, and two would undo each other's work."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from setup_steps.console import Console
from setup_steps.problem import SetupProblem


@contextmanager
def setup_lock(path: Path, console: Console) -> Iterator[None]:
    """Hold the kernel's lock on ``path``; it falls with the processes that hold it."""
    with _opened(path) as file:
        if not _take(file, wait=False):
            console.say("Another set-up is running; this one goes on when it is done …")
            _take(file, wait=True)
        console.inherited = (file.fileno(),)
        try:
            yield
        finally:
            console.inherited = ()


def _opened(path: Path) -> BinaryIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("ab")
    except OSError as error:
        raise SetupProblem(
            f"The folder for caches, {path.parent}, cannot be written ({error.strerror}); "
            "set XDG_CACHE_HOME to another one and run the command again."
        ) from error


def _take(file: BinaryIO, *, wait: bool) -> bool:
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        while True:
            try:
                # Tries for ten seconds by itself when it may wait.
                mode = msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK
                msvcrt.locking(file.fileno(), mode, 1)
                return True
            except OSError:
                if not wait:
                    return False
    else:
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
