"""A small icon with its words beside it; not a control."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.labels import ElidedLabel


class IconLabel(ElidedLabel):
    """Muted 12-px words after a 16-px icon, aligned with the rows of the sidebar."""

    def __init__(
        self, theme: Theme, icon: str, text: str, *, parent: QWidget | None = None
    ) -> None:
        self._icon = icon
        super().__init__(theme, text, size=TEXT_SMALL, ink="muted", parent=parent)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def sizeHint(self) -> QSize:
        """Icon, gap and words."""
        margins = self.contentsMargins()
        return super().sizeHint().grownBy(margins)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The icon in the left margin."""
        super().paintEvent(event)
        side = self._theme.px(16)
        left = self._theme.px(12)
        place = QRect(left, (self.height() - side) // 2, side, side)
        self._theme.icon(self._icon).paint(QPainter(self), place)

    def _restyle(self) -> None:
        super()._restyle()
        self.setContentsMargins(self._theme.px(36), 0, 0, 0)
