"""The table of requests: arrows walk through it, in narrow windows the least telling columns go."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ui.settings.requests_list_model import ROW_ROLE, RequestsListModel, alignment
from ui.settings.requests_words import BYTES, END, HOST, PURPOSE, TIME, ink
from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, SCROLL_BAR, TEXT_SMALL
from ui.widgets.styling import set_style

Index = QModelIndex | QPersistentModelIndex

_ROW, _HEADING, _PAD, _GAP = 36, 32, 12, 8
_WIDTHS = {TIME: 156, PURPOSE: 160, BYTES: 88, END: 136}
_LEAST_HOST = 124
_FIRST_TO_GO = (BYTES, PURPOSE)


def column_widths(room: int) -> dict[int, int]:
    """Pixels at 100 % of each column in ``room``; what has no room is not there."""
    widths = dict(_WIDTHS)
    for column in _FIRST_TO_GO:
        if sum(widths.values()) + _LEAST_HOST > room:
            del widths[column]
    return {**widths, HOST: max(_LEAST_HOST, room - sum(widths.values()))}


class RequestsTable(QTableView):
    """Shows a RequestsListModel; each row tells all in its tooltip."""

    def __init__(
        self, theme: Theme, rows: RequestsListModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setModel(rows)
        self.setItemDelegate(_RequestDelegate(theme, self))
        self.setAccessibleName(self.tr("Requests"))
        set_style(self, look="clear")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        # What is current is painted here; Qt would paint a selection over it.
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        headings = _Headings(theme, self)
        headings.setAccessibleName(self.tr("Headings of the requests"))
        self.setHorizontalHeader(headings)
        headings.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.selectionModel().currentRowChanged.connect(lambda *_rows: self.viewport().update())
        theme.changed.connect(self._restyle)
        self._restyle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc is for the page."""
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other columns fit."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        theme = self._theme
        room = self.width() - theme.px(SCROLL_BAR)
        widths = column_widths(round(room / theme.zoom))
        for column in (TIME, HOST, PURPOSE, BYTES, END):
            self.setColumnHidden(column, column not in widths)
            if column in widths and column != HOST:
                self.setColumnWidth(column, theme.px(widths[column]))
        rest = sum(self.columnWidth(column) for column in widths if column != HOST)
        self.setColumnWidth(HOST, max(1, room - rest))

    def _restyle(self) -> None:
        self.setFont(self._theme.font(TEXT_SMALL))
        self.verticalHeader().setDefaultSectionSize(self._theme.px(_ROW))
        self._fit()


class _RequestDelegate(QStyledItemDelegate):
    """One line a row; how it ended has a colour, but says it in words as well."""

    def __init__(self, theme: Theme, table: RequestsTable) -> None:
        super().__init__(table)
        self._theme, self._table = theme, table

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Every row is 36 high."""
        return QSize(option.rect.width(), self._theme.px(_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """What is behind the cell, its words, and the hairline below."""
        theme, px, area, column = self._theme, self._theme.px, option.rect, index.column()
        painter.save()
        current = self._table.currentIndex().row() == index.row() and self._table.hasFocus()
        if current:
            painter.fillRect(area, theme.color("hover"))
            painter.fillRect(_mark(area, px(FOCUS_WIDTH), column), theme.color("accent"))
        font = theme.font(TEXT_SMALL, tabular=True)
        painter.setFont(font)
        painter.setPen(QPen(self._color(index, column)))
        room = area.adjusted(px(_PAD), 0, -px(_GAP), 0)
        mode = Qt.TextElideMode.ElideRight
        words = QFontMetrics(font).elidedText(str(index.data()), mode, room.width())
        painter.drawText(room, int(alignment(column)), words)
        painter.fillRect(area.left(), area.bottom(), area.width(), 1, theme.color("border"))
        painter.restore()

    def _color(self, index: Index, column: int) -> QColor:
        if column == END:
            return self._theme.color(ink(index.data(ROW_ROLE)))
        return self._theme.color("text" if column == HOST else "muted")


class _Headings(QHeaderView):
    """Words begin where the cells' words do."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.setHighlightSections(False)
        self.setMinimumSectionSize(0)
        theme.changed.connect(self._restyle)
        self._restyle()

    def sizeHint(self) -> QSize:
        """32 high."""
        return QSize(super().sizeHint().width(), self._theme.px(_HEADING))

    def paintSection(  # noqa: N802 - Qt's name
        self, painter: QPainter, rect: QRect, logical_index: int
    ) -> None:
        """Muted words over a hairline."""
        theme, px = self._theme, self._theme.px
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("border"))
        painter.setFont(theme.font(TEXT_SMALL))
        painter.setPen(theme.color("muted"))
        area = rect.adjusted(px(_PAD), 0, -px(_GAP), 0)
        words = self.model().headerData(logical_index, Qt.Orientation.Horizontal)
        painter.drawText(area, int(alignment(logical_index)), str(words))

    def _restyle(self) -> None:
        self.setFont(self._theme.font(TEXT_SMALL))
        self.setFixedHeight(self._theme.px(_HEADING))


def _mark(area: QRect, width: int, column: int) -> QRect:
    """The bar at the left of the row that the keyboard is at."""
    return QRect(area.left(), area.top(), width if column == TIME else 0, area.height())
