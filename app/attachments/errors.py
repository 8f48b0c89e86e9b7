"""Errors of the attachments room.

KnownError
└── AttachmentError   a file gives no text, or not the part that was asked for:
                      ``code`` is one of the ``attachments.…`` sentences
"""

from models.errors import KnownError


class AttachmentError(KnownError):
    """A file gives no text, or not the part that was asked for."""
