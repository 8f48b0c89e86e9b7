"""The 28 px under each message: figures, and buttons that appear on hover or focus."""

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
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
        thinking_chosen(), details_chosen(): lines of the ⋯ menu.
        menu_requested(QPoint): open the message's menu at a point of the screen.
    """

    copy_clicked = Signal()
    try_again_clicked = Signal()
    thinking_chosen = Signal()
    details_chosen = Signal()
    menu_requested = Signal(QPoint)

    def __init__(self, theme: Theme, parent: QWidget, *, is_user: bool) -> None:
        super().__init__(parent)
        self._theme, self._is_user = theme, is_user
        self._has_thinking = self._has_details = self._details_shown = False
        self._revealed = False
        self._figures_stay = True
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

    @property
    def figures(self) -> str:
        """Speed and count, whether they are shown now or not."""
        return self._figures.text()

    @property
    def shows_figures(self) -> bool:
        """Whether they are shown now."""
        return not self._figures.isHidden()

    def set_figures(self, text: str, *, stay: bool = True) -> None:
        """Show speed and count, always or only while hovered or focused; "" shows none."""
        self._figures_stay = stay
        if text != self._figures.text():
            self._figures.setText(text)
            self._place()
        self.show_figures()

    def show_figures(self) -> None:
        """Show the figures if they stay, or while the pointer or the keyboard is here."""
        focused = any(button.hasFocus() for button in (self._copy, self._again, self._more))
        wanted = self._figures_stay or self._revealed or focused
        self._figures.setVisible(wanted and bool(self._figures.text()))

    def set_can_try_again(self, can: bool) -> None:
        """Whether Try again is offered."""
        if can == self._again.isHidden():
            self._again.setVisible(can)
            self._place()

    def set_has_text(self, has: bool, *, more: bool | None = None) -> None:
        """Whether there is anything to copy yet; ``more``: whether the ⋯ menu has something."""
        menu = (has if more is None else more) and not self._is_user
        if has == self._copy.isHidden() or menu == self._more.isHidden():
            self._copy.setVisible(has)
            self._more.setVisible(menu)
            self._place()

    def set_has_thinking(self, has: bool) -> None:
        """Whether the ⋯ menu offers the thinking."""
        self._has_thinking = has

    def set_details(self, offered: bool, *, shown: bool) -> None:
        """Whether the ⋯ menu offers the details of the answer, and whether they are shown."""
        self._has_details, self._details_shown = offered, shown

    def take_focus(self) -> None:
        """Give the keyboard to the ⋯ button."""
        self._more.setFocus(Qt.FocusReason.OtherFocusReason)

    def reveal(self, shown: bool) -> None:
        """Paint the buttons, or only the one that has the focus."""
        if shown != self._revealed:
            self._revealed = shown
            for button in (self._copy, self._again, self._more):
                button.revealed = shown
                button.update()
            self.show_figures()

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

    def add_lines(self, menu: Menu) -> None:
        """What the message's menu has about the answer: its details and its thinking."""
        if self._has_details:
            words = self.tr("Hide details") if self._details_shown else self.tr("Details")
            menu.entry(words).triggered.connect(self.details_chosen)
        if self._has_thinking:
            menu.entry(self.tr("Copy thinking")).triggered.connect(self.thinking_chosen)

    def _open_menu(self) -> None:
        self.menu_requested.emit(self._more.mapToGlobal(QPoint(0, self._more.height())))


class _HiddenIcon(IconButton):
    """Paints itself only when revealed or focused."""

    revealed = False

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.revealed or self.hasFocus():
            super().paintEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        _focus_changed(self)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        _focus_changed(self)


class _HiddenText(TextButton):
    """Paints itself only when revealed or focused."""

    revealed = False

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.revealed or self.hasFocus():
            super().paintEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        _focus_changed(self)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        _focus_changed(self)


def _focus_changed(button: QWidget) -> None:
    button.update()
    footer = button.parentWidget()
    if isinstance(footer, MessageFooter):
        footer.show_figures()
