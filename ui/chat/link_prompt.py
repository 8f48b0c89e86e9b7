"""Asks before an address is opened, and shows where it truly leads."""

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget
from shiboken6 import isValid

from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.focus import hide_and_pass_focus, holds_focus
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.surface import Surface

HEIGHT = 48


class LinkPrompt(Surface):
    """Not modal: it lies over the composer until it is answered.

    Signals:
        open_chosen(str): open this address in the browser.
        copy_chosen(str): copy it instead.
    """

    open_chosen = Signal(str)
    copy_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__("card", parent)
        self._theme = theme
        self._address = ""
        self._before: QWidget | None = None
        self._words = Label(theme, self.tr("Open in the browser?"), size=TEXT_INTERFACE)
        self.address_label = ElidedLabel(theme, size=TEXT_INTERFACE, ink="accent")
        self.open_button = TextButton(theme, self.tr("Open"))
        self._copy = TextButton(theme, self.tr("Copy"), look="quiet")
        self._close = IconButton(theme, "x", self.tr("Close"))
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self._words)
        self._layout.addWidget(self.address_label, 1)
        for button in (self.open_button, self._copy, self._close):
            self._layout.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.open_button.clicked.connect(lambda: self._answer(self.open_chosen))
        self._copy.clicked.connect(lambda: self._answer(self.copy_chosen))
        self._close.clicked.connect(self.dismiss)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def ask(self, address: str) -> None:
        """Show ``address`` and wait for an answer."""
        self._address = address
        if not holds_focus(self):
            self._before = QApplication.focusWidget()
        self.address_label.setText(address)
        self.setAccessibleName(self.tr("Open {address}?").format(address=address))
        self.show()
        self.raise_()
        self.open_button.setFocus(Qt.FocusReason.TabFocusReason)

    def dismiss(self) -> None:
        """Go away; the keyboard returns to where it was."""
        before = self._before
        is_there = before is not None and isValid(before) and before.isVisible()
        hide_and_pass_focus(self, before if is_there else self.parentWidget())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes away."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def _answer(self, told: SignalInstance) -> None:
        self.dismiss()
        told.emit(self._address)

    def _restyle(self) -> None:
        px = self._theme.px
        self._layout.setContentsMargins(px(16), 0, px(8), 0)
        self._layout.setSpacing(px(8))
