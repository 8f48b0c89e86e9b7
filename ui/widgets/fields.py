"""Fields to type in: one line, and one line to search with."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, TEXT_INTERFACE
from ui.widgets.styling import set_style


class LineField(QLineEdit):
    """One line, 32 high; ``name`` is what screen readers say."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        *,
        placeholder: str = "",
        size: int = TEXT_INTERFACE,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._size = theme, size
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.setFont(self._theme.font(self._size))
        self.setFixedHeight(self._theme.px(CONTROL_HEIGHT))


class SearchField(LineField):
    """A line with a magnifier; Esc clears it first, and only then goes on to the window."""

    def __init__(
        self, theme: Theme, name: str, *, placeholder: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, name, placeholder=placeholder, parent=parent)
        set_style(self, look="search")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc empties the field."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The magnifier stands over the icons of the rows."""
        super().paintEvent(event)
        side = self._theme.px(16)
        place = QRect(self._theme.px(12), (self.height() - side) // 2, side, side)
        self._theme.icon("search").paint(QPainter(self), place)
