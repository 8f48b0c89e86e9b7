"""Paints a chat that could be taken over: a box, its title, and what it would bring."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.imports.chats_list_model import CHOSEN_ROLE, ROW_ROLE
from ui.imports.view import ChatRow, TroubleRow
from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, RADIUS, TEXT_SMALL

Index = QModelIndex | QPersistentModelIndex

_ROW, _PAD, _BOX, _GAP, _NOTE = 44, 12, 16, 12, 160
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_FOOT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom


class ImportedChatDelegate(QStyledItemDelegate):
    """Every row is 44 high, so that ten thousand need not be measured."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """44 high."""
        return QSize(self._theme.px(160), self._theme.px(_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row."""
        row = index.data(ROW_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, str):
            self._paint_heading(painter, option.rect, row)
        elif row is not None:
            self._paint_ground(painter, option)
            if isinstance(row, ChatRow):
                self._paint_chat(painter, option.rect, row, bool(index.data(CHOSEN_ROLE)))
            elif isinstance(row, TroubleRow):
                self._paint_trouble(painter, option.rect, row)
        painter.restore()

    def _paint_heading(self, painter: QPainter, area: QRect, words: str) -> None:
        theme, px = self._theme, self._theme.px
        painter.setFont(theme.font(TEXT_SMALL, weight=QFont.Weight.DemiBold))
        painter.setPen(theme.color("muted"))
        painter.drawText(area.adjusted(px(_PAD), 0, -px(_PAD), -px(8)), _FOOT, words)

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        theme, state = self._theme, option.state
        area = QRectF(option.rect).adjusted(0, 1, 0, -1)
        radius = theme.px(RADIUS)
        if state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("control"))
            painter.drawRoundedRect(area, radius, radius)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.color("accent"), theme.px(FOCUS_WIDTH)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), radius, radius)

    def _paint_chat(self, painter: QPainter, area: QRect, row: ChatRow, is_on: bool) -> None:
        theme, px = self._theme, self._theme.px
        left = area.left() + px(_PAD)
        if row.can_choose:
            box = QRect(left, area.top() + px(14), px(_BOX), px(_BOX))
            self._paint_box(painter, box, is_on)
        left += px(_BOX + _GAP)
        right = area.right() + 1 - px(_PAD)
        note = QRect(right - px(_NOTE), area.top(), px(_NOTE), area.height())
        painter.setFont(theme.font(TEXT_SMALL, tabular=True))
        painter.setPen(theme.color("accent_text" if row.can_choose else "muted"))
        painter.drawText(note, _RIGHT, row.note)
        if row.note:
            right -= px(_NOTE + 8)
        ink = "text" if row.can_choose else "muted"
        self._paint_lines(painter, area, left, right, (row.title, row.detail), ink)

    def _paint_trouble(self, painter: QPainter, area: QRect, row: TroubleRow) -> None:
        theme, px = self._theme, self._theme.px
        left = area.left() + px(_PAD)
        place = QRect(left, area.top() + px(14), px(_BOX), px(_BOX))
        theme.icon("triangle-alert", theme.colors.warning).paint(painter, place)
        left += px(_BOX + _GAP)
        right = area.right() + 1 - px(_PAD)
        self._paint_lines(painter, area, left, right, (row.words, row.where), "text")

    def _paint_lines(
        self,
        painter: QPainter,
        area: QRect,
        left: int,
        right: int,
        words: tuple[str, str],
        ink: str,
    ) -> None:
        theme, px = self._theme, self._theme.px
        lines = (
            (theme.font(weight=QFont.Weight.Medium), ink, px(4)),
            (theme.font(TEXT_SMALL, tabular=True), "muted", px(22)),
        )
        for text, (font, color, top) in zip(words, lines, strict=True):
            line = QRect(left, area.top() + top, right - left, px(18))
            painter.setFont(font)
            painter.setPen(theme.color(color))
            shown = " ".join(text.split())
            elided = QFontMetrics(font).elidedText(shown, Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, _LEFT, elided)

    def _paint_box(self, painter: QPainter, area: QRect, is_on: bool) -> None:
        theme = self._theme
        painter.setPen(QPen(theme.color("accent" if is_on else "muted"), 1.5 * theme.zoom))
        painter.setBrush(theme.color("accent") if is_on else Qt.BrushStyle.NoBrush)
        corner = theme.px(4)
        painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
        if is_on:
            gap = theme.px(2)
            inner = area.adjusted(gap, gap, -gap, -gap)
            theme.icon("check", theme.colors.on_accent).paint(painter, inner)
