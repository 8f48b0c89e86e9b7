"""A few alternatives side by side, of which one holds."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT
from ui.widgets.buttons import TextButton
from ui.widgets.surface import Surface


class Segmented(Surface):
    """``choices`` are (value, words). ``chosen(value)`` tells what a person picked."""

    chosen = Signal(str)

    def __init__(
        self,
        theme: Theme,
        name: str,
        choices: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("group", parent)
        self._theme = theme
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, TextButton] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for value, words in choices:
            button = TextButton(theme, words, look="segment", parent=self)
            button.setCheckable(True)
            button.setAccessibleName(name + ": " + words)
            button.clicked.connect(lambda _=False, value=value: self.chosen.emit(value))
            self._group.addButton(button)
            self._buttons[value] = button
            layout.addWidget(button)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def value(self) -> str:
        """The alternative that holds, or "" before one was set."""
        return next((value for value, b in self._buttons.items() if b.isChecked()), "")

    def set_value(self, value: str) -> None:
        """Show ``value`` as the one that holds, without a signal."""
        self._buttons[value].setChecked(True)

    def _restyle(self) -> None:
        self.setFixedHeight(self._theme.px(CONTROL_HEIGHT))
