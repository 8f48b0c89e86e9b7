"""An opening message: what the model is to have said first in a new chat."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label, Weight
from ui.widgets.styling import set_style

_HEIGHT = 64


class OpeningForm(QWidget):
    """Shown only while a chat is empty: later it is a message like any other.

    Signals:
        wanted(str): the chat is to begin with these words.
    """

    wanted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        heading = Label(
            theme, self.tr("Opening message"), size=TEXT_INTERFACE, weight=Weight.DemiBold
        )
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(self.tr("Opening message"))
        self.text.setPlaceholderText(self.tr("What the model says first, for example a question"))
        set_style(self.text, look="field")
        heading.setBuddy(self.text)
        self.begin = TextButton(
            theme, self.tr("Begin with it"), look="flush", size=TEXT_INTERFACE, height=28
        )
        self.begin.clicked.connect(self._ask)
        self.text.textChanged.connect(self._show_button)
        layout.addWidget(heading)
        layout.addWidget(self.text)
        layout.addWidget(self.begin, 0, Qt.AlignmentFlag.AlignLeft)
        self._show_button()
        theme.changed.connect(self._restyle)
        self._restyle()

    def clear(self) -> None:
        """Another chat is shown."""
        self.text.clear()

    def _ask(self) -> None:
        words = self.text.toPlainText().strip()
        if words:
            self.wanted.emit(words)

    def _show_button(self) -> None:
        self.begin.setVisible(bool(self.text.toPlainText().strip()))

    def _restyle(self) -> None:
        self._layout.setSpacing(self._theme.px(8))
        self.text.setFont(self._theme.font(TEXT_SMALL))
        self.text.setFixedHeight(self._theme.px(_HEIGHT))
