"""What was pasted as a file that goes with a message: a long text, or a picture."""

import hashlib
import time
from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QGuiApplication

from app.attachments.entities import Attachment, Kind
from app.attachments.pictures import data_url
from app.ids import new_id
from app.pictures import trouble_with
from ui.sentences import say


def pasted_text(name: str, text: str) -> Attachment:
    """A text as a file."""
    return _made(name, Kind.TEXT, text.encode("utf-8"), text)


def pasted_picture(name: str, refused: Callable[[str], None]) -> Attachment | None:
    """What the clipboard holds as PNG; ``refused`` hears the sentence why it is not attached."""
    packed = QByteArray()
    buffer = QBuffer(packed)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QGuiApplication.clipboard().image().save(buffer, "PNG")  # type: ignore[call-overload]
    data = bytes(packed.data())
    if trouble := trouble_with(data):
        refused(say(trouble, {"name": name}))
        return None
    return _made(name, Kind.IMAGE, data, data_url(data))


def _made(name: str, kind: Kind, data: bytes, text: str) -> Attachment:
    return Attachment(
        new_id(), name, kind, len(data), hashlib.sha256(data).hexdigest(), text,
        created_ms=time.time_ns() // 1_000_000,
    )  # fmt: skip
