"""What an empty chat shows: a question, three ideas, and a word about the demo model."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from ui.chat.best_card import WIDTH as BEST_WIDTH
from ui.chat.best_card import BestCard, BestModel
from ui.theme.theme import Theme
from ui.theme.tokens import (
    CARD_RADIUS,
    FOCUS_WIDTH,
    GRID,
    TEXT_INTERFACE,
    TEXT_SMALL,
    TEXT_TITLE,
)
from ui.widgets.buttons import TextButton, pressed_by_enter
from ui.widgets.labels import Label, Weight

_CARD_WIDTH, _CARD_HEIGHT, _GAP = 232, 72, 12
_TITLE_HEIGHT, _BELOW_TITLE, _DEMO_LINE = 40, 24, 28
_EDGE, _SIDE = 8, 16
_SHAPES = ((3, 1), (1, 3), (2, 1), (1, 2), (1, 1))
"""Columns and rows of cards, the best first."""


class PromptCard(QAbstractButton):
    """232×72: what it asks for, and what about."""

    def __init__(self, theme: Theme, title: str, detail: str, prompt: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._title, self._detail = theme, title, detail
        self.prompt = prompt
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(prompt)
        self.setToolTip(prompt)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter does what Space does."""
        if not pressed_by_enter(self, event):
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be clicked."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A hairline card with two lines."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = FOCUS_WIDTH if self.hasFocus() else 1
        painter.setPen(QPen(theme.color("accent" if self.hasFocus() else "border"), width))
        painter.setBrush(theme.color("raised" if self.underMouse() else "page"))
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(area, theme.px(CARD_RADIUS), theme.px(CARD_RADIUS))
        inner = self.rect().adjusted(theme.px(16), theme.px(14), -theme.px(12), -theme.px(12))
        painter.setPen(theme.color("text"))
        painter.setFont(theme.font(TEXT_INTERFACE, weight=Weight.Medium))
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignTop), self._title)
        painter.setPen(theme.color("muted"))
        painter.setFont(theme.font(TEXT_SMALL))
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignBottom), self._detail)


