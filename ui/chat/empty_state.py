"""What an empty chat shows: a question, three ideas, and a word about the demo model."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import (
    CARD_RADIUS,
    FOCUS_WIDTH,
    GRID,
    TEXT_INTERFACE,
    TEXT_SMALL,
    TEXT_TITLE,
)
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label, Weight

_CARD_WIDTH, _CARD_HEIGHT, _GAP = 232, 72, 12
_TITLE_HEIGHT = 40


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
            self.tr("Demo model: shows that the program works, often wrong. Have a better one?"),
            size=TEXT_SMALL,
            ink="muted",
            parent=self,
        )
        self.open_file = TextButton(
            theme, self.tr("Open GGUF file…"), look="quiet", size=TEXT_SMALL, height=28, parent=self
        )
        self.open_file.clicked.connect(self.open_file_requested)
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
        self.open_file.setVisible(only)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """The question at one third, the cards below it."""
        self._arrange()

    def _arrange(self) -> None:
        px = self._theme.px
        step = px(GRID)
        wide, gap = px(_CARD_WIDTH), px(_GAP)
        columns = 3 if self.width() >= 3 * wide + 2 * gap + 2 * px(16) else 1
        top = self.height() // 3 - px(_TITLE_HEIGHT) // 2
        if columns == 1:
            top = max(px(16), top - px(72))
        self._title.setGeometry(0, top, self.width(), px(_TITLE_HEIGHT))
        y = (top + px(_TITLE_HEIGHT) + px(24)) // step * step
        left = (self.width() - columns * wide - (columns - 1) * gap) // 2 // step * step
        for index, card in enumerate(self.cards):
            row, column = divmod(index, columns)
            card.setGeometry(
                left + column * (wide + gap),
                y + row * (px(_CARD_HEIGHT) + gap),
                wide,
                px(_CARD_HEIGHT),
            )
        rows = 3 // columns
        y += rows * (px(_CARD_HEIGHT) + gap) + px(12)
        words = -(-self._demo.sizeHint().width() // step) * step
        button = self.open_file.sizeHint().width()
        left = max(0, (self.width() - words - button) // 2 // step * step)
        self._demo.setGeometry(left, y, words, px(28))
        self.open_file.setGeometry(left + words, y, button, px(28))
