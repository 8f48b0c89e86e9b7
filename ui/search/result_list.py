"""The list of what was found: the arrows choose, Enter or a click opens."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from ui.search.result_list_model import FoundListModel
from ui.search.result_row import FoundRowDelegate
from ui.theme.theme import Theme
from ui.theme.tokens import SCROLL_BAR
from ui.widgets.styling import set_style

_WALK = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class FoundList(QListView):
    """``opened(conversation id, message id)``; the second is empty for the chat as a whole."""

    opened = Signal(str, str)

    def __init__(self, theme: Theme, rows: FoundListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._rows = theme, rows
        self.setModel(rows)
        self.setItemDelegate(FoundRowDelegate(theme, self))
        self.setAccessibleName(self.tr("What was found"))
        set_style(self, look="clear")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.clicked.connect(self._open)
        rows.modelReset.connect(self._choose_best)
        self.verticalScrollBar().rangeChanged.connect(self._keep_rows_in_line)
        theme.changed.connect(self.scheduleDelayedItemsLayout)
        self._keep_rows_in_line(0, 0)

    def walk(self, event: QKeyEvent) -> bool:
        """Do what a key that was pressed in the field means here; whether it means something."""
        if event.key() in _WALK and not event.modifiers():
            super().keyPressEvent(event)
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens; letters and Esc are the page's."""
        if self.walk(event):
            return
        is_written = event.text().isprintable() and bool(event.text().strip())
        if is_written or event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width breaks the lines elsewhere, and makes rows higher or lower."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def _keep_rows_in_line(self, _least: int, most: int) -> None:
        """Rows end where the field above ends, with and without a scroll bar beside them."""
        self.setViewportMargins(0, 0, 0 if most > 0 else self._theme.px(SCROLL_BAR), 0)

    def _choose_best(self) -> None:
        if self._rows.best >= 0:
            self.setCurrentIndex(self._rows.index(self._rows.best))
            self.scrollToTop()

    def _open(self, index: QModelIndex) -> None:
        row = self._rows.row_at(index.row())
        if row is not None:
            self.opened.emit(row.conversation_id, row.message_id or "")
