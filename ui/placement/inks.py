"""Colours and patterns of devices: the same device looks the same in every picture."""

from collections.abc import Mapping, Sequence
from typing import Literal

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap, QTransform

from app.placement.entities import PROCESSOR
from ui.theme.theme import Theme

Pattern = Literal["plain", "dots", "rising", "level", "falling"]

_GPU_INKS = ("device_1", "device_2", "device_3", "device_4")
_PATTERNS: Mapping[str, Pattern] = {
    "device_1": "plain",
    "device_2": "rising",
    "device_3": "dots",
    "device_4": "level",
    "device_ram": "falling",
    "device_other": "rising",
    "device_free": "plain",
}
_TILE = 6
"""Pixels at 100 % after which a pattern repeats."""
_TILE_SCALE = 4
"""A tile is drawn larger and scaled down, so that it is crisp on every screen."""
_LINE_SHARE = 0.30
"""How far a pattern's lines go from the device's colour towards the page."""


class DeviceInks:
    """Brushes for the devices of a plan, in the theme's colours at its zoom."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._names: dict[str, str] = {}

    def set_devices(self, names: Sequence[str]) -> None:
        """The devices in the plan's order; the processor's memory has an ink of its own."""
        gpus = [name for name in names if name != PROCESSOR]
        self._names = {name: _GPU_INKS[i % len(_GPU_INKS)] for i, name in enumerate(gpus)}

    def ink_of(self, device: str) -> str:
        """Name of the palette colour of a device."""
        return self._names.get(device, "device_ram")

    def color(self, ink: str, strength: float = 1.0) -> QColor:
        """An ink, or a weaker one: 0 is the page, 1 the full colour."""
        return _mixed(self._theme.color("page"), self._theme.color(ink), strength)

    def brush(self, ink: str, strength: float = 1.0) -> QBrush:
        """An ink with its pattern. Set a painter's brush origin to keep patterns in step."""
        color, pattern = self.color(ink, strength), _PATTERNS[ink]
        if pattern == "plain":
            return QBrush(color)
        line = _mixed(color, self._theme.color("page"), _LINE_SHARE)
        brush = QBrush(_tile(color, line, pattern, _TILE * self._theme.zoom))
        brush.setTransform(QTransform.fromScale(1 / _TILE_SCALE, 1 / _TILE_SCALE))
        return brush


def pattern_of(ink: str) -> Pattern:
    """The pattern of a palette colour of a device."""
    return _PATTERNS[ink]


def _mixed(ground: QColor, color: QColor, share: float) -> QColor:
    return QColor.fromRgbF(
        ground.redF() + (color.redF() - ground.redF()) * share,
        ground.greenF() + (color.greenF() - ground.greenF()) * share,
        ground.blueF() + (color.blueF() - ground.blueF()) * share,
    )


def _tile(color: QColor, line: QColor, pattern: Pattern, length: float) -> QPixmap:
    side = round(length) * _TILE_SCALE
    tile = QPixmap(side, side)
    tile.fill(color)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(line, side / 4.5))
    if pattern == "dots":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(line)
        painter.drawEllipse(QPointF(side / 2, side / 2), side / 4.5, side / 4.5)
    elif pattern == "level":
        painter.drawLine(QPointF(0, side / 2), QPointF(side, side / 2))
    else:
        sign = -1 if pattern == "rising" else 1
        for shift in (-side, 0, side):
            # Beyond both edges, so that the lines of neighbouring tiles meet.
            middle = QPointF(side / 2 + shift, side / 2)
            reach = QPointF(side, sign * side)
            painter.drawLine(middle - reach, middle + reach)
    painter.end()
    return tile
