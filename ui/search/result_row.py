"""Paints what was found: a conversation in one line, a place in it in two, the words marked."""

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPen,
    QTextCharFormat,
    QTextLayout,
    QTextLine,
    QTextOption,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.history.found import Snippet
from ui.search.result_list_model import ROW_ROLE
from ui.search.view import ResultRow
from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, RADIUS, TEXT_INTERFACE, TEXT_SMALL

Index = QModelIndex | QPersistentModelIndex

CONVERSATION, PLACE, SHORT_PLACE = 44, 52, 32
_PAD, _LABEL, _WHEN, _LINE, _BETWEEN = 12, 84, 104, 20, 8
_WHEN_FROM = 520
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class FoundRowDelegate(QStyledItemDelegate):
    """Label, snippet and day stand in columns."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """A conversation in one line, with a gap above; a place in one or two."""
        row = index.data(ROW_ROLE)
        width = option.rect.width()
        height = PLACE
        if not isinstance(row, ResultRow) or row.is_conversation:
            height = CONVERSATION
        elif _fitting(row.snippet.text, self._theme.font(), self._room(width), 1) >= len(
            row.snippet.text
        ):
            height = SHORT_PLACE
        return QSize(width, self._theme.px(height))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row."""
        row = index.data(ROW_ROLE)
        if not isinstance(row, ResultRow):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = option.rect
        if row.is_conversation:
            area = area.adjusted(0, self._theme.px(_BETWEEN), 0, 0)
        self._paint_ground(painter, option, area)
        if row.is_conversation:
            self._paint_conversation(painter, area, row)
        else:
            self._paint_place(painter, area, row)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, area: QRect) -> None:
        theme, radius = self._theme, self._theme.px(RADIUS)
        is_over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_over or is_chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("control" if is_chosen else "raised"))
            painter.drawRoundedRect(QRectF(area).adjusted(0, 1, 0, -1), radius, radius)
        if is_chosen and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.color("accent"), theme.px(FOCUS_WIDTH)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(area).adjusted(1, 2, -1, -2), radius, radius)

    def _paint_conversation(self, painter: QPainter, area: QRect, row: ResultRow) -> None:
        px = self._theme.px
        inside = area.adjusted(px(_PAD), 0, -px(_PAD), 0)
        right = self._paint_when(painter, inside, row.when)
        if row.note:
            painter.setFont(self._theme.font(TEXT_SMALL))
            most = right.width() // 3
            note = painter.fontMetrics().elidedText(row.note, Qt.TextElideMode.ElideRight, most)
            painter.drawText(right, _RIGHT, note)
            right.setRight(right.right() - painter.fontMetrics().horizontalAdvance(note) - px(_PAD))
        font = self._theme.font(TEXT_INTERFACE, weight=QFont.Weight.DemiBold)
        self._paint_snippet(painter, right, row.snippet, font, lines=1)

    def _paint_place(self, painter: QPainter, area: QRect, row: ResultRow) -> None:
        px = self._theme.px
        inside = area.adjusted(px(_PAD), px(6), -px(_PAD), -px(6))
        right = self._paint_when(painter, inside, row.when)
        painter.setFont(self._theme.font(TEXT_SMALL))
        painter.setPen(self._theme.color("muted"))
        label = QRect(right.left(), right.top(), px(_LABEL), px(_LINE))
        shown = painter.fontMetrics().elidedText(
            row.label, Qt.TextElideMode.ElideMiddle, label.width() - px(8)
        )
        painter.drawText(label, _LEFT, shown)
        right.setLeft(right.left() + px(_LABEL))
        self._paint_snippet(painter, right, row.snippet, self._theme.font(), lines=2)

    def _room(self, width: int) -> int:
        """Pixels for a snippet in a row of ``width``."""
        px = self._theme.px
        inside = width - 2 * px(_PAD)
        return inside - px(_LABEL) - (px(_WHEN) if inside >= px(_WHEN_FROM) else 0)

    def _paint_when(self, painter: QPainter, area: QRect, words: str) -> QRect:
        """The day at the right where there is room; returns what is left of the row."""
        px = self._theme.px
        if area.width() < px(_WHEN_FROM):
            return QRect(area)
        painter.setFont(self._theme.font(TEXT_SMALL, tabular=True))
        painter.setPen(self._theme.color("muted"))
        column = QRect(area.right() + 1 - px(_WHEN), area.top(), px(_WHEN), area.height())
        if area.height() > px(36):
            column.setHeight(px(_LINE))
        painter.drawText(column, _RIGHT, words)
        return area.adjusted(0, 0, -px(_WHEN), 0)

    def _paint_snippet(
        self, painter: QPainter, area: QRect, snippet: Snippet, font: QFont, *, lines: int
    ) -> None:
        layout = _laid_out(snippet, font, area.width(), lines, self._theme)
        height = self._theme.px(_LINE)
        top = area.top() if lines > 1 else area.top() + (area.height() - height) // 2
        painter.setPen(self._theme.color("text"))
        for number in range(layout.lineCount()):
            line: QTextLine = layout.lineAt(number)
            line.setPosition(QPointF(0, number * height + (height - line.height()) / 2))
        layout.draw(painter, QPointF(area.left(), top))


def _laid_out(snippet: Snippet, font: QFont, width: int, lines: int, theme: Theme) -> QTextLayout:
    """At most so many lines; what does not fit is cut with an ellipsis."""
    text = snippet.text
    kept = _fitting(text, font, width, lines)
    shown = text if kept >= len(text) else text[:kept].rstrip() + "…"
    layout = _layout(shown, font)
    marked = QTextCharFormat()
    marked.setBackground(theme.color("selection"))
    marked.setForeground(QColor(theme.colors.text))
    formats = []
    for start, end in snippet.places:
        if start < kept:
            piece = QTextLayout.FormatRange()
            piece.start = _units(text[:start])
            piece.length = _units(text[start : min(end, kept)])
            piece.format = marked
            formats.append(piece)
    layout.setFormats(formats)
    _break(layout, width, lines)
    return layout


def _fitting(text: str, font: QFont, width: int, lines: int) -> int:
    """How many characters have room in so many lines, an ellipsis included."""
    layout = _layout(text, font)
    if _break(layout, width, lines):
        return len(text)
    last = layout.lineAt(lines - 1)
    before = text.encode("utf-16-le")[: 2 * last.textStart()].decode("utf-16-le", "ignore")
    rest = text[len(before) :]
    elided = QFontMetrics(font).elidedText(rest, Qt.TextElideMode.ElideRight, width)
    return len(before) + max(0, len(elided.rstrip("…")))


def _layout(text: str, font: QFont) -> QTextLayout:
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    return layout


def _break(layout: QTextLayout, width: int, lines: int) -> bool:
    """Make at most so many lines; whether that was all of the text."""
    layout.beginLayout()
    for _ in range(lines):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(1, width))
    is_all = not layout.createLine().isValid()
    layout.endLayout()
    return is_all


def _units(text: str) -> int:
    """Length as Qt counts it, in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
