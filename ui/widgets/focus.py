"""Who has the keyboard when something that floats goes away."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid


def holds_focus(part: QWidget) -> bool:
    """Whether ``part`` or something in it has the keyboard."""
    focused = QApplication.focusWidget()
    return focused is not None and (focused is part or part.isAncestorOf(focused))


def hide_and_pass_focus(part: QWidget, heir: QWidget | None) -> None:
    """Hide ``part``; if it had the keyboard, ``heir`` (or its focus proxy) has it then.

    Without an heir Qt takes the next control in the tab order, wherever that is.
    """
    if heir is not None and isValid(heir) and holds_focus(part):
        heir.setFocus(Qt.FocusReason.PopupFocusReason)
    part.hide()
