"""What went wrong when the engine was asked, with "Try again"."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from ui.theme.theme import Theme
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface


class TroubleCard(Surface):
    """Signals: try_again: the engine is to be asked again."""

    try_again = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__("clear")
        self._theme = theme
        self._icon = Label(theme)
        self._label = Label(theme, wrap=True)
        self._button = TextButton(theme, self.tr("Try again"))
        self._card = Surface("bad")
        self._line = QHBoxLayout(self._card)
        self._line.addWidget(self._icon)
        self._line.addWidget(self._label, 1)
        self._line.addWidget(self._button)
        self._outer = QHBoxLayout(self)
        self._outer.addWidget(self._card)
        self._button.clicked.connect(self.try_again)
        self.hide()
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def text(self) -> str:
        """The sentence shown."""
        return self._label.text()

    def tell(self, sentence: str) -> None:
        """Show it."""
        self._label.setText(sentence)
        self.setAccessibleName(sentence)
        self.show()

    def _restyle(self) -> None:
        theme, px = self._theme, self._theme.px
        self._outer.setContentsMargins(0, 0, 0, px(16))
        self._line.setContentsMargins(px(16) - 1, px(12) - 1, px(12) - 1, px(12) - 1)
        self._line.setSpacing(px(8))
        icon = theme.icon("circle-alert", theme.colors.bad)
        self._icon.setPixmap(icon.pixmap(px(16), px(16)))
