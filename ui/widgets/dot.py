"""A small round state light; the words beside it say the same."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme


class Dot(QWidget):
    """Eight pixels across, in a colour of the palette."""

    def __init__(self, theme: Theme, ink: str = "idle", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._ink = theme, ink
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def ink(self) -> str:
        """Name of the palette colour."""
        return self._ink

    def set_ink(self, ink: str) -> None:
        """Change the colour: idle, good, warning, bad or accent."""
        self._ink = ink
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A disc."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(self._ink))
        painter.drawEllipse(QRectF(self.rect()))

    def _restyle(self) -> None:
        self.setFixedSize(self._theme.px(8), self._theme.px(8))
        self.update()
