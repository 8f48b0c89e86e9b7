"""Buttons beside each other that go on in a further line where there is no room."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID
from ui.widgets.buttons import TextButton
from ui.widgets.surface import Surface

_GAP = 8


class VerbBar(Surface):
    """As high as its lines."""

    def __init__(
        self, theme: Theme, buttons: Sequence[TextButton], parent: QWidget | None = None
    ) -> None:
        super().__init__("clear", parent)
        self._theme, self._buttons = theme, tuple(buttons)
        for button in buttons:
            button.setParent(self)

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels."""
        px, step = self._theme.px, self._theme.px(GRID)
        gap, control = px(_GAP), px(CONTROL_HEIGHT)
        x = y = 0
        for button in self._buttons:
            if button.isHidden():
                continue
            wide = min(width, button.sizeHint().width() // step * step)
            if x and x + wide > width:
                x, y = 0, y + control + gap
            button.setGeometry(x, y, wide, control)
            x += wide + gap
        self.setFixedSize(width, y + control)
