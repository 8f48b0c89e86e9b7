"""Errors of the library room.

KnownError
├── LibraryError   a model that was asked for is not in the library, or is another one now
└── KeepingError   files cannot be added or removed like this; the model itself is sound
"""

from app.errors import ExitCode
from models.errors import KnownError


class LibraryError(KnownError):
    """The model that was asked for cannot be given."""

    exit_code = ExitCode.BAD_MODEL


class KeepingError(KnownError):
    """Files cannot be added, put somewhere or removed like this."""
