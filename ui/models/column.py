"""What scrolls below the header: one column in the middle, at most 968 wide."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import GRID
from ui.widgets.styling import set_style
from ui.widgets.surface import Surface

COLUMN = 968
_SIDE, _SIDE_NARROW, _NARROW_BELOW = 24, 16, 600


def column_of(theme: Theme, width: int) -> tuple[int, int]:
    """Left edge and width of the column in a page of ``width`` pixels."""
    px = theme.px
    step, side = px(GRID), px(_SIDE if width >= px(_NARROW_BELOW) else _SIDE_NARROW)
    column = max(step, min(px(COLUMN), width - 2 * side) // step * step)
    return max(side, (width - column) // 2 // step * step), column


class Column(QScrollArea):
    """Put parts into ``body``. ``column_changed(width)`` tells how wide they are to be."""

    column_changed = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.content = Surface("clear")
        self.body = QVBoxLayout(self.content)
        self.body.setSpacing(0)
        set_style(self, look="clear")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(self.content)
        theme.changed.connect(self.arrange)

    def arrange(self) -> None:
        """Give the parts their width again."""
        left, column = column_of(self._theme, self.width())
        top, bottom = self._theme.px(16), self._theme.px(24)
        self.body.setContentsMargins(left, top, 0, bottom)
        self.column_changed.emit(column)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width is another column."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.arrange()

    def scroll_by_key(self, event: QKeyEvent) -> bool:
        """Arrows, Page keys, Home and End scroll; return whether this was one of them."""
        bar = self.verticalScrollBar()
        steps = {
            Qt.Key.Key_Down: self._theme.px(40),
            Qt.Key.Key_Up: -self._theme.px(40),
            Qt.Key.Key_PageDown: bar.pageStep(),
            Qt.Key.Key_PageUp: -bar.pageStep(),
            Qt.Key.Key_Home: -bar.maximum(),
            Qt.Key.Key_End: bar.maximum(),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            return False
        bar.setValue(bar.value() + step)
        return True

    def show_part(self, part: QWidget, *, top: int = 0, height: int = 0) -> None:
        """Scroll until ``part`` (from ``top``, ``height`` pixels of it) can be seen."""
        corner = part.mapTo(self.content, part.rect().topLeft())
        tall = height or part.height()
        first, last = corner.y() + top, corner.y() + top + tall
        bar, margin = self.verticalScrollBar(), self._theme.px(8)
        if first - margin < bar.value():
            bar.setValue(first - margin)
        elif last + margin > bar.value() + self.viewport().height():
            bar.setValue(last + margin - self.viewport().height())
