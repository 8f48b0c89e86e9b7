"""The list of backups: arrows or a click choose one, two lines each."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.backups.desk import Listed
from ui.data.backup_list_model import ROW_ROLE, BackupListModel
from ui.data.words import moment_words, row_words, state_ink, state_words
from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, RADIUS, TEXT_SMALL
from ui.widgets.styling import set_style

Index = QModelIndex | QPersistentModelIndex

_ROW, _PAD, _DOT, _LINE, _TOP = 60, 12, 8, 20, 10
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class BackupList(QListView):
    """Shows a BackupListModel. ``chosen``: another row is current; -1 when none is."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, rows: BackupListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(rows)
        self.setItemDelegate(_BackupDelegate(theme, self))
        self.setAccessibleName(self.tr("Backups, newest first"))
        set_style(self, look="clear")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.selectionModel().currentChanged.connect(lambda now, _old: self.chosen.emit(now.row()))
        theme.changed.connect(self.scheduleDelayedItemsLayout)

    def choose(self, row: int) -> None:
        """Make a row the current one; -1 makes none."""
        self.setCurrentIndex(self.model().index(row, 0) if row >= 0 else QModelIndex())
        if row < 0:
            self.clearSelection()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc is the page's."""
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)


class _BackupDelegate(QStyledItemDelegate):
    """When and whether it is sound above; why, how large and how much below."""

    def __init__(self, theme: Theme, view: BackupList) -> None:
        super().__init__(view)
        self._theme, self._view = theme, view

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Every row is 60 high."""
        return QSize(self._theme.px(160), self._theme.px(_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row."""
        row = index.data(ROW_ROLE)
        if not isinstance(row, Listed):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        px, area = self._theme.px, option.rect
        room = area.adjusted(px(_PAD), px(_TOP), -px(_PAD), -px(_TOP))
        first = QRect(room.left(), room.top(), room.width(), px(_LINE))
        second = QRect(room.left(), first.bottom() + 1, room.width(), px(_LINE))
        taken = self._paint_state(painter, first, row)
        first.setRight(first.right() - taken - px(_PAD))
        name = self._theme.font(weight=QFont.Weight.Medium, tabular=True)
        small = self._theme.font(TEXT_SMALL, tabular=True)
        self._text(painter, first, moment_words(row.file.made), name, "text")
        self._text(painter, second, row_words(row), small, "muted")
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        theme, px = self._theme, self._theme.px
        # Chosen, hovered, and where the keyboard is, each so that it can be told from the others.
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        area = QRectF(option.rect).adjusted(1, 1, -1, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        if is_chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(theme.color("control" if is_chosen else "raised"))
            painter.drawRoundedRect(area, px(RADIUS), px(RADIUS))
        if is_chosen and self._view.hasFocus():
            painter.setPen(QPen(theme.color("accent"), px(FOCUS_WIDTH)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area, px(RADIUS), px(RADIUS))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_state(self, painter: QPainter, line: QRect, row: Listed) -> int:
        """At the right of the line; returns how wide it is."""
        theme, px = self._theme, self._theme.px
        words, ink = state_words(row), theme.color(state_ink(row))
        font = theme.font(TEXT_SMALL)
        wide = QFontMetrics(font).horizontalAdvance(words) + 1
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(line, _RIGHT, words)
        dot = px(_DOT)
        left = line.right() - wide - px(8) - dot
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(QRectF(left, line.center().y() - dot / 2 + 0.5, dot, dot))
        return wide + px(8) + dot

    def _text(self, painter: QPainter, area: QRect, words: str, font: QFont, ink: str) -> None:
        painter.setFont(font)
        painter.setPen(self._theme.color(ink))
        mode = Qt.TextElideMode.ElideRight
        painter.drawText(area, _LEFT, QFontMetrics(font).elidedText(words, mode, area.width()))
