"""An on/off switch; a check box to keyboards and screen readers."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH


class Switch(QCheckBox):
    """A 36×20 track with a knob, inside a 40×28 hit area."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme.changed.connect(self._restyle)
        self._restyle()

    def sizeHint(self) -> QSize:
        """The hit area."""
        return QSize(self._theme.px(40), self._theme.px(28))

    def hitButton(self, position: QPoint) -> bool:  # noqa: N802
        """All of it can be clicked."""
        return self.rect().contains(position)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Track, knob, and a ring when the keyboard is here."""
        theme, checked = self._theme, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(theme.px(2), theme.px(4), theme.px(36), theme.px(20))
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), theme.px(FOCUS_WIDTH)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = track.adjusted(-1, -theme.px(3), 1, theme.px(3))
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent" if checked else "idle"))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        gap = theme.px(3)
        side = track.height() - 2 * gap
        left = track.right() - gap - side if checked else track.left() + gap
        painter.setBrush(theme.color("page"))
        painter.drawEllipse(QRectF(left, track.top() + gap, side, side))

    def _restyle(self) -> None:
        self.setFixedSize(self.sizeHint())
        self.update()
