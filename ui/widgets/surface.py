"""Plain containers on one of the theme's surfaces, and hairlines between them."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget

from ui.theme.theme import Theme
from ui.widgets.styling import set_style


class Surface(QFrame):
    """A container painted as ``sidebar``, ``page``, ``raised``, ``card`` or ``clear``."""

    def __init__(self, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        set_style(self, surface=kind)


class Line(QFrame):
    """A hairline: one pixel, whatever the zoom."""

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, vertical: bool = False
    ) -> None:
        super().__init__(parent)
        self._vertical = vertical
        set_style(self, look="line")
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)
        theme.changed.connect(self.update)
