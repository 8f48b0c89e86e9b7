"""Controls side by side, in as many lines as the width needs; all on the grid."""

from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID
from ui.widgets.surface import Surface

_GAP = 8


class Flow(Surface):
    """Lines of 32 with 8 between. What comes after ``add_gap`` stands at the right end."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._items: list[QWidget] = []
        self._left_count: int | None = None

    def add(self, widget: QWidget) -> None:
        """Append a control."""
        widget.setParent(self)
        self._items.append(widget)

    def take(self, widget: QWidget) -> None:
        """Remove a control for good."""
        self._items.remove(widget)
        widget.hide()
        widget.deleteLater()

    def add_gap(self) -> None:
        """What follows stands at the right, where one line is enough for all."""
        self._left_count = len(self._items)

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels, and the height that this needs."""
        px = self._theme.px
        line, gap = px(CONTROL_HEIGHT), px(_GAP)
        lefts, rights = self._sides()
        x = y = 0
        for item in (*lefts, *rights):
            wanted = min(self._width_of(item), width)
            if x and x + wanted > width:
                x, y = 0, y + line + gap
            item.setGeometry(x, y + (line - item.height()) // 2, wanted, item.height())
            x += wanted + gap
        if rights and not y:
            shift = width - (x - gap)
            for item in rights:
                item.move(item.x() + shift, item.y())
        self.setFixedSize(width, y + line if lefts or rights else 0)

    def _sides(self) -> tuple[list[QWidget], list[QWidget]]:
        count = len(self._items) if self._left_count is None else self._left_count
        shown = [item for item in self._items[:count] if not item.isHidden()]
        return shown, [item for item in self._items[count:] if not item.isHidden()]

    def _width_of(self, item: QWidget) -> int:
        step = self._theme.px(GRID)
        wanted = max(item.minimumWidth(), min(item.maximumWidth(), item.sizeHint().width()))
        return -(-wanted // step) * step
