"""What killed programs left beside their exports: found by a lock that died with them."""

import contextlib
import os
import shutil
import sys
import time
from pathlib import Path

if sys.platform != "win32":
    import fcntl

_STALE_SECONDS = 24 * 3600
"""Where nothing tells whether somebody is still writing."""


def hold(descriptor: int) -> None:
    """Say that somebody is writing this file, or into this folder, until it is closed."""
    if sys.platform != "win32":
        # A disk without locks: then age tells.
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def remove_left(folder: Path, beginning: str) -> None:
    """Remove files and folders that begin so and that nobody is writing. Raises nothing."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        left = [Path(each.path) for each in entries if each.name.startswith(beginning)]
        for path in left:
            _remove_if_left(path)


def _remove_if_left(path: Path) -> None:
    with contextlib.suppress(OSError):
        if not _is_held(path):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def _is_held(path: Path) -> bool:
    """Whether a program still has it open. Raises OSError."""
    if sys.platform == "win32":
        return time.time() - path.stat().st_mtime < _STALE_SECONDS
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return time.time() - path.stat().st_mtime < _STALE_SECONDS
    finally:
        os.close(descriptor)
    return False
