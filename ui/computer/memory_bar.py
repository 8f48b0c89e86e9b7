"""A device's memory as one bar: our model, other programs, free."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.theme import Theme

_HEIGHT = 8


class MemoryBar(QWidget):
    """The words beside it say the same; other programs are hatched, so that colour is not all."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model, self._other = 0.0, 0.0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def shares(self) -> tuple[float, float]:
        """Parts of the whole that our model and other programs hold, 0 to 1."""
        return self._model, self._other

    def set_memory(self, total: int, model: int, other: int) -> None:
        """Bytes; parts beyond the total are cut off."""
        whole = max(1, total)
        self._model = min(1.0, max(0, model) / whole)
        self._other = min(1.0 - self._model, max(0, other) / whole)
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the layout gives."""
        return QSize(self._theme.px(80), self._theme.px(_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Track, our model from the left, then the others."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        area = QRectF(self.rect())
        outline = QPainterPath()
        outline.addRoundedRect(area, area.height() / 2, area.height() / 2)
        painter.setClipPath(outline)
        color = self._theme.color
        painter.fillRect(area, color("border"))
        model = QRectF(area.left(), area.top(), area.width() * self._model, area.height())
        other = QRectF(model.right(), area.top(), area.width() * self._other, area.height())
        painter.fillRect(model, color("accent"))
        painter.fillRect(other, color("idle"))
        painter.fillRect(other, QBrush(color("muted"), Qt.BrushStyle.BDiagPattern))

    def _restyle(self) -> None:
        self.setFixedHeight(self._theme.px(_HEIGHT))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.update()
