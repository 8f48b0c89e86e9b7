"""Paints one row of the model popover, 52 high: name, size and quantization, Load or Loaded."""

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
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from ui.item_models.model_list_model import ROW_ROLE, ModelRow
from ui.theme.theme import Theme
from ui.theme.tokens import RADIUS, TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.amounts import file_size

ROW_HEIGHT = 52
Index = QModelIndex | QPersistentModelIndex

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ModelRowDelegate(QStyledItemDelegate):
    """The current row shows its verb in the accent."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Every row is 52 high."""
        return QSize(option.rect.width(), self._theme.px(ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Two lines at the left, the verb at the right."""
        row = index.data(ROW_ROLE)
        assert isinstance(row, ModelRow)
        theme, px = self._theme, self._theme.px
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        current = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if hovered or current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("hover" if current else "control"))
            area = QRectF(option.rect).adjusted(0, 1, 0, -1)
            painter.drawRoundedRect(area, px(RADIUS), px(RADIUS))
        name = self._name_area(option.rect)
        font = theme.font(TEXT_INTERFACE, weight=QFont.Weight.Medium)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        elide = Qt.TextElideMode.ElideRight
        painter.drawText(name, _LEFT, QFontMetrics(font).elidedText(row.name, elide, name.width()))
        painter.setFont(theme.font(TEXT_SMALL, tabular=True))
        painter.setPen(theme.color("muted"))
        words = painter.fontMetrics().elidedText(self._second_line(row), elide, name.width())
        painter.drawText(name.translated(0, px(18)), _LEFT, words)
        verb = self.tr("Loaded") if row.is_loaded else self.tr("Load")
        painter.setFont(theme.font(TEXT_INTERFACE, weight=QFont.Weight.Medium))
        painter.setPen(theme.color("good" if row.is_loaded else "accent_text"))
        painter.drawText(option.rect.adjusted(0, 0, -px(12), 0), _RIGHT, verb)
        painter.restore()

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """The whole name, when it does not fit."""
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return False
        metrics = QFontMetrics(self._theme.font(TEXT_INTERFACE, weight=QFont.Weight.Medium))
        name = str(index.data())
        fits = metrics.horizontalAdvance(name) <= self._name_area(option.rect).width()
        QToolTip.showText(event.globalPos(), "" if fits else name, view)
        return True

    def _name_area(self, row: QRect) -> QRect:
        px = self._theme.px
        return QRect(row.left() + px(12), row.top() + px(8), row.width() - px(96), px(18))

    def _second_line(self, row: ModelRow) -> str:
        parts = [file_size(row.size), row.quantization, row.detail]
        if row.is_demo:
            parts.append(self.tr("Demo: shows that the program works"))
        return "   ".join(part for part in parts if part)
