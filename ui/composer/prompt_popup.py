"""The prompts of the library above the composer, while a / begins a line."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.history.presets import LibraryPrompt
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.buttons import ElidedButton, TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

_WIDTH, _PAD, _HEAD = 360, 8, 24
_MOST_ROWS = 6
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_TAKING = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PromptPopup(Surface):
    """The keyboard stays in the composer; ``take_key`` is given its keys first.

    Signals:
        chosen(object): the LibraryPrompt to insert.
        manage_requested(): the library itself is wanted.
    """

    chosen = Signal(object)
    manage_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__("card", parent)
        self._theme = theme
        self._found: list[LibraryPrompt] = []
        self._place = 0
        self.setProperty("floats", True)
        self.setAccessibleName(self.tr("Prompt library"))
        self._words = Label(theme, size=TEXT_SMALL, ink="muted", parent=self)
        self.rows = [self._row(number) for number in range(_MOST_ROWS)]
        self.manage = TextButton(
            theme, self.tr("Manage prompts…"), look="row", icon="settings", parent=self
        )
        self.manage.clicked.connect(self._manage)
        self.hide()

    def _row(self, number: int) -> ElidedButton:
        row = ElidedButton(
            self._theme, "", look="row", size=TEXT_INTERFACE, name=self.tr("Insert prompt")
        )
        row.setParent(self)
        row.setCheckable(True)
        row.clicked.connect(lambda: self._choose(number))
        return row

    def offer(self, prompts: Sequence[LibraryPrompt], typed: str) -> None:
        """Show the prompts whose names have ``typed`` in them; close when none has."""
        wanted = typed.strip().casefold()
        found = [each for each in prompts if wanted in each.name.casefold()]
        found.sort(key=lambda each: not each.name.casefold().startswith(wanted))
        if typed and not found:
            self.hide()
            return
        self._found = found
        self._place = 0
        self._show()
        self.show()
        self.raise_()

    def wanted_size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        px = self._theme.px
        rows = max(1, min(len(self._found), _MOST_ROWS))
        lines = rows + 1 if self._found else 1
        return px(_WIDTH), px(_HEAD + 2 * _PAD) + lines * px(CONTROL_HEIGHT)

    def take_key(self, event: QKeyEvent) -> bool:
        """Whether the key was for the list: up, down, Enter, Esc."""
        if self.isHidden():
            return False
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.hide()
            return True
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if key in _STEPS and self._found:
            self._place = (self._place + _STEPS[key]) % len(self._found)
            self._show()
            return True
        if key in _TAKING:
            self._take()
            return True
        return False

    def _take(self) -> None:
        if self._found:
            prompt = self._found[self._place]
            self.hide()
            self.chosen.emit(prompt)
        else:
            self._manage()

    def _manage(self) -> None:
        self.hide()
        self.manage_requested.emit()

    def _first(self) -> int:
        """The prompt of the first row: the list moves so that the chosen one is in it."""
        return max(0, min(self._place - _MOST_ROWS // 2, len(self._found) - _MOST_ROWS))

    def _choose(self, number: int) -> None:
        self._place = self._first() + number
        self._take()

    def _show(self) -> None:
        px = self._theme.px
        first = self._first()
        words = self.tr("Prompts") if self._found else self.tr("No prompts yet")
        self._words.setText(words)
        pad, line = px(_PAD), px(CONTROL_HEIGHT)
        width = px(_WIDTH) - 2 * pad
        self._words.setGeometry(pad + px(8), pad, width - px(8), px(_HEAD))
        top = pad + px(_HEAD)
        for number, row in enumerate(self.rows):
            place = first + number
            row.setVisible(place < len(self._found))
            if place >= len(self._found):
                continue
            row.setGeometry(pad, top, width, line)
            row.set_full_text(self._found[place].name)
            row.setChecked(place == self._place)
            top += line
        self.manage.setGeometry(pad, top, width, line)
        self.resize(*self.wanted_size())
