"""Buttons that are there but paint themselves only while they are looked for."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent, QPaintEvent

from ui.widgets.buttons import IconButton, TextButton


class QuietIcon(IconButton):
    """Painted when ``revealed`` or focused.

    Signals:
        focus_changed(): it got or lost the keyboard.
    """

    focus_changed = Signal()
    revealed = False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing while nobody is near."""
        if self.revealed or self.hasFocus():
            super().paintEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Appear."""
        super().focusInEvent(event)
        self.update()
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Disappear."""
        super().focusOutEvent(event)
        self.update()
        self.focus_changed.emit()


class QuietText(TextButton):
    """The same with words.

    Signals:
        focus_changed(): it got or lost the keyboard.
    """

    focus_changed = Signal()
    revealed = False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing while nobody is near."""
        if self.revealed or self.hasFocus():
            super().paintEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Appear."""
        super().focusInEvent(event)
        self.update()
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Disappear."""
        super().focusOutEvent(event)
        self.update()
        self.focus_changed.emit()
