"""The list of what was deleted: Ctrl and Shift select several, Enter brings them back."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from app.history.organised import Deleted
from ui.theme.theme import Theme
from ui.theme.tokens import SCROLL_BAR
from ui.trash.trash_list_model import ITEM_ROLE, TrashListModel
from ui.trash.trash_row import TrashRowDelegate
from ui.widgets.styling import set_style


class TrashList(QListView):
    """Signals:

    restore_requested(list): these items are wanted back.
    selection_moved: others are selected.
    """

    restore_requested = Signal(list)
    selection_moved = Signal()

    def __init__(self, theme: Theme, rows: TrashListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._items = theme, rows
        self._delegate = TrashRowDelegate(theme, self)
        self.setModel(rows)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(self.tr("Deleted things"))
        set_style(self, look="clear")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.selectionModel().selectionChanged.connect(lambda *_: self.selection_moved.emit())
        self.verticalScrollBar().rangeChanged.connect(self._keep_rows_in_line)
        theme.changed.connect(self.scheduleDelayedItemsLayout)
        self._keep_rows_in_line(0, 0)

    def selected(self) -> list[Deleted]:
        """In the order of the list."""
        rows = sorted(self.selectionModel().selectedIndexes(), key=lambda index: index.row())
        return [index.data(ITEM_ROLE) for index in rows]

    def show_items(self, items: Sequence[Deleted], now_ms: int) -> None:
        """Show these; what was selected stays so, and the keyboard stays in the list."""
        before = [(item.kind, item.id) for item in self.selected()]
        place = self.currentIndex().row()
        self._items.set_items(items, now_ms)
        selection = QItemSelection()
        for row in self._items.rows_of(before):
            selection.select(self._items.index(row), self._items.index(row))
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if items and not self.currentIndex().isValid():
            index = self._items.index(min(max(place, 0), len(items) - 1))
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """ "Restore" brings back its row, whatever is selected."""
        where = event.position().toPoint()
        index = self.indexAt(where)
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            area = self._delegate.restore_area(self.visualRect(index))
            if area.contains(where) and not event.modifiers():
                self.restore_requested.emit([index.data(ITEM_ROLE)])
                return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter brings back what is selected, else the row with the keyboard."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            index = self.currentIndex()
            chosen = self.selected() or ([index.data(ITEM_ROLE)] if index.isValid() else [])
            if chosen:
                self.restore_requested.emit(chosen)
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _keep_rows_in_line(self, _least: int, most: int) -> None:
        """Rows end where the buttons above end, with and without a scroll bar beside them."""
        self.setViewportMargins(0, 0, 0 if most > 0 else self._theme.px(SCROLL_BAR), 0)
