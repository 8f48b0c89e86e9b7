"""The library as cards beside each other; the same verbs by mouse and keyboard as in its table."""

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from ui.models.library_card import CARD_GAP, LibraryCardDelegate, dots_area
from ui.models.library_list_model import LibraryListModel
from ui.models.place_bar import BarPainter
from ui.theme.theme import Theme
from ui.theme.tokens import SCROLL_BAR
from ui.widgets.styling import set_style

_LEAST = 264


class LibraryCards(QListView):
    """Signals: as of ``LibraryTable``."""

    row_chosen = Signal(str)
    current_changed = Signal(str)
    menu_requested = Signal(str, QPoint)
    delete_requested = Signal(str)

    def __init__(self, theme: Theme, rows: LibraryListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._rows = theme, rows
        self._delegate = LibraryCardDelegate(theme, BarPainter(theme, self), self)
        self.setModel(rows)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(self.tr("Your models"))
        set_style(self, look="clear")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._clicked)
        self.selectionModel().currentChanged.connect(self._moved)
        theme.changed.connect(self._fit)
        self._pressed_dots = False

    @property
    def current_key(self) -> str:
        """The model that the keyboard is at, or ""."""
        index = self.currentIndex()
        return self._rows.row_at(index.row()).key if index.isValid() else ""

    @property
    def columns(self) -> int:
        """How many cards stand side by side."""
        px = self._theme.px
        return max(1, (self.width() - px(SCROLL_BAR)) // px(_LEAST + CARD_GAP))

    def set_now(self, now_ms: int) -> None:
        """Unix milliseconds, for "Today"."""
        self._delegate.now_ms = now_ms

    def choose(self, key: str) -> None:
        """Make a model the current one, without a signal; "" makes none."""
        row = self._rows.place_of(key)
        selection = self.selectionModel()
        selection.blockSignals(True)
        self.setCurrentIndex(self._rows.index(row, 0) if row >= 0 else QModelIndex())
        selection.blockSignals(False)
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The dots open the menu; the rest of the card opens the drawer."""
        point = event.position().toPoint()
        index = self.indexAt(point)
        area = dots_area(self._theme, self.visualRect(index)) if index.isValid() else None
        self._pressed_dots = area is not None and area.contains(point)
        super().mousePressEvent(event)

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
            position = event.pos() if by_mouse else self._below_dots(index)
            self._open_menu(index, position)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many cards side by side as have room."""
        self._fit()
        super().resizeEvent(event)

    def _clicked(self, index: QModelIndex) -> None:
        if self._pressed_dots:
            self._open_menu(index, self._below_dots(index))
        else:
            self.row_chosen.emit(self._rows.row_at(index.row()).key)

    def _below_dots(self, index: QModelIndex) -> QPoint:
        return dots_area(self._theme, self.visualRect(index)).bottomLeft()

    def _open_menu(self, index: QModelIndex, position: QPoint) -> None:
        key = self._rows.row_at(index.row()).key
        self.menu_requested.emit(key, self.viewport().mapToGlobal(position))

    def _moved(self, now: QModelIndex, _before: QModelIndex) -> None:
        self.current_changed.emit(self._rows.row_at(now.row()).key if now.isValid() else "")

    def _fit(self) -> None:
        # One pixel less: Qt begins a new line where cells would fill the last one.
        room = self.width() - self._theme.px(SCROLL_BAR) - 1
        self._delegate.set_width(room // self.columns)
        self.scheduleDelayedItemsLayout()
