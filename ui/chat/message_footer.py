"""The 28 px under each message: figures, and buttons that appear on hover or focus."""

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFocusEvent, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import GRID, TEXT_SMALL
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import Label
from ui.widgets.menu import Menu

FOOTER_HEIGHT = 28


class MessageFooter(QWidget):
    """Always there, so that nothing moves; its buttons are in the tab order though unseen.

    Signals:
        copy_clicked(), try_again_clicked(): the buttons.
        plain_text_chosen(), thinking_chosen(), select_all_chosen(): lines of the ⋯ menu.
    """

    copy_clicked = Signal()
    try_again_clicked = Signal()
    plain_text_chosen = Signal()
    thinking_chosen = Signal()
    select_all_chosen = Signal()

    def __init__(self, theme: Theme, parent: QWidget, *, is_user: bool) -> None:
        super().__init__(parent)
        self._theme, self._is_user = theme, is_user
        self._has_thinking = False
        self._revealed = False
        self._figures = Label(theme, size=TEXT_SMALL, ink="muted", tabular=True, parent=self)
        self._copy = _HiddenIcon(theme, "copy", self.tr("Copy"), side=FOOTER_HEIGHT, parent=self)
        self._again = _HiddenText(
            theme,
            self.tr("Try again"),
            look="quiet",
            icon="rotate-ccw",
            size=TEXT_SMALL,
            height=FOOTER_HEIGHT,
            parent=self,
        )
        self._more = _HiddenIcon(
            theme, "ellipsis", self.tr("More"), side=FOOTER_HEIGHT, parent=self
        )
        self._copy.clicked.connect(self.copy_clicked)
        self._again.clicked.connect(self.try_again_clicked)
        self._more.clicked.connect(self._open_menu)
        self._again.hide()
        self._more.setVisible(not is_user)

    def set_figures(self, text: str) -> None:
        """Show speed and count; "" shows none."""
        self._figures.setText(text)
        self._place()

    def set_can_try_again(self, can: bool) -> None:
        """Whether Try again is offered."""
        self._again.setVisible(can)
        self._place()

    def set_has_text(self, has: bool) -> None:
        """Whether there is anything to copy yet."""
        self._copy.setVisible(has)
        self._more.setVisible(has and not self._is_user)
        self._place()

    def set_has_thinking(self, has: bool) -> None:
        """Whether the ⋯ menu offers the thinking."""
        self._has_thinking = has

    def reveal(self, shown: bool) -> None:
        """Paint the buttons, or only the one that has the focus."""
        if shown != self._revealed:
            self._revealed = shown
            for button in (self._copy, self._again, self._more):
                button.revealed = shown
                button.update()

    def event(self, event: QEvent) -> bool:
        """A new size or style places the parts again."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.StyleChange):
            self._place()
        return super().event(event)

    def _place(self) -> None:
        px, height = self._theme.px, self.height()
        shown = [
            button for button in (self._copy, self._again, self._more) if not button.isHidden()
        ]
        wide = self._on_grid(self._figures.sizeHint().width()) if self._figures.text() else 0
        self._figures.setGeometry(0, 0, wide, height)
        x = wide + px(8) if wide else -px(8)
        if self._is_user:
            x = self.width() - sum(button.width() for button in shown)
        for button in shown:
            hint = self._on_grid(button.sizeHint().width())
            size = hint if button is self._again else button.width()
            button.setGeometry(x, (height - button.height()) // 2, size, button.height())
            x += size

    def _on_grid(self, length: int) -> int:
        step = self._theme.px(GRID)
        return -(-length // step) * step

    def _open_menu(self) -> None:
        menu = Menu(self)
        menu.entry(self.tr("Copy as plain text")).triggered.connect(self.plain_text_chosen)
        if self._has_thinking:
            menu.entry(self.tr("Copy thinking")).triggered.connect(self.thinking_chosen)
        menu.entry(self.tr("Select all")).triggered.connect(self.select_all_chosen)
        menu.open_below(self._more)


class _HiddenIcon(IconButton):
    """Paints itself only when revealed or focused."""

    revealed = False

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.revealed or self.hasFocus():
            super().paintEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()


class _HiddenText(TextButton):
    """Paints itself only when revealed or focused."""

    revealed = False

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.revealed or self.hasFocus():
            super().paintEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()
