"""The keys that go from message to message, and select whole ones."""

from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from ui.chat.selection_range import MessageRange

_STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Home: -1_000_000_000,
    Qt.Key.Key_End: 1_000_000_000,
}
_SHIFT, _ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


class KeyArea(Protocol):
    """The view that has the keyboard, or the message in it that has."""

    @property
    def count(self) -> int:
        """Messages in the conversation."""

    def current_number(self) -> int:
        """The message with the keyboard, else the first in view; -1 when there is none."""

    def has_focus_inside(self) -> bool:
        """Whether one of the messages has the keyboard."""

    def show_message(self, number: int) -> object:
        """Scroll a message into view."""

    def enter_message(self, number: int) -> None:
        """Give a message the keyboard."""

    def take_focus(self) -> None:
        """Take the keyboard from the messages, and select no text in them."""

    def copy_chosen(self) -> None:
        """Copy the selected messages."""


class SelectionKeys:
    """Alt+Up and Alt+Down go from message to message; with Shift they are selected."""

    def __init__(self, area: KeyArea, chosen: MessageRange) -> None:
        self._area, self._chosen = area, chosen

    def wants_escape(self) -> bool:
        """Whether Esc would do something here."""
        return not self._chosen.is_empty

    def press(self, event: QKeyEvent) -> bool:
        """Act on a key; whether it was one of these."""
        chosen, count = self._chosen, self._area.count
        if event.key() == Qt.Key.Key_Escape and not chosen.is_empty:
            head = chosen.head
            chosen.clear()
            self._area.enter_message(head)
        elif event.matches(QKeySequence.StandardKey.Copy) and not chosen.is_empty:
            self._area.copy_chosen()
        elif event.matches(QKeySequence.StandardKey.SelectAll) and count:
            self._area.take_focus()
            chosen.select(0, count - 1)
        else:
            return self._step(event)
        return True

    def _step(self, event: QKeyEvent) -> bool:
        step = _STEPS.get(Qt.Key(event.key()))
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if step is None or not self._area.count or held not in (_SHIFT, _ALT):
            return False
        if held == _ALT:
            self._chosen.clear()
            self._area.enter_message(self._kept_inside(self._area.current_number() + step))
        else:
            self._extend(step)
        return True

    def _extend(self, step: int) -> None:
        chosen = self._chosen
        if not chosen.is_empty:
            head = self._kept_inside(chosen.head + step)
            chosen.select(chosen.anchor, head)
        else:
            begin = self._area.current_number()
            inside = self._area.has_focus_inside()
            head = self._kept_inside(begin + step) if inside else begin
            self._area.take_focus()
            chosen.select(begin, head)
        self._area.show_message(head)

    def _kept_inside(self, number: int) -> int:
        return max(0, min(number, self._area.count - 1))
