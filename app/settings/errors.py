"""Errors of the settings room.

KnownError
└── SettingsError   a value that does not fit its setting
"""

from app.errors import ExitCode
from models.errors import KnownError


class SettingsError(KnownError):
    """A value that does not fit its setting; nothing was changed."""

    exit_code = ExitCode.USAGE
