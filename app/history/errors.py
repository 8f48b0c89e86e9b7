"""Errors of the history room.

KnownError
└── HistoryError   a conversation or message that was named is not in the history:
                   history.no_conversation, history.no_message
"""

from models.errors import KnownError


class HistoryError(KnownError):
    """What was named is not in the history."""
