"""What a page says when it has nothing to list: one sentence and what to do next."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_CHAT
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

Action = tuple[str, str, Callable[[], None]]
"""Words, look of the button, and what it does."""

_WORDS, _GAP = 480, 8


class StatePanel(Surface):
    """A muted sentence in the middle, its buttons below it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._label = Label(theme, size=TEXT_CHAT, ink="muted", wrap=True, parent=self)
        self._label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)
        self._buttons: list[TextButton] = []
        self._key: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The sentence."""
        return self._label.text()

    @property
    def buttons(self) -> Sequence[TextButton]:
        """In the order of the keyboard."""
        return self._buttons

    def tell(self, text: str, actions: Sequence[Action] = ()) -> None:
        """Show a sentence with its buttons."""
        key = (text, *(f"{look}:{words}" for words, look, _call in actions))
        if key == self._key:
            return
        self._key = key
        self._label.setText(text)
        self.setAccessibleName(text)
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = []
        for words, look, call in actions:
            button = TextButton(self._theme, words, look=look, parent=self)
            button.clicked.connect(lambda _=False, call=call: call())
            button.show()
            self._buttons.append(button)
        self.arrange(self.width(), self.height())

    def arrange(self, width: int, height: int) -> None:
        """Everything a little above the middle of ``width`` × ``height`` pixels."""
        px = self._theme.px
        step, gap, line = px(GRID), px(_GAP), px(CONTROL_HEIGHT)
        room = max(step, min(px(_WORDS), width - 2 * px(16)))
        words = self._label.heightForWidth(room)
        widths = [button.sizeHint().width() for button in self._buttons]
        is_stacked = sum(widths) + gap * (len(widths) - 1) > width - 2 * px(16)
        lines = len(widths) if is_stacked else min(1, len(widths))
        tall = words + px(16) + lines * (line + gap)
        top = max(0, (height - tall) * 2 // 5)
        self._label.setGeometry((width - room) // 2, top, room, words)
        y = -(-(top + words + px(16)) // step) * step
        x = (width - sum(widths) - gap * (len(widths) - 1)) // 2
        for button, wide in zip(self._buttons, widths, strict=True):
            left = (width - wide) // 2 if is_stacked else x
            button.setGeometry(left // step * step, y, wide, line)
            x += wide + gap
            y += line + gap if is_stacked else 0
