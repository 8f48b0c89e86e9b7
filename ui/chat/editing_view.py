"""A message while it is being edited: its words in a field, what sending costs, and the verbs."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from ui.chat.markdown.parser import MarkdownParser
from ui.chat.message_item import MessageItem
from ui.chat.message_view import MessageView
from ui.composer.message_field import MessageField
from ui.theme.theme import Theme
from ui.theme.tokens import CARD_RADIUS, GRID, TEXT_CHAT, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label

_PAD, _GAP, _ROW = 16, 8, 32
_LEAST, _MOST = 48, 400
"""Height of the field."""
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class EditField(MessageField):
    """Enter sends a question; in an answer, which has many lines, Ctrl+Enter keeps it."""

    def __init__(self, parent: QWidget, *, is_user: bool) -> None:
        super().__init__(parent)
        self._is_user = is_user

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in an answer breaks the line."""
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.key() in _ENTER and plain and not self._is_user:
            self.insertPlainText("\n")
            self.ensureCursorVisible()
            return
        super().keyPressEvent(event)


class EditingView(MessageView):
    """Stands in the message's place.

    Signals:
        text_edited(): ``item.editing`` has other words now.
        finished(bool): take the words; True lets the model write an answer on.
        given_up(): leave the message as it was.
    """

    text_edited = Signal()
    finished = Signal(bool)
    given_up = Signal()

    def __init__(
        self, theme: Theme, parser: MarkdownParser, item: MessageItem, parent: QWidget
    ) -> None:
        super().__init__(theme, parser, item, parent)
        self._width = 0
        self.footer.hide()
        self.field = EditField(self, is_user=item.is_user)
        self.field.setFont(theme.font(TEXT_CHAT))
        palette = self.field.palette()
        palette.setColor(QPalette.ColorRole.Text, theme.color("text"))
        self.field.setPalette(palette)
        # In the composer a very long text becomes a file; here it is part of the message.
        self.field.long_pasted.connect(self.field.insertPlainText)
        text = item.editing if item.editing is not None else item.message.text
        self.field.fit_wrapping(text)
        self.field.setPlainText(text)
        self.field.setAccessibleName(
            self.tr("Edit your message") if item.is_user else self.tr("Edit the answer")
        )
        self.cost = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True, parent=self)
        self.cancel = TextButton(theme, self.tr("Cancel"), look="quiet", parent=self)
        self.go_on = TextButton(theme, self.tr("Keep and continue"), parent=self)
        self.keep = TextButton(theme, self.tr("Send"), look="plain", parent=self)
        if item.is_user:
            self.go_on.hide()
        else:
            self.keep.setText(self.tr("Keep"))
        self.cancel.clicked.connect(self.given_up)
        self.go_on.clicked.connect(lambda: self._finish(True))
        self.keep.clicked.connect(lambda: self._finish(False))
        self.field.send_pressed.connect(lambda: self._finish(False))
        self.field.stop_pressed.connect(self.given_up)
        self.field.focus_changed.connect(self.update)
        self.field.textChanged.connect(self._text_changed)
        self.refresh()

    def take_focus(self) -> None:
        """Put the caret behind the last word."""
        self.field.moveCursor(self.field.textCursor().MoveOperation.End)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """What it costs, and whether there is anything to send."""
        item = self.item
        words = item.edit_cost
        if not words:
            words = (
                self.tr("The message as it was stays beside this one.")
                if item.is_user
                else self.tr("The answer as it was stays beside this one.")
            )
        self.cost.setText(words)
        has_words = bool(self.field.toPlainText().strip())
        self.keep.setEnabled(has_words)
        self.go_on.setEnabled(has_words)
        self.setAccessibleName(self.field.accessibleName())

    @property
    def has_selection(self) -> bool:
        """What is selected in the field is no text of the conversation."""
        return False

    def _finish(self, go_on: bool) -> None:
        if self.field.toPlainText().strip():
            self.finished.emit(go_on)

    def _text_changed(self) -> None:
        self.item.editing = self.field.toPlainText()
        self.refresh()
        self.text_edited.emit()
        if self._width and self.arrange(self._width) != self.height():
            self.height_changed.emit()

    # --- geometry ---------------------------------------------------------------------------
    def arrange(self, width: int) -> int:
        """The field over the whole width, below it the sentence and the verbs."""
        self._width = width
        px = self.theme.px
        pad, gap, row = px(_PAD), px(_GAP), px(_ROW)
        lines = self._lines(width - 2 * pad)
        tall = max(px(_LEAST), min(px(_MOST), lines))
        self.field.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAsNeeded
            if lines > px(_MOST)
            else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )
        self.field.setGeometry(pad, px(12), width - 2 * pad, tall)
        y = px(12) + tall + gap
        buttons = [each for each in (self.cancel, self.go_on, self.keep) if not each.isHidden()]
        wides = [button.sizeHint().width() for button in buttons]
        left = width - px(_GAP) - sum(wides) - gap * (len(wides) - 1)
        room = left - pad - gap
        beside = room >= px(160)
        words = self.cost.heightForWidth(room if beside else width - 2 * pad)
        words = max(row, -(-words // px(GRID)) * px(GRID))
        if beside:
            self.cost.setGeometry(pad, y, room, words)
        else:
            self.cost.setGeometry(pad, y, width - 2 * pad, words)
            y += words
            words = row
        x = max(pad, left)
        for button, wide in zip(buttons, wides, strict=True):
            button.setGeometry(x, y + (words - row) // 2, wide, row)
            x += wide + gap
        return y + words + gap

    def _lines(self, width: int) -> int:
        """Pixels for all of the words at this width."""
        if self.field.width() != width:
            self.field.resize(width, max(1, self.field.height()))
        lines = self.field.document().size().height()
        return int(lines * self.field.fontMetrics().lineSpacing()) + self.theme.px(GRID)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A card; its frame takes the accent while it is written in."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.theme.color("accent" if self.field.hasFocus() else "border"), 1.0))
        painter.setBrush(self.theme.color("raised"))
        radius = self.theme.px(CARD_RADIUS)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(area, radius, radius)
