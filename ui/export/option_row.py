"""One thing that can go into the file: words, and a switch at the right."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme
from ui.widgets.labels import Label
from ui.widgets.surface import Surface
from ui.widgets.switch import Switch

HEIGHT = 28


class OptionRow(Surface):
    """``toggled(bool)`` tells what a person chose. A click on the words counts, too."""

    toggled = Signal(bool)

    def __init__(self, theme: Theme, words: str, hint: str, parent: QWidget) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._label = Label(theme, words, parent=self)
        self.switch = Switch(theme, words, self)
        self.switch.setAccessibleDescription(hint)
        self.setToolTip(hint)
        self.switch.clicked.connect(self.toggled)

    def set_on(self, on: bool) -> None:
        """Show a choice, without a signal."""
        self.switch.setChecked(on)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """All of the row can be clicked."""
        event.accept()
        self.switch.click()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The switch stands at the right."""
        super().resizeEvent(event)
        px = self._theme.px
        side = self.switch.width()
        self._label.setGeometry(px(8), 0, max(0, self.width() - side - px(8)), self.height())
        self.switch.move(self.width() - side, (self.height() - self.switch.height()) // 2)
