"""Above the composer: the context is full, or some messages are not sent; and what to do."""

from itertools import pairwise

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.context.offers import ContextOffer
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

_PAD_SIDE, _PAD, _GAP = 16, 8, 8
_ICON, _ROW = 16, 32


class OverflowBar(Surface):
    """One sentence, a muted one about the price, and a row of verbs.

    Signals:
        chosen(str): the id of a verb.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__("card", parent)
        self._theme = theme
        self._offer: ContextOffer | None = None
        self._icon = Label(theme, parent=self)
        self._words = Label(theme, size=TEXT_INTERFACE, wrap=True, parent=self)
        self._more = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True, parent=self)
        self._buttons: list[TextButton] = []
        theme.changed.connect(self._restyle)
        self.hide()

    @property
    def offer(self) -> ContextOffer | None:
        """What is shown."""
        return self._offer

    @property
    def buttons(self) -> list[TextButton]:
        """The verbs."""
        return list(self._buttons)

    def show_offer(self, offer: ContextOffer | None) -> None:
        """Show ``offer`` in place of the last one; None shows none."""
        if offer == self._offer:
            return
        self._offer = offer
        if offer is None:
            return
        self._words.setText(offer.text)
        self._more.setText(offer.more)
        self._more.setVisible(bool(offer.more))
        self.setAccessibleName(offer.text)
        self.setAccessibleDescription(offer.more)
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = []
        for action, label in offer.actions:
            button = TextButton(self._theme, label, parent=self)
            button.clicked.connect(lambda _=False, action=action: self.chosen.emit(action))
            button.show()
            self._buttons.append(button)
        for before, after in pairwise(self._buttons):
            self.setTabOrder(before, after)
        self._restyle()

    def button(self, action: str) -> TextButton | None:
        """The button of a verb."""
        actions = self._offer.actions if self._offer is not None else ()
        names = [each for each, _label in actions]
        return self._buttons[names.index(action)] if action in names else None

    def arrange(self, width: int) -> int:
        """Lay out for ``width``; return the height. Verbs that do not fit beside go below."""
        px = self._theme.px
        left, pad, gap, row = px(_PAD_SIDE), px(_PAD), px(_GAP), px(_ROW)
        icon = px(_ICON)
        warns = not self._icon.isHidden()
        text = left + (icon + gap if warns else 0)
        wides = [button.sizeHint().width() for button in self._buttons]
        verbs = sum(wides) + gap * (len(wides) - 1)
        few = (
            not self._more.text()
            and self._words.fontMetrics().horizontalAdvance(self._words.text()) + verbs + gap
            <= width - text - pad
        )
        room = width - text - left - (verbs + gap if few else 0)
        tall = self._on_grid(max(row if few else 0, self._words.heightForWidth(room)))
        y = pad if few else pad + px(GRID)
        self._words.setGeometry(text, y, room, tall)
        line = self._words.fontMetrics().height()
        self._icon.setGeometry(left, y + (tall if few else line) // 2 - icon // 2, icon, icon)
        if few:
            self._place_verbs(wides, width - pad - verbs, y + (tall - row) // 2, width)
            return y + tall + pad
        y += tall
        if not self._more.isHidden():
            y += px(GRID)
            more = self._on_grid(self._more.heightForWidth(room))
            self._more.setGeometry(text, y, room, more)
            y += more
        bottom = self._place_verbs(wides, left, y + pad, width)
        return bottom + pad

    def _place_verbs(self, wides: list[int], x: int, y: int, width: int) -> int:
        """In rows from ``x``; return where they end."""
        px = self._theme.px
        begin, gap, row = x, px(_GAP), px(_ROW)
        for button, wide in zip(self._buttons, wides, strict=True):
            if x > begin and x + wide > width - px(_PAD):
                x, y = begin, y + row + gap
            button.setGeometry(x, y, wide, row)
            x += wide + gap
        return y + row

    def _on_grid(self, length: int) -> int:
        step = 2 * self._theme.px(GRID)
        return -(-length // step) * step

    def _restyle(self) -> None:
        warns = self._offer is not None and self._offer.warns
        side = self._theme.px(_ICON)
        icon = self._theme.icon("triangle-alert", self._theme.colors.warning)
        self._icon.setPixmap(icon.pixmap(side, side))
        self._icon.setVisible(warns)
