"""The further folders of models: one line each, with a button that takes it off the list."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.buttons import IconButton
from ui.widgets.labels import ElidedLabel
from ui.widgets.surface import Line, Surface


class FolderList(Surface):
    """``removed(folder)``: a person wants this one off the list. Hidden while it is empty."""

    removed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__("clear")
        self._theme = theme
        self._folders: tuple[str, ...] = ()
        self._lines: list[_FolderLine] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(Line(theme))
        self.hide()

    def set_folders(self, folders: Sequence[str]) -> None:
        """Show these, in this order."""
        if tuple(folders) == self._folders:
            return
        self._folders = tuple(folders)
        for line in self._lines:
            line.hide()
            line.deleteLater()
        self._lines = [_FolderLine(self._theme, folder) for folder in folders]
        for number, line in enumerate(self._lines):
            line.removed.connect(self.removed)
            self._column.insertWidget(number, line)
        self.setVisible(bool(folders))


class _FolderLine(Surface):
    removed = Signal(str)

    def __init__(self, theme: Theme, folder: str) -> None:
        super().__init__("clear")
        self._theme = theme
        self._label = ElidedLabel(theme, folder, size=TEXT_SMALL)
        self._button = IconButton(
            theme, "x", self.tr("Take {folder} off the list").format(folder=folder)
        )
        self._button.clicked.connect(lambda: self.removed.emit(folder))
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._label, 1)
        self._row.addWidget(self._button)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(12), px(2), 0, px(2))
        self._row.setSpacing(px(8))
