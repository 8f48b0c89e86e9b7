"""A pill that is on or off; a check mark says so, not the colour alone."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, FOCUS_WIDTH, GRID, TEXT_INTERFACE
from ui.widgets.buttons import Button

_PAD, _ICON, _GAP = 12, 16, 4


class Chip(Button):
    """As wide on as off, so that its neighbours stay where they are."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.changed.connect(self._restyle)
        self._restyle()

    def sizeHint(self) -> QSize:
        """With room for the check mark, on the grid."""
        px = self._theme.px
        words = self.fontMetrics().horizontalAdvance(self.text())
        width = words + px(2 * _PAD + _ICON + _GAP)
        step = px(GRID)
        return QSize(-(-width // step) * step, px(CONTROL_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Words are never cut."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """An outline when off, filled when on."""
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        has_focus, is_on = self.hasFocus(), self.isChecked()
        width = px(FOCUS_WIDTH) if has_focus else theme.zoom
        area = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        ground = "selection" if is_on else "hover" if self.underMouse() else "page"
        ring = "accent" if has_focus else "selection" if is_on else "border"
        painter.setPen(QPen(theme.color(ring), width))
        painter.setBrush(theme.color(ground))
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        words = self.fontMetrics().horizontalAdvance(self.text())
        side, gap = px(_ICON), px(_GAP)
        left = (self.width() - words - (side + gap if is_on else 0)) // 2
        if is_on:
            place = QRect(left, (self.height() - side) // 2, side, side)
            theme.icon("check", theme.colors.text).paint(painter, place)
            left += side + gap
        painter.setPen(theme.color("text"))
        middle = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(QRect(left, 0, self.width() - left, self.height()), middle, self.text())

    def _restyle(self) -> None:
        self.setFont(self._theme.font(TEXT_INTERFACE, weight=QFont.Weight.Medium))
        self.setFixedSize(self.sizeHint())
        self.update()
