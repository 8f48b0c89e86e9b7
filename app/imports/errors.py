"""Errors of the imports room.

KnownError
└── ImportingError   a file could not be read, or nothing could be taken over
"""

from models.errors import KnownError


class ImportingError(KnownError):
    """A file could not be read or taken over; the history is as it was before."""
