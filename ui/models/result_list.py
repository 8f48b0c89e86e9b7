"""The list of results: as high as its rows, since the page around it scrolls."""

from PySide6.QtCore import QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from ui.models.result_list_model import ResultListModel
from ui.models.result_row import ROW_HEIGHT, ResultRowDelegate
from ui.theme.theme import Theme
from ui.widgets.styling import set_style


class ResultList(QListView):
    """Arrows choose, Enter or a click opens.

    Signals:
        opened(str): key of the result.
        row_reached(QRect): where the keyboard is now, in the list's coordinates.
    """

    opened = Signal(str)
    row_reached = Signal(QRect)

    def __init__(self, theme: Theme, rows: ResultListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._rows = theme, rows
        self.setModel(rows)
        self.setItemDelegate(ResultRowDelegate(theme, self))
        self.setAccessibleName(self.tr("Models on the Hub"))
        set_style(self, look="clear")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._open)
        self.selectionModel().currentChanged.connect(self._moved)

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels and the height of all rows."""
        self.setFixedSize(width, self._rows.rowCount() * self._theme.px(ROW_HEIGHT))
        self.scheduleDelayedItemsLayout()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The page scrolls."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens; Esc is the page's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex())
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self._rows.row_at(index.row()).key)

    def _moved(self, now: QModelIndex, _before: QModelIndex) -> None:
        if now.isValid():
            self.row_reached.emit(self.visualRect(now))
