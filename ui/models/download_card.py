"""One download in the list: name, state, bar, figures that stand still, and its two verbs."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.library.download_states import DownloadState
from ui.models.download_words import (
    Verb,
    fraction,
    ink,
    more_verbs,
    sentence,
    state_words,
    verb_tooltip,
    verb_words,
    verbs,
)
from ui.models.view import DownloadRow
from ui.models.words import amount_words, joined, left_words, rate_words
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, FOCUS_WIDTH, GRID, RADIUS, TEXT_SMALL
from ui.widgets.bar import Bar
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.dot import Dot
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.menu import Menu
from ui.widgets.surface import Surface

HEIGHT, TALL = 72, 112
_WIDE_FROM = 720
_FIRST, _SECOND, _BAR = 136, 88, 6
_AMOUNT, _RATE, _LEFT = 120, 72, 112
"""Columns of the figures, wide enough for the longest."""


class DownloadCard(Surface):
    """72 high; where it is narrow the buttons stand in a line of their own.

    Signals:
        asked(str, str): a verb and the download's id.
        move_requested(str, int): the download's id, and by how many places.
    """

    asked = Signal(str, str)
    move_requested = Signal(str, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._row: DownloadRow | None = None
        self._is_ended = False
        self._end = 0
        self._name = ElidedLabel(theme, weight=QFont.Weight.Medium, parent=self)
        self._amount = Label(theme, size=TEXT_SMALL, ink="muted", tabular=True, parent=self)
        self._rate = Label(theme, size=TEXT_SMALL, ink="muted", tabular=True, parent=self)
        self._left = Label(theme, size=TEXT_SMALL, ink="muted", tabular=True, parent=self)
        self._dot = Dot(theme, parent=self)
        self.state = Label(theme, size=TEXT_SMALL, tabular=True, parent=self)
        self.sentence = ElidedLabel(theme, size=TEXT_SMALL, ink="muted", parent=self)
        self.bar = Bar(theme, height=_BAR, parent=self)
        self.first = TextButton(theme, "", parent=self)
        self.second = TextButton(theme, "", look="quiet", parent=self)
        self.more = IconButton(theme, "ellipsis", self.tr("More"), parent=self)
        for label in (self._amount, self._rate, self._left):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for label in (self._name, self.state, self.sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.first.clicked.connect(lambda: self._ask(0))
        self.second.clicked.connect(lambda: self._ask(1))
        self.more.clicked.connect(self._open_menu)
        theme.changed.connect(self.update)

    @property
    def id(self) -> str:
        """Of the download shown."""
        return self._row.id if self._row else ""

    @property
    def figures(self) -> tuple[str, str, str]:
        """Amount, rate and time left, as shown."""
        return self._amount.text(), self._rate.text(), self._left.text()

    def show_download(self, row: DownloadRow) -> None:
        """Show it. Buttons and figures keep their places, whatever the state."""
        if row == self._row:
            return
        self._row = row
        state = row.status.state
        self._is_ended = state in (DownloadState.READY, DownloadState.CANCELLED)
        self._name.setText(joined((row.name, row.quantization)))
        self._amount.setText(amount_words(row.done_bytes, row.total_bytes))
        runs = state is DownloadState.DOWNLOADING and not row.is_stalled
        rate, left = row.bytes_per_second, row.seconds_left
        self._rate.setText(rate_words(rate) if runs and rate is not None else "")
        self._left.setText(left_words(left) if runs and left is not None else "")
        self.state.setText(state_words(row))
        color = ink(row)
        self._dot.set_ink(color)
        self.state.set_ink(color if color in ("good", "warning", "bad") else "text")
        self.sentence.setText(sentence(row))
        self.bar.set_value(fraction(row), color)
        self.setAccessibleName(joined((row.name, row.quantization, state_words(row))))
        self.setAccessibleDescription(joined((*self.figures, sentence(row))))
        self._show_buttons(row)
        self._arrange_second_line()

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels."""
        px = self._theme.px
        is_wide = width >= px(_WIDE_FROM)
        self.setFixedSize(width, px(HEIGHT if is_wide else TALL))
        self._arrange(is_wide=is_wide)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter does the first verb, Delete the second; Alt and arrows move it in the queue."""
        by_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        if by_alt and key in steps:
            self._move(steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.hasFocus():
            self._ask(0)
        elif key == Qt.Key.Key_Delete:
            self._ask_to_end()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """No ring."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A hairline below, and a ring when the keyboard is here."""
        super().paintEvent(event)
        theme = self._theme
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("border"))
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("accent"), theme.px(FOCUS_WIDTH)))
            area = self.rect().adjusted(1, 1, -1, -2)
            painter.drawRoundedRect(area, theme.px(RADIUS), theme.px(RADIUS))

    # --- verbs -----------------------------------------------------------------------------

    def _show_buttons(self, row: DownloadRow) -> None:
        found = verbs(row)
        for number, button in enumerate((self.first, self.second)):
            verb = found[number] if number < len(found) else None
            button.setVisible(verb is not None)
            if verb is not None:
                button.setText(verb_words(verb))
                button.setAccessibleName(joined((verb_words(verb), row.name)))
                button.setToolTip(verb_tooltip(row, verb))
        self.more.setVisible(not row.elsewhere)
        self.more.set_name(self.tr("More about {name}").format(name=row.name))

    def _ask(self, number: int) -> None:
        found = verbs(self._row) if self._row else ()
        if number < len(found):
            self.asked.emit(found[number], self.id)

    def _ask_to_end(self) -> None:
        if self._row is None:
            return
        ends: tuple[Verb, ...] = ("cancel", "discard", "remove")
        found = (*verbs(self._row), *more_verbs(self._row))
        verb = next((verb for verb in ends if verb in found), None)
        if verb:
            self.asked.emit(verb, self.id)

    def _move(self, step: int) -> None:
        if self._row and not self._row.elsewhere and not self._is_ended:
            self.move_requested.emit(self.id, step)

    def _open_menu(self) -> None:
        if self._row is None:
            return
        menu = Menu(self)
        if not self._is_ended:
            menu.entry(self.tr("Move up"), "Alt+Up").triggered.connect(lambda: self._move(-1))
            menu.entry(self.tr("Move down"), "Alt+Down").triggered.connect(lambda: self._move(1))
            menu.addSeparator()
        for verb in more_verbs(self._row):
            action = menu.entry(verb_words(verb))
            action.triggered.connect(lambda _=False, verb=verb: self.asked.emit(verb, self.id))
        menu.open_below(self.more, right=True)

    # --- placing ---------------------------------------------------------------------------

    def _arrange(self, *, is_wide: bool) -> None:
        px = self._theme.px
        pad, gap, control = px(12), px(8), px(CONTROL_HEIGHT)
        right = self.width() - pad
        buttons = px(_FIRST + 8 + _SECOND + 8) + control
        y = gap if is_wide else px(56)
        x = right - buttons if is_wide else pad
        self.first.setGeometry(x, y, px(_FIRST), control)
        self.second.setGeometry(x + px(_FIRST) + gap, y, px(_SECOND), control)
        self.more.setGeometry(x + px(_FIRST + _SECOND) + 2 * gap, y, control, control)
        end = x - px(16) if is_wide else right
        x = end
        for label, column in ((self._left, _LEFT), (self._rate, _RATE), (self._amount, _AMOUNT)):
            wide = min(px(column), max(0, x - pad))
            x -= wide
            label.setGeometry(x, px(6), wide, px(20))
        is_cramped = x - pad < px(120)
        if is_cramped:
            # In the narrowest pages only what is there counts.
            self._amount.setGeometry(end - px(_AMOUNT), px(6), px(_AMOUNT), px(20))
            x = end - px(_AMOUNT)
        self._rate.setVisible(not is_cramped)
        self._left.setVisible(not is_cramped)
        self._name.setGeometry(pad, px(6), max(px(40), x - pad - gap), px(20))
        self._dot.move(pad, px(34))
        self._end = end
        bottom = self.height() - px(_BAR) - px(10)
        self.bar.setGeometry(pad, bottom, self.width() - 2 * pad, px(_BAR))
        self._arrange_second_line()

    def _arrange_second_line(self) -> None:
        px = self._theme.px
        left, top, tall = px(12 + 16), px(28), px(20)
        step = px(GRID)
        wide = -(-self.state.sizeHint().width() // step) * step
        self.state.setGeometry(left, top, wide, tall)
        begin = left + wide + px(12)
        self.sentence.setGeometry(begin, top, max(step, self._end - begin), tall)
        self.sentence.setVisible(bool(self.sentence.text()))
