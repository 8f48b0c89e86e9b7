"""Paints one row of the model popover, 52 high: name, where it would run, and its two verbs."""

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
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from app.amounts import file_size
from ui.item_models.model_list_model import ROW_ROLE, ModelRow
from ui.theme.theme import Theme
from ui.theme.tokens import RADIUS, TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.tooltips import plain_tooltip

ROW_HEIGHT = 52
_VERBS, _GAP = 88, 8
_ACTION_TOP = 24
PLACEMENT_KEY = "Ctrl+Shift+P"
Index = QModelIndex | QPersistentModelIndex
Side = Qt.AlignmentFlag

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ModelRowDelegate(QStyledItemDelegate):
    """The current row, and the one under the mouse, offer "Placement" below Load or Loaded."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Every row is 52 high."""
        return QSize(option.rect.width(), self._theme.px(ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Two lines at the left, the verbs at the right."""
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
        elide = Qt.TextElideMode.ElideRight
        small = theme.font(TEXT_SMALL, tabular=True)
        words = QFontMetrics(self._bold()).elidedText(row.name, elide, self._name_room(name, row))
        self._draw(painter, name, words, self._bold(), theme.color("text"))
        after = QFontMetrics(self._bold()).horizontalAdvance(words) + px(_GAP)
        self._draw(
            painter, name.adjusted(after, 0, 0, 0), row.quantization, small, theme.color("muted")
        )
        second = name.translated(0, px(18))
        words = QFontMetrics(small).elidedText(self._second_line(row), elide, second.width())
        self._draw(painter, second, words, small, theme.color("muted"))
        right = option.rect.adjusted(0, px(8), -px(12), 0)
        right.setHeight(name.height())
        verb, ink = (
            (self.tr("Loaded"), "good") if row.is_loaded else (self.tr("Load"), "accent_text")
        )
        self._draw(painter, right, verb, self._bold(), theme.color(ink), _RIGHT)
        if hovered or current:
            below, accent = right.translated(0, px(18)), theme.color("accent_text")
            self._draw(painter, below, self.tr("Placement"), small, accent, _RIGHT)
        painter.restore()

    def action_area(self, row: QRect) -> QRect:
        """Where "Placement" is pressed in a row at ``row``: 88×28 at its lower right."""
        px = self._theme.px
        left = row.right() + 1 - px(_VERBS)
        return QRect(left, row.top() + px(_ACTION_TOP), px(_VERBS), px(ROW_HEIGHT - _ACTION_TOP))

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """What does not fit, or what "Placement" does."""
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return False
        row = index.data(ROW_ROLE)
        assert isinstance(row, ModelRow)
        if self.action_area(option.rect).contains(event.pos()):
            keys = QKeySequence(PLACEMENT_KEY).toString(QKeySequence.SequenceFormat.NativeText)
            words = self.tr("Show where its parts sit, and change it")
            QToolTip.showText(event.globalPos(), words + "  " + keys, view)
            return True
        area = self._name_area(option.rect)
        small = QFontMetrics(self._theme.font(TEXT_SMALL, tabular=True))
        lines = (
            (row.name, QFontMetrics(self._bold()), self._name_room(area, row)),
            (self._second_line(row), small, area.width()),
        )
        cut = [text for text, metrics, room in lines if metrics.horizontalAdvance(text) > room]
        QToolTip.showText(event.globalPos(), plain_tooltip("\n".join(cut)), view)
        return True

    @staticmethod
    def _draw(
        painter: QPainter, area: QRect, text: str, font: QFont, ink: QColor, side: Side = _LEFT
    ) -> None:
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(area, side, text)

    def _bold(self) -> QFont:
        return self._theme.font(TEXT_INTERFACE, weight=QFont.Weight.Medium)

    def _name_area(self, row: QRect) -> QRect:
        px = self._theme.px
        width = row.width() - px(12) - px(_VERBS)
        return QRect(row.left() + px(12), row.top() + px(8), width, px(18))

    def _name_room(self, area: QRect, row: ModelRow) -> int:
        """Pixels for the name; the quantization after it is never cut."""
        if not row.quantization:
            return area.width()
        small = QFontMetrics(self._theme.font(TEXT_SMALL, tabular=True))
        return area.width() - small.horizontalAdvance(row.quantization) - self._theme.px(_GAP)

    def _second_line(self, row: ModelRow) -> str:
        parts = [file_size(row.size)]
        if row.is_demo:
            parts.append(self.tr("Demo: shows that the program works"))
        else:
            parts.append(row.detail)
        return "   ".join(part for part in parts if part)
