"""What scrolls below the header: one column in the middle, at most 968 wide."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import GRID
from ui.widgets.styling import set_style
from ui.widgets.surface import Surface

COLUMN = 968
_SIDE, _SIDE_NARROW, _NARROW_BELOW = 24, 16, 600
_TOP, _BOTTOM = 16, 24
_EXPLICIT = Qt.WidgetAttribute.WA_WState_ExplicitShowHide


def column_of(theme: Theme, width: int) -> tuple[int, int]:
    """Left edge and width of the column in a page of ``width`` pixels."""
    px = theme.px
    step, side = px(GRID), px(_SIDE if width >= px(_NARROW_BELOW) else _SIDE_NARROW)
    column = max(step, min(px(COLUMN), width - 2 * side) // step * step)
    return max(side, (width - column) // 2 // step * step), column


class Column(QScrollArea):
    """Parts below each other, placed here and by no layout: their sizes are fixed anyway.

    ``column_changed(width)`` tells how wide the parts are to be; call ``stack`` after their
    heights changed.
    """

    column_changed = Signal(int)

    def __init__(self, theme: Theme, *, gap: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._gap = theme, gap
        self._parts: list[QWidget] = []
        self.content = Surface("clear")
        set_style(self, look="clear")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(self.content)
        theme.changed.connect(self.arrange)

    def set_parts(self, parts: Sequence[QWidget]) -> None:
        """Show these in this order; the focus goes from one to the next."""
        for part in parts:
            if part.parentWidget() is not self.content:
                # A widget that was never shown counts as hidden, too.
                is_kept_hidden = part.isHidden() and part.testAttribute(_EXPLICIT)
                part.setParent(self.content)
                part.setVisible(not is_kept_hidden)
        self._parts = list(parts)
        self.stack()

    def arrange(self) -> None:
        """Give the parts their width again."""
        self.column_changed.emit(column_of(self._theme, self.width())[1])
        self.stack()

    def stack(self) -> None:
        """Put every part that is not hidden below the one before it."""
        px = self._theme.px
        left, _column = column_of(self._theme, self.width())
        gap, y = px(self._gap), px(_TOP)
        for part in self._parts:
            if not part.isHidden():
                part.move(left, y)
                y += part.height() + gap
        self.content.resize(self.width(), y - gap + px(_BOTTOM))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width is another column."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The page decides what keys do."""
        event.ignore()

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
