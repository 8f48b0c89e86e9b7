"""Paints one result of a search, 60 high: name, who offers it, sizes, and its speed here."""

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from ui.models.result_list_model import ROW_ROLE, detail_words, mark_words
from ui.models.view import ResultRow
from ui.models.words import about, sizes_words, verdict_words
from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, RADIUS, TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.tooltips import plain_tooltip

Index = QModelIndex | QPersistentModelIndex

ROW_HEIGHT = 60
_PAD, _SIZES, _SPEED, _ICON = 12, 128, 144, 16
_SIZES_FROM = 560
_INKS = {"gpu": "good", "hybrid": "good", "cpu": "good", "too_large": "muted"}
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ResultRowDelegate(QStyledItemDelegate):
    """Two lines at the left; sizes and speed in columns of their own."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Every row is 60 high."""
        return QSize(option.rect.width(), self._theme.px(ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row."""
        row = index.data(ROW_ROLE)
        if not isinstance(row, ResultRow):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        area = option.rect
        words = self._words_area(area)
        self._paint_words(painter, words, row)
        self._paint_figures(painter, area, row)
        painter.restore()

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """What is cut off."""
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return False
        row = index.data(ROW_ROLE)
        assert isinstance(row, ResultRow)
        room = self._words_area(option.rect).width()
        lines = (
            (row.name, QFontMetrics(self._bold()), self._name_room(room, row)),
            (detail_words(row), QFontMetrics(self._small()), room),
        )
        cut = [words for words, metrics, wide in lines if metrics.horizontalAdvance(words) > wide]
        QToolTip.showText(event.globalPos(), plain_tooltip("\n".join(cut)), view)
        return True

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        theme, state = self._theme, option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("hover" if selected else "control"))
            area = QRectF(option.rect).adjusted(0, 1, 0, -1)
            painter.drawRoundedRect(area, theme.px(RADIUS), theme.px(RADIUS))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.color("accent"), theme.px(FOCUS_WIDTH)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            area = QRectF(option.rect).adjusted(1, 2, -1, -2)
            painter.drawRoundedRect(area, theme.px(RADIUS), theme.px(RADIUS))

    def _paint_words(self, painter: QPainter, area: QRect, row: ResultRow) -> None:
        theme, px = self._theme, self._theme.px
        first = QRect(area.left(), area.top() + px(11), area.width(), px(20))
        bold, small = QFontMetrics(self._bold()), QFontMetrics(self._small())
        elide = Qt.TextElideMode.ElideRight
        name = bold.elidedText(row.name, elide, self._name_room(first.width(), row))
        painter.setFont(self._bold())
        painter.setPen(theme.color("text"))
        painter.drawText(first, _LEFT, name)
        painter.setFont(self._small())
        painter.setPen(theme.color("accent_text"))
        after = first.adjusted(bold.horizontalAdvance(name) + px(8), 0, 0, 0)
        painter.drawText(after, _LEFT, mark_words(row))
        second = first.translated(0, px(20))
        painter.setPen(theme.color("muted"))
        painter.drawText(second, _LEFT, small.elidedText(detail_words(row), elide, area.width()))

    def _paint_figures(self, painter: QPainter, area: QRect, row: ResultRow) -> None:
        theme, px = self._theme, self._theme.px
        side = px(_ICON)
        right = area.right() + 1 - px(_PAD) - side
        icon = QRect(right, area.top() + (area.height() - side) // 2, side, side)
        theme.icon("chevron-right").paint(painter, icon)
        speed = QRect(right - px(_SPEED), area.top() + px(11), px(_SPEED - 8), px(20))
        painter.setFont(theme.font(TEXT_INTERFACE, tabular=True))
        painter.setPen(theme.color("text" if row.speed else "muted"))
        painter.drawText(speed, _RIGHT, about(row.speed, is_exact=row.is_exact) or "–")
        painter.setFont(self._small())
        if row.verdict:
            painter.setPen(theme.color(_INKS[row.verdict]))
            painter.drawText(speed.translated(0, px(20)), _RIGHT, verdict_words(row.verdict))
        if area.width() >= px(_SIZES_FROM):
            sizes = speed.translated(-px(_SIZES), 0)
            sizes.setWidth(px(_SIZES))
            painter.setFont(theme.font(TEXT_INTERFACE, tabular=True))
            painter.setPen(theme.color("text"))
            words = about(sizes_words(row.least_bytes, row.most_bytes), is_exact=row.is_exact)
            painter.drawText(sizes, _RIGHT, words)

    def _words_area(self, row: QRect) -> QRect:
        px = self._theme.px
        taken = _PAD + _ICON + _SPEED + 8
        if row.width() >= px(_SIZES_FROM):
            taken += _SIZES
        return row.adjusted(px(_PAD), 0, -px(taken), 0)

    def _name_room(self, room: int, row: ResultRow) -> int:
        marks = QFontMetrics(self._small()).horizontalAdvance(mark_words(row))
        return room - (marks + self._theme.px(8) if marks else 0)

    def _bold(self) -> QFont:
        return self._theme.font(weight=QFont.Weight.Medium)

    def _small(self) -> QFont:
        return self._theme.font(TEXT_SMALL, tabular=True)
