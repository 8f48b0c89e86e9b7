"""A scrim over the page; a click on it closes what lies above."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme


class Scrim(QWidget):
    """Darkens its parent. ``pressed`` tells that a person clicked beside the drawer."""

    pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("floats", True)
        self._theme = theme
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """One flat colour."""
        QPainter(self).fillRect(self.rect(), self._theme.color("scrim"))

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """Close."""
        self.pressed.emit()
