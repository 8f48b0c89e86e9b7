"""Paints what could be added: a box, name and quantization, where it lies, and its size."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.amounts import file_size
from ui.models.import_list_model import ROW_ROLE, ImportListModel
from ui.models.import_view import ImportRow
from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, GRID, RADIUS, TEXT_SMALL

Index = QModelIndex | QPersistentModelIndex

_ROW, _HEADING, _PAD, _BOX, _GAP, _SIZE = 48, 32, 12, 16, 12, 80
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_WRAPPED = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop) | int(
    Qt.TextFlag.TextWordWrap
)


class ImportRowDelegate(QStyledItemDelegate):
    """48 high; higher where a sentence needs it."""

    def __init__(self, theme: Theme, rows: ImportListModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme, self._rows = theme, rows

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """48 high; more where a sentence needs it."""
        px = self._theme.px
        row = index.data(ROW_ROLE)
        if not isinstance(row, ImportRow):
            return QSize(px(160), px(_HEADING))
        view = self.parent()
        width = view.viewport().width() if isinstance(view, QListView) else option.rect.width()
        if not row.trouble:
            return QSize(px(160), px(_ROW))
        room = QRect(0, 0, max(px(80), width - px(2 * _PAD + _BOX + _GAP)), px(400))
        tall = QFontMetrics(self._small()).boundingRect(room, _WRAPPED, row.trouble).height()
        step = px(GRID)
        return QSize(px(160), max(px(_ROW), -(-(px(24 + 8) + tall) // step) * step))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row."""
        row = index.data(ROW_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, ImportRow):
            self._paint_ground(painter, option)
            self._paint_row(painter, option.rect, row)
        else:
            self._paint_heading(painter, option.rect, str(row))
        painter.restore()

    def _paint_heading(self, painter: QPainter, area: QRect, words: str) -> None:
        theme, px = self._theme, self._theme.px
        painter.setFont(theme.font(TEXT_SMALL, weight=QFont.Weight.DemiBold))
        painter.setPen(theme.color("muted"))
        painter.drawText(area.adjusted(px(_PAD), px(8), -px(_PAD), 0), _LEFT, words)

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        theme, state = self._theme, option.state
        area = QRectF(option.rect).adjusted(0, 1, 0, -1)
        if state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("control"))
            painter.drawRoundedRect(area, theme.px(RADIUS), theme.px(RADIUS))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.color("accent"), theme.px(FOCUS_WIDTH)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            inner = area.adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(inner, theme.px(RADIUS), theme.px(RADIUS))

    def _paint_row(self, painter: QPainter, area: QRect, row: ImportRow) -> None:
        theme, px = self._theme, self._theme.px
        left = area.left() + px(_PAD)
        mark = QRect(left, area.top() + px(8), px(_BOX), px(_BOX))
        if row.can_choose:
            self._paint_box(painter, mark, row)
        elif row.trouble:
            theme.icon("triangle-alert", theme.colors.warning).paint(painter, mark)
        left += px(_BOX + _GAP)
        right = area.right() + 1 - px(_PAD)
        first = QRect(left, area.top() + px(6), right - left, px(18))
        ink = "text" if row.can_choose or row.trouble else "muted"
        if row.size_bytes:
            painter.setFont(theme.font(tabular=True))
            painter.setPen(theme.color(ink))
            painter.drawText(first, _RIGHT, file_size(row.size_bytes))
            first.setRight(right - px(_SIZE))
        self._paint_name(painter, first, row, ink)
        below = QRect(left, area.top() + px(24), right - left, area.height() - px(26))
        painter.setFont(self._small())
        if row.trouble:
            painter.setPen(theme.color("warning"))
            painter.drawText(below, _WRAPPED, row.trouble)
            return
        painter.setPen(theme.color("muted"))
        words = self.tr("In your library already") if row.is_known else row.detail
        below.setHeight(px(18))
        elided = QFontMetrics(self._small()).elidedText(
            words, Qt.TextElideMode.ElideMiddle, below.width()
        )
        painter.drawText(below, _LEFT, elided)

    def _paint_name(self, painter: QPainter, line: QRect, row: ImportRow, ink: str) -> None:
        theme, px = self._theme, self._theme.px
        bold = theme.font(weight=QFont.Weight.Medium)
        metrics = QFontMetrics(bold)
        after = QFontMetrics(self._small()).horizontalAdvance(row.quantization) + px(8)
        room = line.width() - (after if row.quantization else 0)
        name = metrics.elidedText(row.name, Qt.TextElideMode.ElideMiddle, room)
        painter.setFont(bold)
        painter.setPen(theme.color(ink))
        painter.drawText(line, _LEFT, name)
        painter.setFont(self._small())
        painter.setPen(theme.color("muted"))
        beside = line.adjusted(metrics.horizontalAdvance(name) + px(8), 0, 0, 0)
        painter.drawText(beside, _LEFT, row.quantization)

    def _paint_box(self, painter: QPainter, area: QRect, row: ImportRow) -> None:
        theme, is_on = self._theme, self._rows.is_chosen(row)
        painter.setPen(QPen(theme.color("accent" if is_on else "muted"), 1.5 * theme.zoom))
        if is_on:
            painter.setBrush(theme.color("accent"))
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
        corner = theme.px(4)
        painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
        if is_on:
            gap = theme.px(2)
            inner = area.adjusted(gap, gap, -gap, -gap)
            theme.icon("check", theme.colors.on_accent).paint(painter, inner)

    def _small(self) -> QFont:
        return self._theme.font(TEXT_SMALL, tabular=True)
