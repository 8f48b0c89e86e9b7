"""What a publisher wrote about a model, as untrusted text: no pictures or HTML, links ask first."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget

from ui.chat.clipboard import put_text
from ui.chat.figures import grouped
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.markdown_view import MarkdownView
from ui.models.card_text import beginning, readable_card
from ui.sentences import say
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, TEXT_CHAT
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

COLUMN = 720


class CardView(Surface):
    """Long cards begin short.

    Signals:
        link_activated(str): a link was chosen; its true address.
        height_changed: it needs ``set_column`` again.
    """

    link_activated = Signal(str)
    height_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._source: str | None = None
        self._text = ""
        self._is_whole = False
        self._title = Label(
            theme,
            self.tr("What its publisher says"),
            size=TEXT_CHAT,
            weight=QFont.Weight.DemiBold,
            parent=self,
        )
        self._state = Label(theme, ink="muted", parent=self)
        self.text = MarkdownView(theme, MarkdownParser(), self)
        self.text.setAccessibleName(self.tr("What its publisher says"))
        self.all = TextButton(theme, "", parent=self)
        self.all.hide()
        self.text.link_activated.connect(self.link_activated)
        self.text.copy_requested.connect(put_text)
        self.text.copy_all_requested.connect(lambda: put_text(self._text))
        self.text.height_changed.connect(self.height_changed)
        self.all.clicked.connect(self._show_all)
        theme.changed.connect(self.text.restyle)
        self.show_card(None)

    def show_card(self, source: str | None) -> None:
        """Show markdown; None: it is on its way, empty: there is none."""
        if source == self._source and source is not None:
            return
        self._source, self._is_whole = source, False
        self._text = readable_card(source or "")
        state = say("models.card_coming") if source is None else say("models.no_card")
        self._state.setText("" if self._text else state)
        self._state.setVisible(not self._text)
        self._show_text()

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels; the text at most 720 of them."""
        px = self._theme.px
        column = min(width, px(COLUMN))
        self._title.setGeometry(0, 0, column, px(24))
        y = px(32)
        if self._text:
            tall = self.text.set_width(column)
            self.text.setGeometry(0, y, column, max(1, tall))
            y += tall + px(12)
        else:
            self._state.setGeometry(0, y, column, px(20))
            y += px(24)
        if not self.all.isHidden():
            wide = min(self.all.sizeHint().width(), column)
            self.all.setGeometry(0, y, wide, px(CONTROL_HEIGHT))
            y += px(CONTROL_HEIGHT)
        self.setFixedSize(width, y)

    def _show_text(self) -> None:
        part = self._text if self._is_whole else beginning(self._text)
        self.text.set_markdown(part)
        self.text.setVisible(bool(part))
        is_cut = len(part) < len(self._text)
        self.all.setText(
            self.tr("Show all of it, {count} characters").format(count=grouped(len(self._text)))
        )
        self.all.setVisible(is_cut)
        self.height_changed.emit()

    def _show_all(self) -> None:
        self._is_whole = True
        self._show_text()
