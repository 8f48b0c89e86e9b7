"""One format to choose: its name, and in a few words what it is for."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import ElidedLabel

HEIGHT = 28
_NAME = 96


class FormatRow(TextButton):
    """One of a group, of which one is checked; the arrow keys go on to the next."""

    def __init__(self, theme: Theme, name: str, use: str, parent: QWidget) -> None:
        super().__init__(theme, name, look="row", height=HEIGHT, parent=parent)
        self.setCheckable(True)
        self._use = ElidedLabel(theme, use, size=TEXT_SMALL, ink="muted", parent=self)
        self._use.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(": ".join((name, use)))
        self.setToolTip(use)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The use stands in a column of its own."""
        super().resizeEvent(event)
        px = self._theme.px
        room = max(0, self.width() - px(_NAME + 8))
        self._use.setGeometry(px(_NAME), 0, room, self.height())
