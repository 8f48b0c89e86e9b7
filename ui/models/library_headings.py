"""The headings of the library's table: words begin where the cells' words do."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from ui.models.library_list_model import alignment
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL

HEIGHT = 32
_PAD, _END = 12, 4


class LibraryHeadings(QHeaderView):
    """Pressed, a heading orders the rows by its column."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(0)
        theme.changed.connect(self._restyle)
        self._restyle()

    def sizeHint(self) -> QSize:
        """32 high."""
        return QSize(super().sizeHint().width(), self._theme.px(HEIGHT))

    def paintSection(  # noqa: N802
        self, painter: QPainter, rect: QRect, logical_index: int
    ) -> None:
        """Muted words over a hairline."""
        theme, px = self._theme, self._theme.px
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("border"))
        words = self.model().headerData(logical_index, Qt.Orientation.Horizontal)
        painter.setFont(theme.font(TEXT_SMALL))
        painter.setPen(theme.color("muted"))
        area = rect.adjusted(px(_PAD), 0, -px(_END), 0)
        side = alignment(logical_index)
        if side & Qt.AlignmentFlag.AlignHCenter:
            area = rect
        painter.drawText(area, int(side), str(words))

    def _restyle(self) -> None:
        self.setFont(self._theme.font(TEXT_SMALL))
        self.setFixedHeight(self._theme.px(HEIGHT))
