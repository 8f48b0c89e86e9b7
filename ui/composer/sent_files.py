"""The files that a sent message carried: a button each, which shows what the model was given."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.history.entities import AttachedText
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_SMALL
from ui.widgets.buttons import ElidedButton
from ui.widgets.surface import Surface

_GAP, _MOST_WIDTH, _BUTTON = 8, 336, CONTROL_HEIGHT


class SentFiles(Surface):
    """Signals: opened(int): the number of the file among those of the message."""

    opened = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._shown: tuple[AttachedText, ...] = ()
        self._buttons: list[ElidedButton] = []
        self.hide()

    @property
    def buttons(self) -> list[ElidedButton]:
        """In the order of the files."""
        return list(self._buttons)

    def show_files(self, files: Sequence[AttachedText]) -> None:
        """Show these; nothing happens when they are shown already."""
        if tuple(files) == self._shown:
            return
        self._shown = tuple(files)
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = [self._button(number, file) for number, file in enumerate(files)]
        self.setVisible(bool(files))

    def _button(self, number: int, file: AttachedText) -> ElidedButton:
        words = self.tr("{name}: {part}") if file.part else "{name}"
        button = ElidedButton(
            self._theme, words.format(name=file.name, part=file.part), look="outline",
            size=TEXT_SMALL, name=self.tr("Attached file"),
        )  # fmt: skip
        button.set_icon_name("file-text")
        button.setParent(self)
        button.clicked.connect(lambda: self.opened.emit(number))
        button.show()
        return button

    def arrange(self, width: int) -> int:
        """Lay out at the right of ``width`` pixels; return the height, 0 without files."""
        if not self._buttons:
            return 0
        px = self._theme.px
        gap, tall, step = px(_GAP), px(_BUTTON), px(GRID)
        most = min(width, px(_MOST_WIDTH))
        lines: list[list[tuple[ElidedButton, int]]] = [[]]
        used = 0
        for button in self._buttons:
            wanted = min(most, -(-button.wanted_width // step) * step)
            if lines[-1] and used + wanted > width:
                lines.append([])
                used = 0
            lines[-1].append((button, wanted))
            used += wanted + gap
        for number, line in enumerate(lines):
            x = width - sum(wide + gap for _button, wide in line) + gap
            for button, wide in line:
                button.setGeometry(x, number * (tall + gap), wide, tall)
                x += wide + gap
        return len(lines) * (tall + gap) - gap
