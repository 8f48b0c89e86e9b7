"""Sentences about a plan: what had to be given up for it, and what is worth knowing."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.theme.theme import Theme
from ui.widgets.labels import Label
from ui.widgets.surface import Surface


class Remarks(Surface):
    """One line each, after a small icon; hidden when there are none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._shown: tuple[tuple[str, bool], ...] = ()
        self._lines: list[QWidget] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        theme.changed.connect(self._build)
        self.hide()

    @property
    def texts(self) -> tuple[str, ...]:
        """The sentences shown."""
        return tuple(text for text, _is_repair in self._shown)

    def show_remarks(self, repairs: Sequence[str], notes: Sequence[str]) -> None:
        """Show repairs with a warning's icon, then notes."""
        shown = (*((text, True) for text in repairs), *((text, False) for text in notes))
        if shown != self._shown:
            self._shown = shown
            self._build()

    def _build(self) -> None:
        for line in self._lines:
            self._layout.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = [self._line(text, is_repair) for text, is_repair in self._shown]
        self._layout.setSpacing(self._theme.px(4))
        for line in self._lines:
            self._layout.addWidget(line)
        self.setVisible(bool(self._lines))

    def _line(self, text: str, is_repair: bool) -> QWidget:
        theme, px = self._theme, self._theme.px
        line = Surface("clear")
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(8))
        icon = Label(theme)
        name = "triangle-alert" if is_repair else "info"
        color = theme.colors.warning if is_repair else theme.colors.muted
        icon.setPixmap(theme.icon(name, color).pixmap(px(16), px(16)))
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(Label(theme, text, ink="text" if is_repair else "muted", wrap=True), 1)
        return line
