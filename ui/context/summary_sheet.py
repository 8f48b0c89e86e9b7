"""The summary that stands for the oldest messages: written by the model, shown and editable."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ui.chat.figures import grouped
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_CHAT, TEXT_HEADING
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.sheet import Sheet
from ui.widgets.styling import set_style


class SummarySheet(Sheet):
    """Shows the text while it is written; then it can be changed.

    Signals:
        kept(str): take this text as the summary.
        removed(): send the messages themselves again.
        written_again(): let the model write another one.
    """

    kept = Signal(str)
    removed = Signal()
    written_again = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, self.tr("Summary"), QSize(640, 480), parent)
        self._theme = theme
        self._title = Label(theme, size=TEXT_HEADING, weight=QFont.Weight.DemiBold)
        self._title.setText(self.tr("Summary"))
        self._about = Label(theme, ink="muted", wrap=True)
        self.field = QPlainTextEdit()
        self.field.setAccessibleName(self.tr("Summary"))
        self.field.setTabChangesFocus(True)
        set_style(self.field, look="field")
        self.remove = TextButton(theme, self.tr("Remove the summary"), look="quiet")
        self.again = TextButton(theme, self.tr("Write it again"), look="quiet")
        self.cancel = TextButton(theme, self.tr("Cancel"))
        self.keep = TextButton(theme, self.tr("Use this summary"))
        buttons = QHBoxLayout()
        buttons.addWidget(self.remove)
        buttons.addWidget(self.again)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.keep)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self._title)
        self._layout.addWidget(self._about)
        self._layout.addWidget(self.field, 1)
        self._layout.addLayout(buttons)
        self._buttons = buttons
        self.cancel.clicked.connect(self.close_sheet)
        self.again.clicked.connect(self.written_again)
        self.remove.clicked.connect(self.removed)
        self.keep.clicked.connect(lambda: self.kept.emit(self.field.toPlainText()))
        self.field.textChanged.connect(self._show_verbs)
        theme.changed.connect(self._restyle)
        self._restyle()

    def begin(self, count: int) -> None:
        """The model begins to write a summary of ``count`` messages."""
        self.field.setReadOnly(True)
        self.field.setPlainText("")
        self.remove.hide()
        self._about.setText(
            self.tr("The model is writing a summary of {count} messages.").format(
                count=grouped(count)
            )
        )
        self._show_verbs()
        self.open_sheet()
        self.cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def grow(self, text: str) -> None:
        """The summary reads so by now."""
        self.field.setPlainText(text)
        bar = self.field.verticalScrollBar()
        bar.setValue(bar.maximum())

    def show_text(self, text: str, *, stored: bool) -> None:
        """Show a summary that may be changed; ``stored`` if it is in use already."""
        self.field.setReadOnly(False)
        self.field.setPlainText(text)
        self.remove.setVisible(stored)
        self._about.setText(
            self.tr("It is sent in place of the greyed messages, which stay in the chat.")
        )
        self._show_verbs()
        self.open_sheet()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_verbs(self) -> None:
        done = not self.field.isReadOnly()
        self.keep.setEnabled(done and bool(self.field.toPlainText().strip()))
        self.again.setEnabled(done)

    def _restyle(self) -> None:
        px = self._theme.px
        pad = px(24) - 1  # the frame takes a pixel
        self._layout.setContentsMargins(pad, pad, pad, pad)
        self._layout.setSpacing(px(12))
        self._buttons.setSpacing(px(8))
        self.field.setFont(self._theme.font(TEXT_CHAT))
