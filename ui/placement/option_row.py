"""One of several alternatives with a word on what it costs; a radio button to screen readers."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QRadioButton, QSizePolicy, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, RADIUS, TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.tooltips import plain_tooltip

_DOT, _LEFT, _WORDS = 16, 8, 32
_LINE, _TITLE_WIDTH = 32, 44


def keep_one_stop(rows: Sequence["OptionRow"]) -> None:
    """Tab stops once in a group, at the chosen row; arrow keys go on from there.

    Qt itself arranges this only after the group had the keyboard once.
    """
    usable = [row for row in rows if row.isEnabled()]
    stop = next((row for row in usable if row.isChecked()), usable[0] if usable else None)
    for row in rows:
        row.setFocusPolicy(Qt.FocusPolicy.TabFocus if row is stop else Qt.FocusPolicy.NoFocus)


class OptionRow(QRadioButton):
    """A dot, a title, and a muted note beside it (32 high) or below it (48 high)."""

    def __init__(
        self, theme: Theme, title: str, *, beside: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(title, parent)
        self._theme, self._beside = theme, beside
        self._note = self._full = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def note(self) -> str:
        """The muted words."""
        return self._note

    @property
    def is_elided(self) -> bool:
        """Whether part of the note is not shown."""
        return self._shown() != self._note

    def set_note(self, note: str, full: str = "") -> None:
        """What choosing this would mean; ``full`` says it in more words."""
        self._note, self._full = note, full or note
        self.setAccessibleDescription(self._full)
        self.updateGeometry()
        self._tell_all()
        self.update()

    def hitButton(self, position: QPoint) -> bool:  # noqa: N802
        """All of the row can be clicked."""
        return self.rect().contains(position)

    def sizeHint(self) -> QSize:
        """As wide as it gets."""
        return QSize(self._theme.px(160), self.minimumHeight())

    def minimumSizeHint(self) -> QSize:
        """A note may be elided."""
        return QSize(self._theme.px(120), self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The tooltip depends on the room."""
        super().resizeEvent(event)
        self._tell_all()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A quiet row that is tinted when chosen or under the pointer."""
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isEnabled() and (self.underMouse() or self.isChecked()):
            painter.setBrush(theme.color("control" if self.isChecked() else "hover"))
            painter.drawRoundedRect(QRectF(self.rect()), px(RADIUS), px(RADIUS))
        if self.hasFocus():
            half = px(FOCUS_WIDTH) / 2
            painter.setPen(QPen(theme.color("accent"), px(FOCUS_WIDTH)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = QRectF(self.rect()).adjusted(half, half, -half, -half)
            painter.drawRoundedRect(ring, px(RADIUS - 1), px(RADIUS - 1))
        self._paint_dot(painter)
        self._paint_words(painter)

    def _paint_dot(self, painter: QPainter) -> None:
        theme, px = self._theme, self._theme.px
        centre = QPointF(px(_LEFT) + px(_DOT) / 2, px(_LINE) / 2)
        ink = "accent" if self.isChecked() and self.isEnabled() else "idle"
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color(ink), 1.5 * theme.zoom))
        painter.drawEllipse(centre, px(6), px(6))
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(ink))
            painter.drawEllipse(centre, px(3), px(3))

    def _paint_words(self, painter: QPainter) -> None:
        theme, px = self._theme, self._theme.px
        left = px(_WORDS)
        middle = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        title = QRect(left, 0, self.width() - left, px(_LINE))
        painter.setFont(theme.font(TEXT_INTERFACE, weight=QFont.Weight.Medium, tabular=True))
        painter.setPen(theme.color("text" if self.isEnabled() else "muted"))
        painter.drawText(title, middle, self.text())
        painter.setFont(self._note_font())
        painter.setPen(theme.color("muted"))
        painter.drawText(self._note_area(), middle, self._shown())

    def _note_area(self) -> QRect:
        px = self._theme.px
        if self._beside:
            left = px(_WORDS) + px(_TITLE_WIDTH)
            return QRect(left, 0, self.width() - left - px(4), px(_LINE))
        left = px(_WORDS)
        return QRect(left, px(_LINE) - px(6), self.width() - left - px(4), px(18))

    def _note_font(self) -> QFont:
        return self._theme.font(TEXT_SMALL, tabular=True)

    def _shown(self) -> str:
        metrics = QFontMetrics(self._note_font())
        return metrics.elidedText(
            self._note, Qt.TextElideMode.ElideRight, self._note_area().width()
        )

    def _tell_all(self) -> None:
        is_whole = not self.is_elided and self._full == self._note
        self.setToolTip("" if is_whole else plain_tooltip(self._full))

    def _restyle(self) -> None:
        self.setFont(self._theme.font())
        self.setFixedHeight(self._theme.px(_LINE if self._beside else _LINE + 16))
        self.update()
