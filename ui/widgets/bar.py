"""A thin bar that fills from the left: progress, or a meter that changes colour when full."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.theme import Theme


class Bar(QWidget):
    """``width`` × ``height`` pixels at 100 %; width 0 takes what the layout gives.

    The value goes from 0 to 1 and is drawn in the palette's colour ``ink``.
    """

    def __init__(
        self, theme: Theme, *, width: int = 0, height: int = 4, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._width, self._height = theme, width, height
        self._value = 0.0
        self._ink = "accent"
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def value(self) -> float:
        """How full it is, 0 to 1."""
        return self._value

    @property
    def ink(self) -> str:
        """Name of the palette colour of the filled part."""
        return self._ink

    def set_value(self, value: float, ink: str = "accent") -> None:
        """Fill to ``value`` (clamped to 0…1) in a colour of the palette."""
        value = min(1.0, max(0.0, value))
        if (value, ink) != (self._value, self._ink):
            self._value, self._ink = value, ink
            self.update()

    def sizeHint(self) -> QSize:
        """The size it was made with."""
        return QSize(self._theme.px(self._width or 80), self._theme.px(self._height))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Track, then the filled part."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        area = QRectF(self.rect())
        radius = area.height() / 2
        painter.setBrush(self._theme.color("border"))
        painter.drawRoundedRect(area, radius, radius)
        if self._value > 0:
            area.setWidth(max(area.height(), area.width() * self._value))
            painter.setBrush(self._theme.color(self._ink))
            painter.drawRoundedRect(area, radius, radius)

    def _restyle(self) -> None:
        self.setFixedHeight(self._theme.px(self._height))
        if self._width:
            self.setFixedWidth(self._theme.px(self._width))
        else:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.update()
