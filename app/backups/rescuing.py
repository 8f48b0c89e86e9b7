"""A damaged file that lies somewhere: what can be read of it becomes a backup to restore from."""

from pathlib import Path

from app.backups.errors import BackupError
from app.backups.mending import mend_history
from app.paths import DataPaths
from app.storage.backup_files import BackupFile, Reason, list_backups, next_backup
from app.storage.copies import copy_is_sound, finish_file, unix_now
from app.storage.migrations import Migrations
from app.storage.salvage import Salvaged, salvage
from models.naming import shorten

_DONORS = 3


def salvage_file(
    paths: DataPaths, damaged: Path, migrations: Migrations
) -> tuple[BackupFile, Salvaged]:
    """Save every row of ``damaged`` that can be read; ``damaged`` itself is not changed.

    Raises BackupError (backup.unknown, .nothing_saved, .io) and StorageError.
    """
    if not damaged.is_file():
        raise BackupError("backup.unknown", name=shorten(damaged.name))
    stem = paths.history.stem
    part: Path | None = None
    try:
        paths.backups.mkdir(mode=0o700, parents=True, exist_ok=True)
        newest = list_backups(paths.backups, stem)[:_DONORS]
        donors = [each.path for each in newest if copy_is_sound(each.path)]
        target = next_backup(paths.backups, stem, Reason.REPAIR, unix_now())
        part = target.with_name(target.name + ".part")
        saved = salvage(damaged, part, migrations, mend_history, donors)
        if not saved.saved_rows:
            raise BackupError("backup.nothing_saved", name=shorten(damaged.name))
        finish_file(part, target)
    except OSError as error:
        raise BackupError("backup.io", name=shorten(damaged.name)) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
    files = list_backups(paths.backups, stem)
    return next(each for each in files if each.path == target), saved
