"""Paints one model of the library as a card: what it is, how it would run here, and its state."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.amounts import file_size
from ui.models.library_list_model import ROW_ROLE
from ui.models.library_row import STATE_INKS, sound_icon
from ui.models.library_words import USED, cell_text, here_words, second_line, verified_words
from ui.models.place_bar import HEIGHT as BAR_HEIGHT
from ui.models.place_bar import BarPainter
from ui.models.view import LibraryRow, Stretch
from ui.models.words import context_words, joined
from ui.theme.theme import Theme
from ui.theme.tokens import CARD_RADIUS, FOCUS_WIDTH, TEXT_CHAT, TEXT_SMALL

Index = QModelIndex | QPersistentModelIndex

CARD_HEIGHT, CARD_GAP = 148, 12
_PAD, _ICON, DOTS = 16, 16, 32
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ELIDE = Qt.TextElideMode.ElideRight


def dots_area(theme: Theme, cell: QRect) -> QRect:
    """Where a press opens the menu."""
    px = theme.px
    side = px(DOTS)
    return QRect(cell.right() + 1 - px(CARD_GAP + 8) - side, cell.top() + px(8), side, side)


class LibraryCardDelegate(QStyledItemDelegate):
    """A cell is a card and the gap at its right and below it."""

    def __init__(self, theme: Theme, bars: BarPainter, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme, self._bars = theme, bars
        self._width = 0
        self.now_ms = 0
        """Unix milliseconds, for "Today"."""

    def set_width(self, width: int) -> None:
        """Cells are so many pixels wide."""
        self._width = width

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """All are alike."""
        return QSize(self._width, self._theme.px(CARD_HEIGHT + CARD_GAP))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One card."""
        row = index.data(ROW_ROLE)
        if not isinstance(row, LibraryRow):
            return
        px = self._theme.px
        card = option.rect.adjusted(0, 0, -px(CARD_GAP), -px(CARD_GAP))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, card, option)
        dots = QRect(0, 0, px(_ICON), px(_ICON))
        dots.moveCenter(dots_area(self._theme, option.rect).center())
        self._theme.icon("ellipsis", self._theme.colors.muted).paint(painter, dots)
        inner = card.adjusted(px(_PAD), px(12), -px(_PAD), -px(12))
        self._paint_name(painter, inner, row)
        self._paint_here(painter, inner, row)
        self._paint_foot(painter, inner, row)
        painter.restore()

    def _paint_ground(self, painter: QPainter, card: QRect, option: QStyleOptionViewItem) -> None:
        theme, state = self._theme, option.state
        is_current = bool(state & QStyle.StateFlag.State_Selected)
        has_focus = bool(state & QStyle.StateFlag.State_HasFocus)
        is_hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        width = theme.px(FOCUS_WIDTH) if has_focus else theme.zoom
        painter.setPen(QPen(theme.color("accent" if has_focus else "border"), width))
        painter.setBrush(
            theme.color("hover" if is_current else "control" if is_hovered else "raised")
        )
        half = width / 2
        area = QRectF(card).adjusted(half, half, -half, -half)
        painter.drawRoundedRect(area, theme.px(CARD_RADIUS), theme.px(CARD_RADIUS))

    def _paint_name(self, painter: QPainter, area: QRect, row: LibraryRow) -> None:
        theme, px = self._theme, self._theme.px
        bold = theme.font(TEXT_CHAT, weight=QFont.Weight.DemiBold)
        line = QRect(area.left(), area.top(), area.width() - px(DOTS - 4), px(24))
        painter.setFont(bold)
        painter.setPen(theme.color("muted" if row.state == "absent" else "text"))
        painter.drawText(line, _LEFT, QFontMetrics(bold).elidedText(row.name, _ELIDE, line.width()))
        below = QRect(area.left(), area.top() + px(26), area.width(), px(18))
        self._paint_words(painter, below, "muted", joined((row.quantization, second_line(row))))

    def _paint_here(self, painter: QPainter, area: QRect, row: LibraryRow) -> None:
        px = self._theme.px
        bar = QRectF(area.left(), area.top() + px(58), area.width(), px(BAR_HEIGHT))
        if row.state in ("verifying", "adding", "coming"):
            done = round(1000 * row.progress)
            parts = (Stretch("accent", "", done), Stretch("border", "", 1000 - done))
            self._bars.paint(painter, bar, parts)
        elif row.is_usable and row.place:
            self._bars.paint(painter, bar, row.place.stretches)
        line = QRect(area.left(), area.top() + px(72), area.width(), px(18))
        words = here_words(row)
        if row.is_usable and row.place and row.place.verdict != "too_large":
            words = joined((words, context_words(row.place)))
        self._paint_words(painter, line, STATE_INKS.get(row.state, "text"), words)

    def _paint_foot(self, painter: QPainter, area: QRect, row: LibraryRow) -> None:
        theme, px = self._theme, self._theme.px
        line = QRect(area.left(), area.bottom() + 1 - px(20), area.width(), px(20))
        icon, ink = sound_icon(row)
        side = px(_ICON)
        place = QRect(line.left(), line.top() + (line.height() - side) // 2, side, side)
        theme.icon(icon, str(getattr(theme.colors, ink))).paint(painter, place)
        size = QFontMetrics(self._small()).horizontalAdvance(file_size(row.size_bytes))
        words = line.adjusted(side + px(8), 0, -size - px(12), 0)
        told = (verified_words(row), cell_text(row, USED, self.now_ms))
        self._paint_words(painter, words, "muted", joined(told))
        painter.setPen(theme.color("text"))
        painter.drawText(line, _RIGHT, file_size(row.size_bytes))

    def _paint_words(self, painter: QPainter, area: QRect, ink: str, words: str) -> None:
        small = self._small()
        painter.setFont(small)
        painter.setPen(self._theme.color(ink))
        painter.drawText(area, _LEFT, QFontMetrics(small).elidedText(words, _ELIDE, area.width()))

    def _small(self) -> QFont:
        return self._theme.font(TEXT_SMALL, tabular=True)
