"""A vertical edge that can be dragged."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme


class Grip(QWidget):
    """Eight pixels to catch, one to see. Signals: ``dragged`` (x in the parent), ``released``."""

    dragged = Signal(int)
    released = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("floats", True)
        self._theme = theme
        self.setCursor(Qt.CursorShape.SplitHCursor)
        theme.changed.connect(self.update)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """While the button is held."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.dragged.emit(self.mapToParent(event.position().toPoint()).x())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin."""
        event.accept()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """End."""
        self.released.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A hairline in the middle, wider under the pointer."""
        painter = QPainter(self)
        if self.underMouse():
            width = self._theme.px(2)
            painter.fillRect(
                self.width() // 2 - 1, 0, width, self.height(), self._theme.color("accent")
            )
        else:
            painter.fillRect(self.width() // 2, 0, 1, self.height(), self._theme.color("border"))
