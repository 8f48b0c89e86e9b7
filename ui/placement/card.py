"""A card with a heading: one of the three columns of choices."""

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.theme.theme import Theme
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

_PAD = 16


class ChoiceCard(Surface):
    """Put widgets into ``body``."""

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__("card", parent)
        self._theme = theme
        self.heading = Label(theme, title, weight=QFont.Weight.DemiBold)
        self.body = QVBoxLayout(self)
        self.body.addWidget(self.heading)
        theme.changed.connect(self._space)
        self._space()

    def _space(self) -> None:
        px = self._theme.px
        # The border is one pixel of the padding.
        pad = px(_PAD) - 1
        self.body.setContentsMargins(pad, pad - px(4), pad, pad)
        self.body.setSpacing(px(4))
        self.heading.setFixedHeight(px(24))
