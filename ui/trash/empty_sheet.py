"""Before the trash is emptied: what goes for ever, what stays elsewhere, yes or no."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.sentences import say
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_HEADING, TEXT_SMALL
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import Label
from ui.widgets.sheet import Sheet
from ui.widgets.switch import Switch

_WIDTH, _HEIGHT, _PAD, _HEADER, _FOOT = 480, 264, 16, 56, 64


class EmptySheet(Sheet):
    """``accepted(bool)``: it was meant, and whether the backups are meant too. The keyboard
    begins at Cancel."""

    accepted = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "", QSize(_WIDTH, _HEIGHT), parent)
        title = self.tr("Empty the trash")
        self.setAccessibleName(title)
        self._title = Label(
            theme, title, size=TEXT_HEADING, weight=QFont.Weight.DemiBold, parent=self
        )
        self._close = IconButton(theme, "x", self.tr("Close"), shortcut="Esc", parent=self)
        self.contents = Label(theme, wrap=True, parent=self)
        self._backups = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True, parent=self)
        also = self.tr("Erase them from the backups too: one new one stays")
        self._also = Label(theme, also, wrap=True, parent=self)
        self.backups_too = Switch(theme, also, self)
        self.cancel = TextButton(theme, self.tr("Cancel"), parent=self)
        self.erase = TextButton(theme, self.tr("Erase for ever"), look="danger", parent=self)
        for button in (self._close, self.cancel):
            button.clicked.connect(self.close_sheet)
        self.erase.clicked.connect(self._accept)

    def begin(self, contents: str) -> None:
        """Ask about ``contents``."""
        self.contents.setText(say("trash.empties", {"contents": contents}))
        self._backups.setText(say("trash.backups_keep"))
        self.backups_too.setChecked(False)
        self.open_sheet()
        self._arrange()
        self.cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Sentences between title and buttons."""
        super().resizeEvent(event)
        self._arrange()

    def _accept(self) -> None:
        self.close_sheet()
        self.accepted.emit(self.backups_too.isChecked())

    def _arrange(self) -> None:
        px = self._theme.px
        control, pad, width, step = px(CONTROL_HEIGHT), px(_PAD), self.width(), px(GRID)
        self._title.setGeometry(pad, 0, width - pad - px(56), px(_HEADER))
        self._close.move(width - px(12) - control, (px(_HEADER) - control) // 2)
        y = px(_HEADER)
        for label in (self.contents, self._backups):
            tall = -(-label.heightForWidth(width - 2 * pad) // step) * step
            label.setGeometry(pad, y, width - 2 * pad, tall)
            y += tall + px(12)
        wide = px(40)
        self.backups_too.setGeometry(width - pad - wide, y, wide, px(28))
        beside = width - 2 * pad - wide - px(8)
        tall = max(px(28), -(-self._also.heightForWidth(beside) // step) * step)
        self._also.setGeometry(pad, y, beside, tall)
        foot = self.height() - px(_FOOT)
        x, y = width - pad, foot + (px(_FOOT) - control) // 2
        for button in (self.erase, self.cancel):
            wide = button.sizeHint().width()
            x -= wide
            button.setGeometry(x, y, wide, control)
            x -= px(8)
