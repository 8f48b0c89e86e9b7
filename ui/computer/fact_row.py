"""One fact about this computer: what, a small line below, and its value at the right."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.bar import Bar
from ui.widgets.labels import Label
from ui.widgets.surface import Line, Surface

_LEAST = 56
_BAR = 160


class FactRow(Surface):
    """At least 56 high, with a hairline below; ``control`` stands at the very right."""

    def __init__(self, theme: Theme, control: QWidget | None = None) -> None:
        super().__init__("clear")
        self._theme = theme
        self._title = Label(theme, weight=QFont.Weight.Medium, wrap=True)
        self.hint = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True)
        self.bar = Bar(theme, width=_BAR, height=8)
        self.bar.hide()
        self.value = Label(theme, tabular=True)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._words = QVBoxLayout()
        self._words.addStretch(1)
        self._words.addWidget(self._title)
        self._words.addWidget(self.hint)
        self._words.addStretch(1)
        self._row = QHBoxLayout()
        self._row.addLayout(self._words, 1)
        self._row.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self.value)
        if control is not None:
            self._row.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._row, 1)
        self._column.addWidget(Line(theme))
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def words(self) -> tuple[str, str, str]:
        """Title, small line and value."""
        return self._title.text(), self.hint.text(), self.value.text()

    def set_words(self, title: str, hint: str = "", value: str = "", ink: str = "text") -> None:
        """Show these; ``ink`` is the value's colour."""
        self._title.setText(title)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.value.setText(value)
        self.value.setVisible(bool(value))
        self.value.set_ink(ink)

    def set_bar(self, share: float | None) -> None:
        """A bar before the value, 0 to 1; None for none."""
        self.bar.setVisible(share is not None)
        self.bar.set_value(share or 0.0)

    def _restyle(self) -> None:
        px = self._theme.px
        self.setMinimumHeight(px(_LEAST))
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._row.setContentsMargins(0, px(8), 0, px(8))
        self._row.setSpacing(px(16))
        self._words.setSpacing(px(2))
        self.value.setMinimumWidth(px(88))
