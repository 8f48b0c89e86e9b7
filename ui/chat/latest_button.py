"""The way back to the newest text: shown above the composer while scrolled up."""

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme
from ui.widgets.buttons import TextButton

_WIDTH, _HEIGHT, _GAP = 96, 32, 8


class LatestButton(TextButton):
    """96×32, centred at the bottom of the transcript."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "", look="outline", icon="arrow-down", parent=parent)
        self.setText(self.tr("Latest"))
        self._theme = theme
        self.hide()

    def place(self, area: QRect, inset: int) -> None:
        """Lie over the lower edge of ``area``, above ``inset`` pixels."""
        px = self._theme.px
        self.setGeometry(
            area.center().x() - px(_WIDTH) // 2,
            area.bottom() - inset - px(_HEIGHT) - px(_GAP),
            px(_WIDTH),
            px(_HEIGHT),
        )
        self.raise_()
