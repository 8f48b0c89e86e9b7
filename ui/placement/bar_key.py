"""What the stretches of a bar are, each with its colour, wrapped into as many lines as needed."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.tooltips import plain_tooltip

_SWATCH, _GAP, _BETWEEN, _LINE = 10, 6, 16, 20


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A colour and its words."""

    brush: QBrush
    text: str


class BarKey(QWidget):
    """Muted 12-px words after small swatches; screen readers get them as one line."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._entries: tuple[KeyEntry, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.updateGeometry)

    @property
    def is_elided(self) -> bool:
        """Whether an entry is wider than everything."""
        return any(place.width() > self.width() for place in self._places(self.width()))

    @property
    def texts(self) -> tuple[str, ...]:
        """The words shown."""
        return tuple(entry.text for entry in self._entries)

    def show_entries(self, entries: Sequence[KeyEntry]) -> None:
        """Show these."""
        self._entries = tuple(entries)
        self.setAccessibleName(", ".join(self.texts))
        self._tell_all()
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Narrow means more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Whole lines."""
        places = self._places(width)
        return places[-1].bottom() + 1 if places else self._theme.px(_LINE)

    def sizeHint(self) -> QSize:
        """All in one line."""
        places = self._places(1 << 20)
        width = places[-1].right() + 1 if places else 0
        return QSize(width, self._theme.px(_LINE))

    def minimumSizeHint(self) -> QSize:
        """May be narrow."""
        return QSize(self._theme.px(120), self._theme.px(_LINE))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The tooltip depends on the room."""
        super().resizeEvent(event)
        self._tell_all()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Swatches and words."""
        px = self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font())
        side = px(_SWATCH)
        for entry, place in zip(self._entries, self._places(self.width()), strict=True):
            swatch = QRectF(place.left(), place.center().y() - side / 2 + 1, side, side)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(entry.brush)
            painter.drawRoundedRect(swatch, px(3), px(3))
            painter.setPen(self._theme.color("muted"))
            words = place.adjusted(side + px(_GAP), 0, px(4), 0)
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            room = self.width() - words.left()
            shown = painter.fontMetrics().elidedText(entry.text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(words, int(flags), entry.text if words.width() <= room else shown)

    def _tell_all(self) -> None:
        self.setToolTip(plain_tooltip("\n".join(self.texts)) if self.is_elided else "")

    def _font(self) -> QFont:
        return self._theme.font(TEXT_SMALL, tabular=True)

    def _places(self, width: int) -> list[QRect]:
        """Where each entry stands in so wide a widget."""
        px = self._theme.px
        metrics = QFontMetrics(self._font())
        places: list[QRect] = []
        x = y = 0
        for entry in self._entries:
            wide = px(_SWATCH) + px(_GAP) + metrics.horizontalAdvance(entry.text)
            if x and x + wide > width:
                x, y = 0, y + px(_LINE)
            places.append(QRect(x, y, wide, px(_LINE)))
            x += wide + px(_BETWEEN)
        return places
