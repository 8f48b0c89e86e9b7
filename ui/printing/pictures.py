"""Pictures that were shown to a model: unpacked, made as small as paper needs them."""

import base64
import binascii

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter

from app.pictures import trouble_with
from ui.printing.look import Look
from ui.printing.sheet import DOTS
from ui.printing.strip import Strip

_FINEST = 200
"""Pixels to the inch of paper; more would only make files large."""
_HIGHEST = 0.4
"""Of a page."""
_LARGEST_MEBIBYTES = 256


def picture_strip(data_url: str, look: Look, width: float, page_height: float) -> Strip | None:
    """The picture in its own size or in the room there is; None where it cannot be shown."""
    image = _image(data_url)
    if image is None:
        return None
    dots = DOTS / 96
    wide, high = image.width() * dots, image.height() * dots
    share = min(1.0, width / wide, page_height * _HIGHEST / high)
    wide, high = wide * share, high * share
    fine = QSize(max(1, round(wide * _FINEST / DOTS)), max(1, round(high * _FINEST / DOTS)))
    if fine.width() < image.width():
        image = image.scaled(
            fine, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )

    def draw(painter: QPainter, left: float, top: float) -> None:
        painter.drawImage(QRectF(left, top, wide, high), image)

    return Strip(high, draw, gap=look.px(6))


def _image(data_url: str) -> QImage | None:
    try:
        data = base64.b64decode(data_url.partition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        return None
    if trouble_with(data):
        return None
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    # Of the formats that Qt reads, only the two that were let in.
    kind = b"png" if data.startswith(b"\x89PNG") else b"jpeg"
    reader = QImageReader(buffer, QByteArray(kind))
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    reader.setAllocationLimit(_LARGEST_MEBIBYTES)
    image = reader.read()
    return None if image.isNull() else image
