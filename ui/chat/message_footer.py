"""The 28 px under each message: figures, versions, and buttons that appear on hover or focus."""

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtWidgets import QWidget

from app.history.entities import Siblings
from ui.chat.quiet_buttons import QuietIcon, QuietText
from ui.chat.sibling_arrows import SiblingArrows
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, TEXT_SMALL
from ui.widgets.labels import Label
from ui.widgets.menu import Menu

FOOTER_HEIGHT = 28


class MessageFooter(QWidget):
    """Always there, so that nothing moves; its buttons are in the tab order though unseen.

    Signals:
        copy_clicked(), try_again_clicked(), continue_clicked(), edit_clicked(): the buttons.
        sibling_chosen(str): the version of the message to show.
        thinking_chosen(), details_chosen(): lines of the ⋯ menu.
        menu_requested(QPoint): open the message's menu at a point of the screen.
    """

    copy_clicked = Signal()
    try_again_clicked = Signal()
    continue_clicked = Signal()
    edit_clicked = Signal()
    sibling_chosen = Signal(str)
    thinking_chosen = Signal()
    details_chosen = Signal()
    menu_requested = Signal(QPoint)

    def __init__(self, theme: Theme, parent: QWidget, *, is_user: bool) -> None:
        super().__init__(parent)
        self._theme, self._is_user = theme, is_user
        self._has_thinking = self._has_details = self._details_shown = False
        self._revealed = False
        self._figures_stay = True
        self._note = self._figure_words = ""
        self._is_editable = False
        self._figures = Label(theme, size=TEXT_SMALL, ink="muted", tabular=True, parent=self)
        self._copy = self._icon("copy", self.tr("Copy"))
        self._again = self._words(self.tr("Try again"), "rotate-ccw")
        self._on = self._words(self.tr("Continue"), "play")
        self._edit = self._icon("pencil", self.tr("Edit"))
        self.arrows: SiblingArrows | None = None
        self._more = self._icon("ellipsis", self.tr("More"))
        self._copy.clicked.connect(self.copy_clicked)
        self._again.clicked.connect(self.try_again_clicked)
        self._on.clicked.connect(self.continue_clicked)
        self._edit.clicked.connect(self.edit_clicked)
        self._more.clicked.connect(self._open_menu)
        for button in (self._again, self._on, self._edit):
            button.hide()
        self._more.setVisible(not is_user)

    def _icon(self, picture: str, name: str) -> QuietIcon:
        button = QuietIcon(self._theme, picture, name, side=FOOTER_HEIGHT, parent=self)
        button.focus_changed.connect(self.show_figures)
        return button

    def _words(self, words: str, picture: str) -> QuietText:
        button = QuietText(
            self._theme, words, look="quiet", icon=picture, size=TEXT_SMALL, height=FOOTER_HEIGHT,
            parent=self,
        )  # fmt: skip
        button.focus_changed.connect(self.show_figures)
        return button

    def _buttons(self) -> list[QuietIcon | QuietText]:
        return [self._copy, self._again, self._on, self._edit, self._more]

    # --- what is shown ----------------------------------------------------------------------
    @property
    def figures(self) -> str:
        """Speed and count or the note, whether they are shown now or not."""
        return self._figures.text()

    @property
    def shows_figures(self) -> bool:
        """Whether they are shown now."""
        return not self._figures.isHidden()

    def set_figures(self, text: str, *, stay: bool = True) -> None:
        """Show speed and count, always or only while hovered or focused; "" shows none."""
        self._figure_words, self._figures_stay = text, stay
        self._show_words()

    def set_note(self, text: str) -> None:
        """Say something about the message in place of its figures, always; "" says nothing."""
        if text != self._note:
            self._note = text
            self._show_words()

    def _show_words(self) -> None:
        words = self._note or self._figure_words
        if words != self._figures.text():
            self._figures.setText(words)
            self._place()
        self.show_figures()

    def show_figures(self) -> None:
        """Show the figures if they stay, or while the pointer or the keyboard is here."""
        focused = any(button.hasFocus() for button in self._buttons())
        wanted = bool(self._note) or self._figures_stay or self._revealed or focused
        self._figures.setVisible(wanted and bool(self._figures.text()))

    def set_can_try_again(self, can: bool, words: str = "") -> None:
        """Whether Try again is offered, under another name if ``words`` are given."""
        if words and words != self._again.text():
            self._again.setText(words)
            self._place()
        self._set_shown(self._again, can)

    def set_can_continue(self, can: bool) -> None:
        """Whether the answer can be written on."""
        self._set_shown(self._on, can)

    def set_editable(self, editable: bool) -> None:
        """Whether the message is kept in a tree, so that it can be edited and deleted."""
        self._is_editable = editable
        self._set_shown(self._edit, editable)
        if self._is_user:
            self._set_shown(self._more, editable)

    def set_has_text(self, has: bool, *, more: bool | None = None) -> None:
        """Whether there is anything to copy yet; ``more``: whether the ⋯ menu has something."""
        menu = has if more is None else more
        self._set_shown(self._copy, has)
        self._set_shown(self._more, self._is_editable or (menu and not self._is_user))

    def set_siblings(self, siblings: Siblings | None) -> None:
        """Show which version this is, where there are several."""
        several = siblings is not None and len(siblings.ids) > 1
        if self.arrows is None:
            if not several:
                return
            self.arrows = SiblingArrows(self._theme, self)
            self.arrows.chosen.connect(self.sibling_chosen)
        if siblings is not None and several:
            self.arrows.show_siblings(siblings)
        self.arrows.setVisible(several)
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
            for button in self._buttons():
                button.revealed = shown
                button.update()
            self.show_figures()

    def _set_shown(self, button: QuietIcon | QuietText, shown: bool) -> None:
        if shown == button.isHidden():
            button.setVisible(shown)
            self._place()

    # --- geometry ---------------------------------------------------------------------------
    def event(self, event: QEvent) -> bool:
        """A new size or style places the parts again."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.StyleChange):
            self._place()
        return super().event(event)

    def _place(self) -> None:
        px, height = self._theme.px, self.height()
        arrows = self.arrows if self.arrows is not None and not self.arrows.isHidden() else None
        parts: list[tuple[QWidget, int]] = [
            (button, self._width_of(button)) for button in self._buttons() if not button.isHidden()
        ]
        if arrows is not None:
            # Last beside an own message, where it stays in its place; behind Edit elsewhere.
            at = len(parts) - (not self._is_user and not self._more.isHidden())
            parts.insert(at, (arrows, arrows.arrange()))
        wide = self._on_grid(self._figures.sizeHint().width()) if self._figures.text() else 0
        row = sum(width for _part, width in parts)
        gap = px(8) if wide else 0
        x = wide + gap
        if self._is_user:
            x = max(0, self.width() - row - gap - wide)
        elif x + row > self.width():
            # In very little room the figures are cut; they are in the details too.
            wide = max(0, self.width() - row - gap)
            x = wide + gap
        left = self.width() - wide if self._is_user else 0
        self._figures.setGeometry(left, 0, wide, height)
        for part, width in parts:
            tall = px(FOOTER_HEIGHT) if part is arrows else part.height()
            part.setGeometry(x, (height - tall) // 2, width, tall)
            x += width

    def _width_of(self, button: QuietIcon | QuietText) -> int:
        if isinstance(button, QuietText):
            return self._on_grid(button.sizeHint().width())
        return button.width()

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
