"""The library's table: arrows choose, Enter opens, Delete deletes, ⋯ has the rest."""

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from ui.models.library_headings import LibraryHeadings
from ui.models.library_list_model import LibraryListModel
from ui.models.library_row import ROW_HEIGHT, LibraryRowDelegate
from ui.models.library_words import CONTEXT, HERE, MENU, NAME, SIZE, USED, VERIFIED
from ui.models.place_bar import BarPainter
from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, RADIUS, SCROLL_BAR
from ui.widgets.styling import set_style

_WIDTHS = {NAME: 352, SIZE: 80, HERE: 248, CONTEXT: 80, USED: 104, VERIFIED: 56, MENU: 48}
_LEAST_NAME, _SHORT_HERE = 216, 136
_FIRST_TO_GO = (CONTEXT, USED, VERIFIED)


def column_widths(room: int) -> dict[int, int]:
    """Pixels at 100 % of each column in ``room``; what has no room is not there.

    First the name gives way, then the least telling figures go, then the bar.
    """
    widths = dict(_WIDTHS)
    for column in _FIRST_TO_GO:
        if _beside(widths) + _LEAST_NAME > room:
            del widths[column]
    if _beside(widths) + _LEAST_NAME > room:
        widths[HERE] = _SHORT_HERE
    widths[NAME] = max(120, room - _beside(widths))
    return widths


def _beside(widths: dict[int, int]) -> int:
    return sum(width for column, width in widths.items() if column != NAME)


class LibraryTable(QTableView):
    """Signals:
    row_chosen(str): a person wants to see more of this model: a click, or Enter.
    current_changed(str): the keyboard went on to this one; "" for none.
    menu_requested(str, QPoint): ⋯ or the right button, at a point of the screen.
    delete_requested(str): the key Delete.
    """

    row_chosen = Signal(str)
    current_changed = Signal(str)
    menu_requested = Signal(str, QPoint)
    delete_requested = Signal(str)

    def __init__(self, theme: Theme, rows: LibraryListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._rows = theme, rows
        self._hovered = -1
        self.setModel(rows)
        self.setItemDelegate(LibraryRowDelegate(theme, BarPainter(theme, self), self))
        self.setAccessibleName(self.tr("Your models"))
        set_style(self, look="clear")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        # What is current is painted here; Qt would paint a selection over it.
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        self.verticalHeader().hide()
        headings = LibraryHeadings(theme, self)
        headings.setAccessibleName(self.tr("Headings of your models"))
        self.setHorizontalHeader(headings)
        headings.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        headings.sectionClicked.connect(self._sort)
        self._sorted_by = (-1, Qt.SortOrder.AscendingOrder)
        self.clicked.connect(self._clicked)
        self.selectionModel().currentRowChanged.connect(self._moved)
        theme.changed.connect(self._restyle)
        self._restyle()

    def choose(self, key: str) -> None:
        """Make a model the current one, without a signal; "" makes none."""
        row = self._rows.place_of(key)
        selection = self.selectionModel()
        selection.blockSignals(True)
        if row < 0:
            self.setCurrentIndex(QModelIndex())
        else:
            self.setCurrentIndex(self._rows.index(row, NAME))
        selection.blockSignals(False)
        self.viewport().update()

    @property
    def current_key(self) -> str:
        """The model that the keyboard is at, or ""."""
        index = self.currentIndex()
        return self._rows.row_at(index.row()).key if index.isValid() else ""

    def paintEvent(self, event: QPaintEvent) -> None:
        """What is behind whole rows, then the cells."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        current = self.currentIndex().row()
        for row, ink in ((self._hovered, "control"), (current, "hover")):
            if 0 <= row < self._rows.rowCount():
                self._paint_row(painter, row, ink, ring=row == current and self.hasFocus())
        painter.end()
        super().paintEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(event.position().toPoint().y()))

    def viewportEvent(self, event: QEvent) -> bool:
        """The pointer left."""
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Delete; the rest is Qt's."""
        key = self.current_key
        if key and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.row_chosen.emit(key)
        elif key and event.key() == Qt.Key.Key_Delete:
            self.delete_requested.emit(key)
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By the right button or the menu key."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if index.isValid():
            position = event.pos() if by_mouse else self.visualRect(index).bottomLeft()
            self._open_menu(index, position)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other columns fit."""
        super().resizeEvent(event)
        self._fit()

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == MENU:
            self._open_menu(index, self.visualRect(index).bottomLeft())
        else:
            self.row_chosen.emit(self._rows.row_at(index.row()).key)

    def _open_menu(self, index: QModelIndex, position: QPoint) -> None:
        key = self._rows.row_at(index.row()).key
        self.menu_requested.emit(key, self.viewport().mapToGlobal(position))

    def _moved(self, now: QModelIndex, _before: QModelIndex) -> None:
        self.viewport().update()
        self.current_changed.emit(self._rows.row_at(now.row()).key if now.isValid() else "")

    def _sort(self, column: int) -> None:
        if column == MENU:
            return
        chosen, key = self.current_key, Qt.SortOrder
        # What people look for first: the largest, the last used; names from A.
        first = key.DescendingOrder if column in (SIZE, CONTEXT, USED) else key.AscendingOrder
        order = first
        if self._sorted_by == (column, first):
            flipped = first is key.DescendingOrder
            order = key.AscendingOrder if flipped else key.DescendingOrder
        self._sorted_by = (column, order)
        self._rows.sort(column, order)
        self.choose(chosen)

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            self._hovered = row
            self.viewport().update()

    def _paint_row(self, painter: QPainter, row: int, ink: str, *, ring: bool) -> None:
        theme, px = self._theme, self._theme.px
        width = sum(self.columnWidth(column) for column in range(self._rows.columnCount()))
        top = self.rowViewportPosition(row)
        area = QRectF(0, top + 1, width, px(ROW_HEIGHT) - 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(ink))
        painter.drawRoundedRect(area, px(RADIUS), px(RADIUS))
        if ring:
            half = px(FOCUS_WIDTH) / 2
            painter.setPen(QPen(theme.color("accent"), px(FOCUS_WIDTH)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            inner = area.adjusted(half, half, -half, -half)
            painter.drawRoundedRect(inner, px(RADIUS - 1), px(RADIUS - 1))

    def _fit(self) -> None:
        theme = self._theme
        room = int((self.width() - theme.px(SCROLL_BAR)) / theme.zoom)
        widths = column_widths(room)
        for column in range(self._rows.columnCount()):
            self.setColumnHidden(column, column not in widths)
            if column in widths:
                self.setColumnWidth(column, theme.px(widths[column]))

    def _restyle(self) -> None:
        theme = self._theme
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(theme.px(ROW_HEIGHT))
        self._fit()
        self.viewport().update()
