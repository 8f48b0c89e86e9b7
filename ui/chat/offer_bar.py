"""A sentence with up to two verbs over the composer: go on with this model, or load that one."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import GRID, TEXT_INTERFACE
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface
from ui.widgets.tooltips import plain_tooltip

_LEAST, _LEAST_WORDS = 48, 144
_PAD_LEFT, _PAD_RIGHT, _PAD_TOP, _GAP = 16, 8, 8, 8


class OfferBar(Surface):
    """Signals: chosen(str): the id of the verb. closed(): put away without choosing."""

    chosen = Signal(str)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__("card", parent)
        self._theme = theme
        self._words = Label(theme, size=TEXT_INTERFACE, wrap=True, parent=self)
        self._buttons: list[TextButton] = []
        self._shown: tuple[str, tuple[tuple[str, str], ...]] = ("", ())
        self._close = IconButton(theme, "x", self.tr("Close"), parent=self)
        self._close.clicked.connect(self.closed)
        self.hide()

    @property
    def buttons(self) -> list[TextButton]:
        """The verbs."""
        return list(self._buttons)

    def offer(self, text: str, actions: Sequence[tuple[str, str]]) -> None:
        """Show ``text`` with its verbs as (id, label)."""
        wanted = (text, tuple(actions))
        if wanted == self._shown:
            return
        self._shown = wanted
        self._words.setText(text)
        self.setAccessibleName(text)
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = []
        for action, label in actions:
            button = TextButton(self._theme, label, parent=self)
            button.setAccessibleName(label)
            button.clicked.connect(lambda _=False, action=action: self.chosen.emit(action))
            button.show()
            self._buttons.append(button)
        for before, after in pairwise([*self._buttons, self._close]):
            self.setTabOrder(before, after)

    def arrange(self, width: int) -> int:
        """Lay out for ``width``; return the height.

        The verbs stand beside the sentence, below it where that leaves it too little room, and
        each in its own line where even that is too narrow.
        """
        px = self._theme.px
        left, pad, gap, side = px(_PAD_LEFT), px(_PAD_TOP), px(_GAP), self._close.width()
        close = width - px(_PAD_RIGHT) - side
        wides = [self._fit_verb(button, width - 2 * left) for button in self._buttons]
        row = sum(wides) + gap * len(wides)
        beside = close - left - row - gap >= px(_LEAST_WORDS)
        room = close - left - gap - (row if beside else 0)
        tall = max(side, self._on_grid(self._words.heightForWidth(room)))
        self._words.setGeometry(left, pad, room, tall)
        self._close.move(close, pad + ((tall - side) // 2 if beside else 0))
        if beside:
            self._place_verbs(wides, close - row, pad + (tall - side) // 2, in_a_row=True)
            return max(px(_LEAST), tall + 2 * pad)
        in_a_row = left + row - gap <= width - left
        self._place_verbs(wides, left, pad + tall + pad, in_a_row=in_a_row)
        lines = 1 if in_a_row else len(wides)
        return tall + 2 * pad + lines * (side + pad)

    def _place_verbs(self, wides: list[int], x: int, y: int, *, in_a_row: bool) -> None:
        gap = self._theme.px(_GAP)
        for button, wide in zip(self._buttons, wides, strict=True):
            button.setGeometry(x, y, wide, button.height())
            if in_a_row:
                x += wide + gap
            else:
                y += button.height() + gap

    def _fit_verb(self, button: TextButton, room: int) -> int:
        """The width of a verb; a long model name in it is cut in the middle."""
        label, pads = button.accessibleName(), self._theme.px(32)
        middle = Qt.TextElideMode.ElideMiddle
        button.setText(button.fontMetrics().elidedText(label, middle, room - pads))
        button.setToolTip(plain_tooltip(label) if button.text() != label else "")
        return min(room, button.sizeHint().width())

    def _on_grid(self, length: int) -> int:
        step = 2 * self._theme.px(GRID)
        return -(-length // step) * step
