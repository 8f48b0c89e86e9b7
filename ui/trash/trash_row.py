"""Paints one thing in the trash, 52 high: what it is, its name, when it goes, and Restore."""

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
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from app.history.organised import Deleted
from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, RADIUS, TEXT_INTERFACE, TEXT_SMALL
from ui.trash.trash_list_model import DETAIL_ROLE, ITEM_ROLE
from ui.trash.words import ICONS
from ui.widgets.tooltips import plain_tooltip

Index = QModelIndex | QPersistentModelIndex

ROW_HEIGHT = 52
_PAD, _ICON, _TEXT = 12, 16, 40
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class TrashRowDelegate(QStyledItemDelegate):
    """The word "Restore" stands in every row, since it is what one comes for."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Every row is as high."""
        return QSize(option.rect.width(), self._theme.px(ROW_HEIGHT))

    def restore_area(self, area: QRect) -> QRect:
        """Where "Restore" is in a row, for clicks."""
        px = self._theme.px
        metrics = QFontMetrics(self._theme.font(TEXT_INTERFACE))
        width = metrics.horizontalAdvance(self.tr("Restore")) + 2 * px(_PAD)
        height = px(32)
        top = area.top() + (area.height() - height) // 2
        return QRect(area.right() + 1 - width - px(4), top, width, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row."""
        item = index.data(ITEM_ROLE)
        if not isinstance(item, Deleted):
            return
        theme, px, area = self._theme, self._theme.px, option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        side = px(_ICON)
        icon = QRect(area.left() + px(_PAD), area.top() + (area.height() - side) // 2, side, side)
        theme.icon(ICONS[item.kind]).paint(painter, icon)
        for text, size, ink, part in (
            (str(index.data()), TEXT_INTERFACE, "text", 0),
            (str(index.data(DETAIL_ROLE)), TEXT_SMALL, "muted", 1),
        ):
            painter.setFont(theme.font(size, tabular=True))
            painter.setPen(theme.color(ink))
            room = self._line(area, part)
            shown = painter.fontMetrics().elidedText(
                text, Qt.TextElideMode.ElideRight, room.width()
            )
            painter.drawText(room, _LEFT, shown)
        painter.setFont(theme.font(TEXT_INTERFACE))
        painter.setPen(theme.color("accent_text"))
        painter.drawText(self.restore_area(area), Qt.AlignmentFlag.AlignCenter, self.tr("Restore"))
        painter.restore()

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """Both lines, when they do not fit."""
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return False
        room = self._line(option.rect, 0).width()
        name, detail = str(index.data()), str(index.data(DETAIL_ROLE))
        fits = (
            QFontMetrics(self._theme.font(TEXT_INTERFACE)).horizontalAdvance(name) <= room
            and QFontMetrics(self._theme.font(TEXT_SMALL)).horizontalAdvance(detail) <= room
        )
        words = "" if fits else plain_tooltip(name + "\n" + detail)
        QToolTip.showText(event.globalPos(), words, view)
        return True

    def _line(self, area: QRect, number: int) -> QRect:
        px = self._theme.px
        right = self.restore_area(area).left() - px(8)
        left = area.left() + px(_TEXT)
        return QRect(left, area.top() + px(6) + number * px(20), right - left, px(20))

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        theme, area, radius = self._theme, option.rect, self._theme.px(RADIUS)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("control" if is_chosen else "raised"))
            painter.drawRoundedRect(QRectF(area).adjusted(0, 1, 0, -1), radius, radius)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.color("accent"), theme.px(FOCUS_WIDTH)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(area).adjusted(1, 2, -1, -2), radius, radius)