class EmptyState(QWidget):
    """Signals:
    prompt_chosen(str): a card was clicked; its text belongs into the composer.
    open_file_requested(): a person has a model file already.
    """

    prompt_chosen = Signal(str)
    open_file_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = Label(
            theme,
            self.tr("What would you like to know?"),
            size=TEXT_TITLE,
            weight=Weight.DemiBold,
            parent=self,
        )
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.cards = [PromptCard(theme, *words, self) for words in self._prompts()]
        for card in self.cards:
            card.clicked.connect(lambda _=False, text=card.prompt: self.prompt_chosen.emit(text))
        self._demo = Label(
            theme,
            self.tr("Demo model: shows that the program works, often wrong."),
            size=TEXT_SMALL,
            ink="muted",
            wrap=True,
            parent=self,
        )
        self._demo.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.open_file = TextButton(
            theme, self.tr("Open GGUF file…"), look="quiet", size=TEXT_SMALL, height=28, parent=self
        )
        self.open_file.clicked.connect(self.open_file_requested)
        self.best = BestCard(theme, self)
        self._has_best = False
        self.set_demo_only(False)
        theme.changed.connect(self._arrange)

    def _prompts(self) -> tuple[tuple[str, str, str], ...]:
        return (
            (
                self.tr("Explain something"),
                self.tr("how a mixture of experts works"),
                self.tr("Explain in plain words how a mixture-of-experts language model works."),
            ),
            (
                self.tr("Write something"),
                self.tr("a short thank-you note"),
                self.tr("Write a short, warm thank-you note to a neighbour who fed my cat."),
            ),
            (
                self.tr("Write code"),
                self.tr("find duplicate files in a folder"),
                self.tr("Write a Python script that finds duplicate files in a folder."),
            ),
        )

    def set_demo_only(self, only: bool) -> None:
        """Whether the demo model is the only one here."""
        self._demo.setVisible(only)
        self.open_file.setVisible(only and not self._has_best)
        self._arrange()

    def set_best(self, best: BestModel | None) -> None:
        """What to recommend while the demo model is the only one; None recommends nothing."""
        self._has_best = best is not None
        if best is not None:
            self.best.show_model(best)
        self.set_demo_only(not self._demo.isHidden())

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """The question at one third, the cards below it."""
        self._arrange()

    def _arrange(self) -> None:
        """As many cards as there is room for; the word about the demo model always has its."""
        px = self._theme.px
        step, gap, wide, tall = px(GRID), px(_GAP), px(_CARD_WIDTH), px(_CARD_HEIGHT)
        demo = self._demo_height() if not self._demo.isHidden() else 0
        best, wide_best = self._best_size(demo)
        above = px(_TITLE_HEIGHT) + best
        room = self.height() - above - demo - 2 * px(_EDGE)
        columns, rows = self._shape(room)
        cards = rows * (tall + gap) - gap + px(_BELOW_TITLE) if rows else 0
        needed = above + cards + demo
        third = self.height() // 3 - px(_TITLE_HEIGHT) // 2
        top = max(px(_EDGE), min(third, self.height() - needed - px(_EDGE)))
        self._title.setGeometry(0, top, self.width(), px(_TITLE_HEIGHT))
        if best:
            below = -(-(top + px(_TITLE_HEIGHT)) // step) * step + px(_BELOW_TITLE)
            self.best.place((self.width() - wide_best) // 2 // step * step, below, wide_best)
        y = -(-(top + above) // step) * step + px(_BELOW_TITLE)
        left = (self.width() - columns * wide - (columns - 1) * gap) // 2 // step * step
        for index, card in enumerate(self.cards):
            row, column = divmod(index, max(1, columns))
            card.setGeometry(left + column * (wide + gap), y + row * (tall + gap), wide, tall)
            card.setVisible(row < rows)
        self._place_demo(top + above + cards)

    def _best_size(self, demo: int) -> tuple[int, int]:
        """Height that the recommendation takes with its distance, and its width.

        In a very low window it gives way to the word about the demo model, ``demo`` high.
        """
        px, step = self._theme.px, self._theme.px(GRID)
        wide = min(px(BEST_WIDTH), self.width() - 2 * px(_SIDE)) // step * step
        tall = px(_BELOW_TITLE) + self.best.height_for(wide)
        fits = px(_TITLE_HEIGHT) + tall + demo + 2 * px(_EDGE) <= self.height()
        shown = self._has_best and not self._demo.isHidden() and fits
        self.best.setVisible(shown)
        return (tall, wide) if shown else (0, 0)

    def _shape(self, room: int) -> tuple[int, int]:
        """Columns and rows of cards that fit into this width and into ``room``."""
        px = self._theme.px
        for columns, rows in _SHAPES:
            width = columns * px(_CARD_WIDTH) + (columns - 1) * px(_GAP) + 2 * px(_SIDE)
            height = px(_BELOW_TITLE) + rows * (px(_CARD_HEIGHT) + px(_GAP)) - px(_GAP)
            if width <= self.width() and height <= room:
                return columns, rows
        return 0, 0

    def _demo_width(self) -> int:
        """Of the words in one line, or of the window where that is less."""
        step = self._theme.px(GRID)
        words = self._demo.fontMetrics().horizontalAdvance(self._demo.text()) + step
        return min(-(-words // step) * step, self.width() - 2 * self._theme.px(_SIDE))

    def _button_width(self) -> int:
        return 0 if self.open_file.isHidden() else self.open_file.sizeHint().width()

    def _demo_in_one_line(self) -> bool:
        line = self._demo_width() + self._button_width()
        words = self._demo.fontMetrics().horizontalAdvance(self._demo.text())
        return line <= self.width() and words <= self._demo_width()

    def _demo_height(self) -> int:
        line = self._theme.px(_DEMO_LINE)
        if self._demo_in_one_line():
            return self._theme.px(_BELOW_TITLE) + line
        return self._theme.px(_GAP) + self._demo.heightForWidth(self._demo_width()) + line

    def _place_demo(self, top: int) -> None:
        """Words and button in one line under the cards, or below each other."""
        px = self._theme.px
        step, line, button = px(GRID), px(_DEMO_LINE), self._button_width()
        words = self._demo_width()
        if self._demo_in_one_line():
            y = -(-(top + px(_BELOW_TITLE)) // step) * step
            left = (self.width() - words - button) // 2 // step * step
            self._demo.setGeometry(left, y, words, line)
            self.open_file.setGeometry(left + words, y, button, line)
            return
        y, tall = top + px(_GAP), self._demo.heightForWidth(words)
        self._demo.setGeometry((self.width() - words) // 2, y, words, tall)
        below = -(-(y + tall) // step) * step
        self.open_file.setGeometry((self.width() - button) // 2 // step * step, below, button, line)
