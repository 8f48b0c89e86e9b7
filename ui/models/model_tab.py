"""A model's page: what to take, all quantizations with where they would go, and its card."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.amounts import file_size
from models.naming import shorten
from ui.chat.clipboard import put_text
from ui.chat.figures import percent
from ui.chat.link_prompt import HEIGHT as PROMPT_HEIGHT
from ui.chat.link_prompt import LinkPrompt
from ui.models.card_view import CardView
from ui.models.column import Column, column_of
from ui.models.model_head import ModelHead
from ui.models.quantization_table import QuantizationTable
from ui.models.strip import Strip
from ui.models.view import ModelView, QuantizationRow
from ui.sentences import say
from ui.theme.theme import Theme
from ui.widgets.surface import Surface

_VERB = 176
"""Pixels at 100 % that the strip keeps for its button, whatever it says."""


class ModelTab(Surface):
    """Signals:
    back_requested: by the button or Esc.
    publisher_chosen(str): another repository of the same model.
    fetch_requested(str), chat_requested(str): key of a quantization.
    progress_requested: a download is on its way; show it.
    page_requested(str): the repository's page on the Hub, in the browser.
    link_requested(str): a link of the card, that somebody agreed to open.
    try_again_requested: it could not be looked at.
    online_requested: the settings that let Moestro ask the Hub.
    """

    back_requested = Signal()
    publisher_chosen = Signal(str)
    fetch_requested = Signal(str)
    chat_requested = Signal(str)
    progress_requested = Signal()
    page_requested = Signal(str)
    link_requested = Signal(str)
    try_again_requested = Signal()
    online_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self._theme = theme
        self._view: ModelView | None = None
        self._width = 0
        self.area = Column(theme, gap=12, parent=self)
        self.head = ModelHead(theme)
        self.trouble = Strip(theme, "circle-alert")
        self.gate = Strip(theme, "lock")
        self.advice = Strip(theme, "circle-check", weight=QFont.Weight.Medium)
        self.advice.reserve(_VERB)
        self.table = QuantizationTable(theme)
        self.card = CardView(theme)
        self.link_prompt = LinkPrompt(theme, self)
        self._parts = (self.head, self.trouble, self.gate, self.advice, self.table, self.card)
        self.area.set_parts(self._parts)
        self._connect()
        theme.changed.connect(self._arrange)

    @property
    def repository(self) -> str:
        """Whose page this is, "" before there was one."""
        return self._view.repository if self._view else ""

    def show_model(self, view: ModelView) -> None:
        """Show it. Of the same repository nothing moves but what got more words."""
        is_other = view.repository != self.repository
        self._view = view
        self.setAccessibleName(view.name)
        self.head.show_model(view)
        self._show_trouble(view)
        self.gate.setVisible(view.is_gated and not view.trouble)
        self.gate.tell("warning", say("models.gated"), self.tr("Open page to accept"))
        self._show_advice(view)
        self.table.show_rows(view.rows, view.recommended)
        self.table.setVisible(bool(view.rows))
        self.card.setVisible(not view.is_loading and not view.trouble)
        self.card.show_card(view.card)
        self._set_column(self._width)
        if is_other:
            self.area.verticalScrollBar().setValue(0)
            self.link_prompt.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back; keys scroll."""
        if event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        elif not self.area.scroll_by_key(event):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """All of it scrolls."""
        super().resizeEvent(event)
        self._arrange()

    def _connect(self) -> None:
        self.area.column_changed.connect(self._set_column)
        self.head.back_requested.connect(self.back_requested)
        self.head.publisher_chosen.connect(self.publisher_chosen)
        for source in (self.head.page_requested, self.gate.chosen):
            source.connect(lambda: self.page_requested.emit(self.repository))
        self.trouble.chosen.connect(self._mend)
        self.advice.chosen.connect(self._take)
        self.table.fetch_requested.connect(self.fetch_requested)
        self.table.chat_requested.connect(self.chat_requested)
        self.table.progress_requested.connect(self.progress_requested)
        self.table.height_changed.connect(lambda: self._set_column(self._width))
        self.card.height_changed.connect(lambda: self._set_column(self._width))
        self.card.link_activated.connect(self.link_prompt.ask)
        self.link_prompt.open_chosen.connect(self.link_requested)
        self.link_prompt.copy_chosen.connect(put_text)

    def _show_trouble(self, view: ModelView) -> None:
        self.trouble.setVisible(bool(view.trouble) or view.is_offline)
        if view.trouble:
            self.trouble.tell("bad", view.trouble, self.tr("Try again"))
        elif view.is_offline:
            self.trouble.tell("warning", say("models.offline"), self.tr("Allow it"))

    def _show_advice(self, view: ModelView) -> None:
        self.advice.setVisible(not view.trouble or bool(view.rows))
        row = self._recommended(view)
        if row is None:
            is_empty = not view.rows and not view.is_loading
            nothing = say("models.no_gguf", {"name": shorten(view.name)})
            words = nothing if is_empty else say("models.reading")
            self.advice.tell("card", words, icon="info" if is_empty else "search")
            return
        words = {
            "absent": self.tr("Download {size}").format(size=file_size(row.size_bytes)),
            "coming": self.tr("Downloading {share}").format(share=percent(row.progress)),
            "here": self.tr("Chat"),
        }[row.fetch]
        self.advice.tell("good", view.advice, words, look="accent", icon="circle-check")

    @staticmethod
    def _recommended(view: ModelView) -> QuantizationRow | None:
        return next((row for row in view.rows if row.key == view.recommended), None)

    def _take(self) -> None:
        row = self._recommended(self._view) if self._view else None
        if row is None:
            return
        if row.fetch == "here":
            self.chat_requested.emit(row.key)
        elif row.fetch == "coming":
            self.progress_requested.emit()
        else:
            self.fetch_requested.emit(row.key)

    def _mend(self) -> None:
        if self._view and self._view.trouble:
            self.try_again_requested.emit()
        else:
            self.online_requested.emit()

    def _set_column(self, width: int) -> None:
        if not width or self._view is None:
            self._width = width
            return
        self._width = width
        for part in self._parts:
            part.set_column(width)
        self.area.stack()

    def _arrange(self) -> None:
        px = self._theme.px
        self.area.setGeometry(self.rect())
        left, column = column_of(self._theme, self.width())
        tall = px(PROMPT_HEIGHT)
        top = self.height() - tall - px(8)
        self.link_prompt.setGeometry(left, top, min(column, px(720)), tall)
        self.link_prompt.setProperty("floats", True)
