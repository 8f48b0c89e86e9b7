"""A context menu in the theme's look."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget


class Menu(QMenu):
    """Rounded, opens below its anchor, forgets itself when closed.

    Keep no reference to one: make it, add actions, open it.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.NoDropShadowWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def entry(self, text: str, shortcut: str = "") -> QAction:
        """Append a line; ``shortcut`` (as "F2") is only shown, the window owns the key."""
        keys = QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        return self.addAction(text + "\t" + keys if keys else text)

    def open_below(self, anchor: QWidget, *, right: bool = False) -> None:
        """Open under ``anchor``, aligned with its left or right edge; returns at once."""
        x = anchor.width() - self.sizeHint().width() if right else 0
        self.popup(anchor.mapToGlobal(QPoint(x, anchor.height())))
