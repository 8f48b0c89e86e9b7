"""Text: a label in one of the five sizes, and one that elides and then tells all in a tooltip."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE
from ui.widgets.styling import set_style
from ui.widgets.tooltips import plain_tooltip

Weight = QFont.Weight


class Label(QLabel):
    """Plain text (never markup) in an ink of the theme: text, muted, accent, good, bad…"""

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        *,
        size: int = TEXT_INTERFACE,
        ink: str = "text",
        weight: QFont.Weight = Weight.Normal,
        tabular: bool = False,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._theme, self._size, self._weight, self._tabular = theme, size, weight, tabular
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        set_style(self, ink=ink)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_ink(self, ink: str) -> None:
        """Change the colour: text, muted, accent, good, warning or bad."""
        set_style(self, ink=ink)

    def _restyle(self) -> None:
        self.setFont(self._theme.font(self._size, weight=self._weight, tabular=self._tabular))


class ElidedLabel(Label):
    """One line that ends in "…" when there is no room; the tooltip then has the whole text."""

    _explanation = ""

    def setToolTip(self, text: str) -> None:  # noqa: N802
        """An explanation; the whole text comes before it when it is elided."""
        self._explanation = text
        self._tell_all()

    def sizeHint(self) -> QSize:
        """As wide as the text."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        """May shrink to an ellipsis."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance("…"), metrics.height())

    @property
    def is_elided(self) -> bool:
        """Whether part of the text is not shown."""
        return self._shown() != self.text()

    def setText(self, text: str) -> None:  # noqa: N802
        """Show ``text`` in one line."""
        super().setText(" ".join(text.split()))
        self.updateGeometry()
        self._tell_all()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The tooltip depends on the room."""
        super().resizeEvent(event)
        self._tell_all()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw what fits."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), int(self.alignment()), self._shown())

    def _shown(self) -> str:
        return self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width()
        )

    def _tell_all(self) -> None:
        parts = (self.text() if self.is_elided else "", self._explanation)
        super().setToolTip(plain_tooltip("\n".join(part for part in parts if part)))
