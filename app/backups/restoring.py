"""An earlier state back in use: made ready beside the data of now, which is backed up first."""

from app.backups.describing import BackupContents, refuse_newer, verify
from app.backups.errors import BackupError
from app.paths import DataPaths
from app.storage.backup_files import BackupFile
from app.storage.copies import copy_database
from app.storage.replacing import has_waiting, preparing
from models.naming import shorten


def restore(paths: DataPaths, backup: BackupFile) -> BackupContents:
    """Make a checked copy of ``backup`` wait to take the history's place at the next opening.

    That opening needs the instance lock, and keeps a copy of the history now in ``backups``
    before. May be called while a window runs; the backup itself stays.
    Raises BackupError backup.damaged, .newer or .io, and StorageError; nothing was changed then.
    """
    contents = verify(backup)
    refuse_newer(backup.path, backup.name)
    try:
        with preparing(paths.history) as part:
            copy_database(backup.path, part, source_is_copy=True)
    except OSError as error:
        raise BackupError("backup.io", name=shorten(backup.name)) from error
    return contents


def is_waiting(paths: DataPaths) -> bool:
    """Whether a restored history will be used at the next start."""
    return has_waiting(paths.history)
