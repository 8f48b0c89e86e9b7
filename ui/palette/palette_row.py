"""Paints one row of the palette: heading, one line, or a message with its chat below."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from ui.palette.entries import Entry, Kind, Places
from ui.palette.palette_list_model import ENTRY_ROLE
from ui.theme.theme import Theme
from ui.theme.tokens import RADIUS, TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.tooltips import plain_tooltip

Index = QModelIndex | QPersistentModelIndex

HEADING, LINE, MESSAGE = 28, 36, 48
_PAD, _ICON, _GAP = 12, 16, 10
_DETAIL_SHARE = 0.4
_ICONS = {
    Kind.CHAT: "message-square", Kind.COMMAND: "play", Kind.MODEL: "box", Kind.MESSAGE: "quote",
}  # fmt: skip
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def row_height(row: object) -> int:
    """Pixels at 100 %."""
    if not isinstance(row, Entry):
        return HEADING
    return MESSAGE if row.kind is Kind.MESSAGE else LINE


class PaletteRowDelegate(QStyledItemDelegate):
    """What was searched for stands in a stronger weight and the accent's ink."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """By the kind of the row."""
        return QSize(option.rect.width(), self._theme.px(row_height(index.data(ENTRY_ROLE))))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row."""
        row = index.data(ENTRY_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, Entry):
            self._paint_ground(painter, option)
            self._paint_entry(painter, option.rect, row)
        else:
            px = self._theme.px
            painter.setFont(self._theme.font(TEXT_SMALL))
            painter.setPen(self._theme.color("muted"))
            painter.drawText(option.rect.adjusted(px(_PAD), px(4), 0, 0), _LEFT, str(row))
        painter.restore()

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """What is cut off."""
        row = index.data(ENTRY_ROLE)
        if not isinstance(row, Entry):
            return False
        words = [text for text in (row.title, row.detail) if text]
        metrics = QFontMetrics(self._theme.font(TEXT_INTERFACE, weight=QFont.Weight.DemiBold))
        fits = sum(map(metrics.horizontalAdvance, words)) < option.rect.width() * 0.7
        QToolTip.showText(event.globalPos(), "" if fits else plain_tooltip("\n".join(words)), view)
        return True

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if selected or hovered:
            radius = self._theme.px(RADIUS)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("hover" if selected else "control"))
            painter.drawRoundedRect(QRectF(option.rect).adjusted(0, 1, 0, -1), radius, radius)

    def _paint_entry(self, painter: QPainter, area: QRect, entry: Entry) -> None:
        px, theme = self._theme.px, self._theme
        is_message = entry.kind is Kind.MESSAGE
        side, line = px(_ICON), px(LINE if not is_message else MESSAGE // 2 + 4)
        icon = QRect(area.left() + px(_PAD), area.top() + (line - side) // 2, side, side)
        theme.icon(_ICONS[entry.kind]).paint(painter, icon)
        room = area.adjusted(px(_PAD + _ICON + _GAP), 0, -px(_PAD), 0)
        if is_message:
            first = QRect(room.left(), room.top() + px(4), room.width(), px(20))
            second = QRect(room.left(), first.bottom(), room.width(), px(20))
            self._paint_title(painter, first, entry.title, entry.places)
            self._paint_small(painter, second, entry.detail, _LEFT)
            return
        right = entry.keys or entry.detail
        if right:
            painter.setFont(theme.font(TEXT_SMALL))
            wide = painter.fontMetrics().horizontalAdvance(right) + 2
            wide = wide if entry.keys else min(wide, round(room.width() * _DETAIL_SHARE))
            at_right = QRect(room.right() - wide, room.top(), wide, room.height())
            self._paint_small(painter, at_right, right, _RIGHT)
            room.setRight(at_right.left() - px(_PAD))
        self._paint_title(painter, room, entry.title, entry.places)

    def _paint_small(
        self, painter: QPainter, room: QRect, text: str, side: Qt.AlignmentFlag
    ) -> None:
        painter.setFont(self._theme.font(TEXT_SMALL))
        painter.setPen(self._theme.color("muted"))
        elide = Qt.TextElideMode.ElideRight
        painter.drawText(room, side, painter.fontMetrics().elidedText(text, elide, room.width()))

    def _paint_title(self, painter: QPainter, room: QRect, text: str, places: Places) -> None:
        """Piece by piece: places count characters, and Qt counts UTF-16."""
        left = room.left()
        for piece, is_strong in _pieces(text, places):
            weight = QFont.Weight.DemiBold if is_strong else QFont.Weight.Normal
            painter.setFont(self._theme.font(TEXT_INTERFACE, weight=weight))
            painter.setPen(self._theme.color("accent_text" if is_strong else "text"))
            metrics, free = painter.fontMetrics(), room.right() + 1 - left
            wide = metrics.horizontalAdvance(piece)
            place = QRect(left, room.top(), free, room.height())
            if wide > free:
                cut = metrics.elidedText(piece, Qt.TextElideMode.ElideRight, free)
                painter.drawText(place, _LEFT, cut)
                return
            painter.drawText(place, _LEFT, piece)
            left += wide


def _pieces(text: str, places: Places) -> list[tuple[str, bool]]:
    pieces, at = [], 0
    for start, end in places:
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    pieces.append((text[at:], False))
    return [(piece, is_strong) for piece, is_strong in pieces if piece]
