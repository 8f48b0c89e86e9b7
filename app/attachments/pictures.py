"""Pictures among attachments: kept as text that says all of them, a data URL."""

import base64
import binascii

from app.attachments.entities import Kind
from app.history.entities import AttachedText
from app.pictures import media_type


def data_url(data: bytes) -> str:
    """The picture as text."""
    return f"data:{media_type(data)};base64,{base64.b64encode(data).decode('ascii')}"


def is_picture(attached: AttachedText) -> bool:
    """Whether a model is shown it, not told its text."""
    return attached.kind == Kind.IMAGE.value


def picture_of(attached: AttachedText) -> bytes:
    """The file's bytes; empty where a fault ruined them."""
    try:
        return base64.b64decode(attached.text.partition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        return b""
