"""Errors of the export room.

KnownError
└── ExportError   a file could not be written: export.exists, export.no_folder,
                  export.not_allowed, export.disk_full, export.io
"""

from models.errors import KnownError


class ExportError(KnownError):
    """A file could not be written; what was there before is untouched."""
