"""Bundled line icons (Lucide), drawn in any colour and crisp at any scale."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_FOLDER = Path(__file__).resolve().parent.parent / "resources" / "icons"
_SIZES = (16, 20, 24)
"""Pixels at 100 % in which icons are shown."""


def draw_icon(name: str, color: str, zoom: float, gap: int = 0) -> QIcon:
    """The icon ``name`` in ``color``, with a picture for every usual size at ``zoom``.

    ``gap`` pixels at 100 % stay empty at its right: Qt leaves only four before a button's words.

    Raises FileNotFoundError for a name that is not bundled.
    """
    source = (_FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(source.replace("currentColor", color).encode()))
    icon = QIcon()
    application = QGuiApplication.instance()
    screen = application.devicePixelRatio() if isinstance(application, QGuiApplication) else 1.0
    for size in _SIZES:
        for ratio in sorted({1.0, 2.0, screen}):
            icon.addPixmap(_picture(renderer, round(size * zoom), round(gap * zoom), ratio))
    return icon


def _picture(renderer: QSvgRenderer, size: int, gap: int, ratio: float) -> QPixmap:
    side = round(size * ratio)
    picture = QPixmap(side + round(gap * ratio), side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture
