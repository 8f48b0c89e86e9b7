"""What the model saw, or would see: the prompt letter by letter, its tokens and their parts."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ui.context.words import Row
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_HEADING, TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.sheet import Sheet
from ui.widgets.styling import set_style

MOST_SHOWN = 400_000
"""Characters laid out; copying takes all of it."""


class PromptSheet(Sheet):
    """Shows plain text; nothing in it is read as Markdown, HTML or a link.

    Signals:
        copy_requested(str): the whole prompt, for the clipboard.
    """

    copy_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, self.tr("What the model sees"), QSize(720, 640), parent)
        self._prompt = ""
        self._title = Label(theme, size=TEXT_HEADING, weight=QFont.Weight.DemiBold)
        self._about = Label(theme, ink="muted", wrap=True)
        self._parts = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True, tabular=True)
        self.remark = Label(theme, size=TEXT_INTERFACE, ink="warning", wrap=True)
        self.field = QPlainTextEdit()
        self.field.setReadOnly(True)
        self.field.setTabChangesFocus(True)
        # Also by keys: who cannot use a mouse reads it with the arrow keys.
        self.field.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.field.setAccessibleName(self.tr("The prompt as the model is given it"))
        set_style(self.field, look="field")
        self.copy = TextButton(theme, self.tr("Copy all of it"))
        self.done = TextButton(theme, self.tr("Done"))
        buttons = self._buttons = QHBoxLayout()
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        buttons.addWidget(self.done)
        layout = self._layout = QVBoxLayout(self)
        for part in (self._title, self._about, self._parts, self.remark):
            layout.addWidget(part)
        layout.addWidget(self.field, 1)
        layout.addLayout(buttons)
        self.copy.clicked.connect(lambda: self.copy_requested.emit(self._prompt))
        self.done.clicked.connect(self.close_sheet)
        # It may be long, and it is made again each time.
        self.closed.connect(lambda: self._show(""))
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def prompt(self) -> str:
        """What is shown, all of it; "" while it is not there."""
        return self._prompt

    @property
    def about(self) -> str:
        """The sentence above."""
        return self._about.text()

    @property
    def parts(self) -> str:
        """The tokens part by part, in one line."""
        return self._parts.text()

    def begin(self, title: str, about: str) -> None:
        """Open with ``about`` until there is more to say."""
        self._title.setText(title)
        self.setAccessibleName(title)
        self.say(about)
        self.open_sheet()
        self.done.setFocus(Qt.FocusReason.PopupFocusReason)

    def say(self, about: str) -> None:
        """A sentence in place of a prompt."""
        self._tell(about, (), "")
        self._show("")

    def show_prompt(self, text: str, about: str, parts: Sequence[Row], remark: str) -> None:
        """The prompt with its tokens; ``remark`` tells why it may not be what was read then."""
        self._tell(about, parts, remark)
        self._show(text)

    def _tell(self, about: str, parts: Sequence[Row], remark: str) -> None:
        self._about.setText(about)
        each = self.tr("{part} {count}")
        words = (each.format(part=part, count=count) for part, count in parts)
        self._parts.setText("  ·  ".join(words))
        self._parts.setVisible(bool(parts))
        self.remark.setText(remark)
        self.remark.setVisible(bool(remark))

    def _show(self, text: str) -> None:
        self._prompt = text
        shown = text[:MOST_SHOWN]
        if len(text) > MOST_SHOWN:
            shown += "\n\n" + self.tr("[The rest is not shown here; “Copy all of it” takes it.]")
        self.field.setPlainText(shown)
        self.copy.setEnabled(bool(text))

    def _restyle(self) -> None:
        px = self._theme.px
        pad = px(24) - 1  # the frame takes a pixel
        self._layout.setContentsMargins(pad, pad, pad, pad)
        self._layout.setSpacing(px(12))
        self._buttons.setSpacing(px(8))
        self.field.setFont(self._theme.mono_font())
