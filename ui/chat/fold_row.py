"""One quiet line with a chevron behind it that unfolds what is below."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH
from ui.widgets.buttons import pressed_by_enter

ROW_HEIGHT = 32
_CHEVRON = 16


class FoldRow(QAbstractButton):
    """Checked: unfolded."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """The words and the chevron."""
        px = self._theme.px
        wide = self.fontMetrics().horizontalAdvance(self.text())
        step = px(4)
        return QSize(-(-(wide + px(28)) // step) * step, px(ROW_HEIGHT))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter does what Space does."""
        if not pressed_by_enter(self, event):
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be clicked."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Words, chevron, focus ring."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = "text" if self.underMouse() or self.isChecked() else "muted"
        painter.setPen(theme.color(ink))
        painter.setFont(self.font())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter), self.text())
        side = theme.px(_CHEVRON)
        wide = self.fontMetrics().horizontalAdvance(self.text())
        name = "chevron-down" if self.isChecked() else "chevron-right"
        picture = theme.icon(name, getattr(theme.colors, ink)).pixmap(side, side)
        painter.drawPixmap(wide + theme.px(4), (self.height() - side) // 2, picture)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), FOCUS_WIDTH))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
