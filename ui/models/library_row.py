"""Paints the cells of the library's table; its rows are 48 high."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from app.amounts import file_size
from ui.models.library_list_model import ROW_ROLE
from ui.models.library_words import (
    CONTEXT,
    HERE,
    MENU,
    NAME,
    SIZE,
    USED,
    VERIFIED,
    here_words,
    second_line,
)
from ui.models.place_bar import HEIGHT as BAR_HEIGHT
from ui.models.place_bar import BarPainter
from ui.models.view import LibraryRow, Stretch
from ui.models.words import context_words
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE, TEXT_SMALL

Index = QModelIndex | QPersistentModelIndex

ROW_HEIGHT = 48
PAD = 12
BAR_FROM = 200
"""The bar is drawn in cells at least so wide."""
_BAR, _ICON = 120, 16
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
STATE_INKS = {"damaged": "bad", "incomplete": "warning", "absent": "muted"}
"""Of the words about a state; all others are ordinary text."""


class LibraryRowDelegate(QStyledItemDelegate):
    """The table itself paints what is behind a row."""

    def __init__(self, theme: Theme, bars: BarPainter, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme, self._bars = theme, bars

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Every row is 48 high."""
        return QSize(option.rect.width(), self._theme.px(ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        row = index.data(ROW_ROLE)
        if not isinstance(row, LibraryRow):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area, column = option.rect, index.column()
        if column == NAME:
            self._paint_name(painter, area, row)
        elif column == HERE:
            self._paint_here(painter, area, row)
        elif column == VERIFIED:
            self._paint_icon(painter, area, *sound_icon(row))
        elif column == MENU:
            self._paint_icon(painter, area, "ellipsis", "muted")
        else:
            self._paint_figure(painter, area, row, column, str(index.data()))
        painter.restore()

    def _paint_name(self, painter: QPainter, area: QRect, row: LibraryRow) -> None:
        theme, px = self._theme, self._theme.px
        ink = "muted" if row.state == "absent" else "text"
        bold, small = theme.font(weight=QFont.Weight.Medium), theme.font(TEXT_SMALL, tabular=True)
        line = QRect(area.left() + px(PAD), area.top() + px(6), area.width() - px(PAD + 4), px(18))
        after = QFontMetrics(small).horizontalAdvance(row.quantization) + px(8)
        metrics = QFontMetrics(bold)
        room = line.width() - (after if row.quantization else 0)
        words = metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, room)
        painter.setFont(bold)
        painter.setPen(theme.color(ink))
        painter.drawText(line, _LEFT, words)
        painter.setFont(small)
        painter.setPen(theme.color("muted"))
        beside = line.adjusted(metrics.horizontalAdvance(words) + px(8), 0, 0, 0)
        painter.drawText(beside, _LEFT, row.quantization)
        below = line.translated(0, px(18))
        words = QFontMetrics(small).elidedText(
            second_line(row), Qt.TextElideMode.ElideRight, below.width()
        )
        painter.drawText(below, _LEFT, words)

    def _paint_here(self, painter: QPainter, area: QRect, row: LibraryRow) -> None:
        theme, px = self._theme, self._theme.px
        inner = area.adjusted(px(PAD), 0, -px(4), 0)
        if area.width() >= px(BAR_FROM):
            has_progress = row.state in ("verifying", "adding", "coming")
            if has_progress or (row.is_usable and row.place):
                tall = px(BAR_HEIGHT)
                top = area.top() + (area.height() - tall) / 2
                bar = QRectF(inner.left(), top, px(_BAR), tall)
                if has_progress:
                    done = round(1000 * row.progress)
                    self._bars.paint(
                        painter,
                        bar,
                        (Stretch("accent", "", done), Stretch("border", "", 1000 - done)),
                    )
                elif row.place:
                    self._bars.paint(painter, bar, row.place.stretches)
                inner = inner.adjusted(px(_BAR + 8), 0, 0, 0)
        words = here_words(row)
        small = theme.font(TEXT_SMALL, tabular=True)
        painter.setFont(small)
        painter.setPen(theme.color(STATE_INKS.get(row.state, "text")))
        words = QFontMetrics(small).elidedText(words, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, _LEFT, words)

    def _paint_figure(
        self, painter: QPainter, area: QRect, row: LibraryRow, column: int, words: str
    ) -> None:
        theme, px = self._theme, self._theme.px
        if column == SIZE:
            words = file_size(row.size_bytes)
        elif column == CONTEXT and row.is_usable:
            words = context_words(row.place)
        font = theme.font(TEXT_SMALL if column == USED else TEXT_INTERFACE, tabular=True)
        painter.setFont(font)
        painter.setPen(theme.color("muted" if row.state == "absent" or column == USED else "text"))
        inner = area.adjusted(px(PAD), 0, -px(4), 0)
        words = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, _LEFT if column == USED else _RIGHT, words)

    def _paint_icon(self, painter: QPainter, area: QRect, icon: str, ink: str) -> None:
        side = self._theme.px(_ICON)
        place = QRect(0, 0, side, side)
        place.moveCenter(area.center())
        color = str(getattr(self._theme.colors, ink))
        self._theme.icon(icon, color).paint(painter, place)


def sound_icon(row: LibraryRow) -> tuple[str, str]:
    """How sound a model is: an icon and its ink."""
    if row.state == "damaged":
        return "triangle-alert", "bad"
    return {
        "hash": ("circle-check", "good"),
        "structure": ("shield-check", "muted"),
        "no": ("minus", "muted"),
    }[row.verified]
