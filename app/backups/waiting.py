"""Thinking better of it: what was restored and still waits for the next start is dropped."""

from app.backups.errors import BackupError
from app.paths import DataPaths
from app.storage.replacing import opening_lock
from models.naming import shorten


def drop_waiting(paths: DataPaths) -> bool:
    """Remove the restored history that waits; False when none does. The history now stays.

    Raises BackupError backup.io and StorageError.
    """
    waiting = paths.history.with_name(paths.history.name + ".waiting")
    # Not while an opening puts it in place.
    with opening_lock(paths.history):
        try:
            waiting.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise BackupError("backup.io", name=shorten(waiting.name)) from error
    return True
