"""Errors of the backups room.

KnownError
└── BackupError   a backup could not be made, read or restored; ``code`` says why:
                  backup.unknown, .none, .nothing, .damaged, .not_ours, .newer, .target_exists,
                  .window_open, .nothing_saved, .not_erased or .io
"""

from models.errors import KnownError


class BackupError(KnownError):
    """A backup could not be made, read or restored; what there is stays as it was."""
