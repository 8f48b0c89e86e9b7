"""Errors of the library room.

KnownError
└── LibraryError   a model that was asked for is not in the library, or is another one now
"""

from app.errors import ExitCode
from models.errors import KnownError


class LibraryError(KnownError):
    """The model that was asked for cannot be given."""

    exit_code = ExitCode.BAD_MODEL
