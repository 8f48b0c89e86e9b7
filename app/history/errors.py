"""Errors of the history room.

KnownError
└── HistoryError   a conversation or message that was named is not in the history:
                   history.no_conversation, history.no_message, history.not_queued,
                   history.not_presets, history.presets_newer, history.no_folder,
                   history.no_folder_name, history.no_preset, history.not_in_trash
"""

from models.errors import KnownError


class HistoryError(KnownError):
    """What was named is not in the history."""
