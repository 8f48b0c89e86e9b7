"""Errors of the storage room.

KnownError
└── StorageError   a database file could not be opened, read or written; ``code`` says why:
                   storage.newer, .older, .not_migrated, .damaged, .read_only, .disk_full,
                   .busy, .io, .folder, .closed, or general.unexpected (a fault of ours)
"""

from models.errors import KnownError


class StorageError(KnownError):
    """A database file could not be opened, read or written; it is as it was before."""
