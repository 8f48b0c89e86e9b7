"""Errors of the export room.

KnownError
└── ExportError         a file could not be written: export.exists, export.no_folder,
    │                   export.not_allowed, export.disk_full, export.io; or there is nothing to
    │                   write, or not in this way: export.nothing, export.one_file, export.mirror_…
    └── ExportCancelled somebody wanted it: export.cancelled
"""

from models.errors import KnownError


class ExportError(KnownError):
    """A file could not be written; what was there before is untouched."""


class ExportCancelled(ExportError):  # noqa: N818 - somebody wanted it
    """The export was given up; nothing was written."""

    def __init__(self) -> None:
        super().__init__("export.cancelled")
