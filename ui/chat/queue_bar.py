"""Messages that wait for the answer under way, above the composer."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.history.entities import QueuedMessage
from ui.chat.markdown.inline import printable
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.surface import Surface

_ROW, _PAD_SIDE, _PAD, _GAP = 32, 16, 4, 8
_MOST = 3
"""Rows that are shown; more are counted in one line."""
_LONGEST = 300
"""Characters of a message that can possibly be seen in one line."""


class QueueBar(Surface):
    """One row for each message that waits.

    Signals:
        edit_requested(str): take it back into the composer (its id).
        cancel_requested(str): do not send it (its id).
        send_requested(): send the first one now.
    """

    edit_requested = Signal(str)
    cancel_requested = Signal(str)
    send_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__("card", parent)
        self._theme = theme
        self._waiting: list[QueuedMessage] = []
        self._rows: list[list[QWidget]] = []
        self.setAccessibleName(self.tr("Waiting messages"))
        self.send = TextButton(theme, self.tr("Send now"), look="quiet", parent=self)
        self.send.clicked.connect(self.send_requested)
        self.hide()

    @property
    def waiting(self) -> list[QueuedMessage]:
        """What is shown."""
        return list(self._waiting)

    def show_waiting(self, waiting: Sequence[QueuedMessage], *, can_send: bool) -> None:
        """Show what waits; ``can_send`` when nothing is being answered."""
        self.send.setVisible(can_send)
        if list(waiting) == self._waiting:
            return
        self._waiting = list(waiting)
        for row in self._rows:
            for part in row:
                part.hide()
                part.deleteLater()
        self._rows = [self._row(each) for each in self._waiting[:_MOST]]
        left = len(self._waiting) - _MOST
        if left > 0:
            words = self.tr("and {count} more").format(count=left)
            self._rows.append([Label(self._theme, words, ink="muted", parent=self)])
        before: QWidget | None = None
        for part in (part for row in self._rows for part in row):
            part.show()
            if before is not None:
                self.setTabOrder(before, part)
            before = part

    def row(self, number: int) -> list[QWidget]:
        """The parts of a row: words, Edit, Cancel."""
        return list(self._rows[number])

    def arrange(self, width: int) -> int:
        """Lay out for ``width``; return the height."""
        px = self._theme.px
        side, pad, gap, row = px(_PAD_SIDE), px(_PAD), px(_GAP), px(_ROW)
        y = pad
        for number, parts in enumerate(self._rows):
            x = width - gap
            for button in reversed(parts[1:]):
                x -= row
                button.setGeometry(x, y, row, row)
            if number == 0 and not self.send.isHidden():
                wide = self.send.sizeHint().width()
                x -= wide
                self.send.setGeometry(x, y, wide, row)
            parts[0].setGeometry(side, y, max(0, x - gap - side), row)
            y += row
        return y + pad

    def _row(self, message: QueuedMessage) -> list[QWidget]:
        theme, identity = self._theme, message.id
        words = ElidedLabel(theme, size=TEXT_INTERFACE, parent=self)
        text = printable(message.text[:_LONGEST])
        queued = self.tr("Queued: {text}").format(text=text)
        if message.attachments:
            names = ", ".join(printable(each.name) for each in message.attachments)
            queued = self.tr("{queued}  ·  with {files}").format(queued=queued, files=names)
        words.setText(queued)
        edit = IconButton(theme, "pencil", self.tr("Edit this waiting message"), parent=self)
        cancel = IconButton(theme, "x", self.tr("Do not send this message"), parent=self)
        edit.clicked.connect(lambda: self.edit_requested.emit(identity))
        cancel.clicked.connect(lambda: self.cancel_requested.emit(identity))
        return [words, edit, cancel]
