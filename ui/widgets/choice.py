"""A drop-down of a few values."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT


class Choice(QComboBox):
    """``choices`` are (value, words). ``chosen(value)`` tells what a person picked."""

    chosen = Signal(object)

    def __init__(
        self,
        theme: Theme,
        name: str,
        choices: Sequence[tuple[Any, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for value, words in choices:
            self.addItem(words, value)
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_value(self, value: object, words: str = "") -> None:
        """Show ``value``, without a signal; one that is not offered is added as ``words``."""
        index = next((i for i in range(self.count()) if self.itemData(i) == value), -1)
        if index < 0:
            self.addItem(words or str(value), value)
            index = self.count() - 1
        self.setCurrentIndex(index)

    def set_options(self, choices: Sequence[tuple[Any, str]]) -> None:
        """Offer these, without a signal; nothing happens when they are offered already."""
        before = [(self.itemData(i), self.itemText(i)) for i in range(self.count())]
        if before == list(choices):
            return
        value = self.currentData()
        self.clear()
        for each, words in choices:
            self.addItem(words, each)
        self.setCurrentIndex(max(self.findData(value), 0))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolling a page must not change a setting on its way."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The style draws the field, the chevron is ours."""
        super().paintEvent(event)
        side = self._theme.px(16)
        x = self.width() - side - self._theme.px(8)
        icon = self._theme.icon("chevron-down").pixmap(side, side)
        QPainter(self).drawPixmap(x, (self.height() - side) // 2, icon)

    def _restyle(self) -> None:
        self.setFont(self._theme.font())
        self.setFixedHeight(self._theme.px(CONTROL_HEIGHT))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMinimumWidth(self._theme.px(160))
        self.view().setTextElideMode(Qt.TextElideMode.ElideNone)
