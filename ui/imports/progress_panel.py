"""How far an import is: a bar, and words below it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import GRID, TEXT_CHAT
from ui.widgets.bar import Bar
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

_WIDTH = 480


class ProgressPanel(Surface):
    """A little above the middle."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self.words = Label(theme, size=TEXT_CHAT, ink="muted", tabular=True, wrap=True, parent=self)
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.bar = Bar(theme, parent=self)
        theme.changed.connect(self._arrange)

    def show_progress(self, share: float | None, words: str) -> None:
        """How far, 0 to 1, and what is done just now; None where nobody can tell how far."""
        self.bar.setVisible(share is not None)
        self.bar.set_value(share or 0.0)
        self.words.setText(words)
        self.setAccessibleName(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The bar, then the words."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        px = self._theme.px
        step = px(GRID)
        wide = min(px(_WIDTH), self.width()) // step * step
        left, top = (self.width() - wide) // 2, self.height() * 2 // 5 // step * step
        self.bar.setGeometry(left, top, wide, self.bar.height())
        self.words.setGeometry(left, top + px(16), wide, px(64))
