"""Greys a message that the model would not be given."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme

_STRENGTH = 150
"""Of 255: the words stay readable, and are plainly not as the others."""


class Veil(QWidget):
    """Lies over a message in the colour of the page; presses go through it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Thin paint."""
        color = self._theme.color("page")
        color.setAlpha(_STRENGTH)
        QPainter(self).fillRect(self.rect(), color)
