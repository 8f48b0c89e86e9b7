"""What lies around text views: hears of the pointer in them, and opens their menus."""

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QWidget


class TextHost(QWidget):
    """A text view looks for the nearest one around it and tells it.

    Signals:
        text_pressed(QWidget, QPoint, bool): the text view, where on the screen, with Shift.
        text_dragged(QPoint): the pointer moved on with its button held down.
        text_released(): the button is up again.
    """

    text_pressed = Signal(QWidget, QPoint, bool)
    text_dragged = Signal(QPoint)
    text_released = Signal()

    def open_text_menu(self, view: QWidget, position: QPoint) -> None:
        """Show the menu of ``view`` at a point of the screen."""
        raise NotImplementedError


def host_of(part: QWidget) -> TextHost | None:
    """The nearest host around ``part``."""
    around = part.parentWidget()
    while around is not None and not isinstance(around, TextHost):
        around = around.parentWidget()
    return around
