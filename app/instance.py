"""One window per data folder: a lock that the kernel frees when its process dies."""

from pathlib import Path

import filelock

from app.errors import DataFolderError
from models.naming import shorten

_ATTEMPTS = 3


class InstanceLock:
    """Held by the window while it runs. Also taken by whatever must be alone in the folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # Not per thread: the lock belongs to the process, and shutting down may release it
        # from another thread than the one that took it.
        self._lock = filelock.FileLock(path, mode=0o600, thread_local=False)

    def acquire(self) -> bool:
        """Take the lock at once; False when another process holds it.

        Raises:
            DataFolderError: the lock file cannot be made in this folder.
        """
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return self._try()
        except (OSError, NotImplementedError) as error:
            raise DataFolderError(
                "data.lock_not_usable", path=shorten(str(self._path)), detail=str(error)
            ) from error

    def _try(self) -> bool:
        for _ in range(_ATTEMPTS):
            try:
                self._lock.acquire(blocking=False)
            except filelock.Timeout:
                # Also said when the holder removed its file at this very moment, and by
                # places where no file can be made: only a file that is there is held.
                if self._path.exists():
                    return False
            else:
                return True
        raise FileNotFoundError(str(self._path))

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        self._lock.release(force=True)
