"""Where the model runs, in words at the right of the status line; pressing them tells more."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QCursor, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, RADIUS, TEXT_SMALL
from ui.widgets.buttons import Button
from ui.widgets.tooltips import plain_tooltip

_SIDE = 8


class PlaceButton(Button):
    """Takes all the room it is given, and only its words can be pressed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._why = ""
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.set_words("", "")

    @property
    def is_elided(self) -> bool:
        """Whether part of the words is not shown."""
        return self._shown() != self.text()

    def set_words(self, words: str, why: str) -> None:
        """Show ``words``; ``why`` is the tooltip."""
        self._why = why
        self.setText(words)
        focus = Qt.FocusPolicy.TabFocus if words else Qt.FocusPolicy.NoFocus
        self.setFocusPolicy(focus)
        name = self.tr("Where the model runs")
        self.setAccessibleName(name + ": " + words if words else name)
        self._tell_all()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the words."""
        if not self.text():
            return QSize(0, self.height())
        wide = self.fontMetrics().horizontalAdvance(self.text()) + 2 * self._theme.px(_SIDE)
        return QSize(wide, self.height())

    def minimumSizeHint(self) -> QSize:
        """May shrink to an ellipsis."""
        return QSize(self._theme.px(48), self.height())

    def hitButton(self, position: QPoint) -> bool:  # noqa: N802
        """The empty part at the left is no button."""
        return self._area().contains(position)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The words light up under the mouse."""
        super().mouseMoveEvent(event)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The tooltip depends on the room."""
        super().resizeEvent(event)
        self._tell_all()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Muted words at the right; accented under the mouse, ringed with the focus."""
        theme, area = self._theme, self._area()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        under = self.underMouse() and area.contains(self.mapFromGlobal(QCursor.pos()))
        painter.setPen(theme.color("accent_text" if under else "muted"))
        painter.drawText(
            area.adjusted(theme.px(_SIDE), 0, -theme.px(_SIDE), 0),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            self._shown(),
        )
        if self.hasFocus():
            inset = FOCUS_WIDTH / 2
            painter.setPen(QPen(theme.color("accent"), FOCUS_WIDTH))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = QRectF(area).adjusted(inset, inset + 1, -inset, -inset - 1)
            painter.drawRoundedRect(ring, theme.px(RADIUS), theme.px(RADIUS))

    def _area(self) -> QRect:
        wide = min(self.width(), self.sizeHint().width())
        return QRect(self.width() - wide, 0, wide, self.height())

    def _shown(self) -> str:
        room = self.width() - 2 * self._theme.px(_SIDE)
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)

    def _tell_all(self) -> None:
        parts = (self.text() if self.is_elided else "", self._why)
        self.setToolTip(plain_tooltip("\n".join(part for part in parts if part)))

    def _restyle(self) -> None:
        self.setFont(self._theme.font(TEXT_SMALL))
        self.update()
