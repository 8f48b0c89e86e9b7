"""A recommended model on a card, and the row of cards."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCursor, QFont, QMouseEvent
from PySide6.QtWidgets import QWidget

from app.amounts import file_size
from ui.chat.figures import percent
from ui.models.view import ShelfCard
from ui.models.words import about, joined, parameters_words
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_CHAT, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.styling import set_style
from ui.widgets.surface import Surface

HEIGHT = 168
_PAD, _GAP, _LEAST, _WORDS_TOP = 16, 16, 264, 74


class ShelfCardView(Surface):
    """At least 312×168.

    Signals:
        opened(str): its page is wanted.
        fetch_requested(str): its download is wanted.
        chat_requested(str): it is here already.
        progress_requested: it is on its way already.
    """

    opened = Signal(str)
    fetch_requested = Signal(str)
    chat_requested = Signal(str)
    progress_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("card", parent)
        self._theme = theme
        self._card: ShelfCard | None = None
        self._kind = Label(
            theme, size=TEXT_SMALL, ink="accent", weight=QFont.Weight.DemiBold, parent=self
        )
        self._speed = Label(theme, size=TEXT_SMALL, tabular=True, parent=self)
        self._name = ElidedLabel(theme, size=TEXT_CHAT, weight=QFont.Weight.DemiBold, parent=self)
        self._facts = ElidedLabel(theme, size=TEXT_SMALL, ink="muted", tabular=True, parent=self)
        self._words = Label(theme, size=TEXT_SMALL, wrap=True, parent=self)
        self._words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._speed.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.fetch = TextButton(theme, "", parent=self)
        self.more = TextButton(theme, self.tr("Details"), look="quiet", parent=self)
        self.setCursor(QCursor(Qt.CursorShape.PointingHandCursor))
        self.fetch.clicked.connect(self._fetch)
        self.more.clicked.connect(self._open)

    def show_card(self, card: ShelfCard) -> None:
        """Show it; the best one's button is the page's filled one."""
        self._card = card
        self._kind.setText(
            {
                "best": self.tr("Best here"),
                "fastest": self.tr("Fastest here"),
                "smallest": self.tr("Smallest useful"),
            }[card.kind]
        )
        self._speed.setText(about(card.speed, is_exact=card.is_exact))
        self._name.setText(card.name)
        size = parameters_words(card.total_parameters, card.active_parameters)
        self._facts.setText(joined((size, card.licence)))
        self._words.setText(card.good_for)
        words = {
            "absent": self.tr("Download, {size}").format(size=file_size(card.size_bytes)),
            "coming": self.tr("Downloading {share}").format(share=percent(card.progress)),
            "here": self.tr("Chat"),
        }[card.fetch]
        self.fetch.setText(words)
        self.fetch.setAccessibleName(joined((words, card.name)))
        self.more.setAccessibleName(self.tr("Details of {name}").format(name=card.name))
        set_style(self.fetch, look="accent" if card.kind == "best" else "plain")
        self.setAccessibleName(joined((self._kind.text(), card.name, card.good_for)))

    def height_for(self, width: int) -> int:
        """Pixels at ``width``, on the grid."""
        px = self._theme.px
        words = self._words.heightForWidth(width - 2 * px(_PAD))
        step = px(GRID)
        wanted = px(_WORDS_TOP) + words + px(4 + CONTROL_HEIGHT + 12)
        return max(px(HEIGHT), -(-wanted // step) * step)

    def place(self, left: int, top: int, width: int, height: int) -> None:
        """Lie there."""
        px = self._theme.px
        self.setGeometry(left, top, width, height)
        pad = px(_PAD)
        room = width - 2 * pad
        speed = self._speed.sizeHint().width()
        self._kind.setGeometry(pad, px(12), room - speed, px(16))
        self._speed.setGeometry(width - pad - speed, px(12), speed, px(16))
        self._name.setGeometry(pad, px(30), room, px(24))
        self._facts.setGeometry(pad, px(54), room, px(16))
        bottom = height - px(12 + CONTROL_HEIGHT)
        words = self._words.heightForWidth(room)
        self._words.setGeometry(pad, px(_WORDS_TOP), room, words)
        control = px(CONTROL_HEIGHT)
        wide = self.fetch.sizeHint().width()
        self.fetch.setGeometry(pad, bottom, wide, control)
        more = self.more.sizeHint().width()
        self.more.setGeometry(width - px(8) - more, bottom, more, control)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click anywhere opens its page."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(
            event.position().toPoint()
        ):
            self._open()

    def _open(self) -> None:
        if self._card:
            self.opened.emit(self._card.key)

    def _fetch(self) -> None:
        if self._card is None:
            return
        if self._card.fetch == "here":
            self.chat_requested.emit(self._card.key)
        elif self._card.fetch == "coming":
            self.progress_requested.emit()
        else:
            self.fetch_requested.emit(self._card.key)


class Shelf(Surface):
    """Up to three cards side by side, fewer where it is narrow; signals as of a card."""

    opened = Signal(str)
    fetch_requested = Signal(str)
    chat_requested = Signal(str)
    progress_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._width = 0
        self.cards: list[ShelfCardView] = []

    def show_cards(self, cards: Sequence[ShelfCard]) -> None:
        """Show these."""
        while len(self.cards) < len(cards):
            made = ShelfCardView(self._theme, self)
            made.opened.connect(self.opened)
            made.fetch_requested.connect(self.fetch_requested)
            made.chat_requested.connect(self.chat_requested)
            made.progress_requested.connect(self.progress_requested)
            self.cards.append(made)
        for number, view in enumerate(self.cards):
            view.setVisible(number < len(cards))
            if number < len(cards):
                view.show_card(cards[number])
        self.setVisible(bool(cards))
        if self._width:
            self.set_column(self._width)

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels; all cards of the shelf are equally high."""
        self._width = width
        px = self._theme.px
        step, gap = px(GRID), px(_GAP)
        shown = [card for card in self.cards if not card.isHidden()]
        beside = max(1, min(3, (width + gap) // (px(_LEAST) + gap)))
        wide = (width - (beside - 1) * gap) // beside // step * step
        tall = max((card.height_for(wide) for card in shown), default=0)
        for number, card in enumerate(shown):
            line, place = divmod(number, beside)
            card.place(place * (wide + gap), line * (tall + gap), wide, tall)
        lines = -(-len(shown) // beside)
        self.setFixedSize(width, max(0, lines * (tall + gap) - gap))
