"""The table that says the same as the picture."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from ui.placement.layer_table_model import LayerTableModel
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.styling import set_style

_ROW, _HEADER = 28, 32
_TITLE, _DEVICE, _AMOUNT = 144, 112, 84


class LayerTable(QTableView):
    """Rows are chosen with the arrow keys; Tab goes on to the next control."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows = LayerTableModel(theme, self)
        self.setModel(self.rows)
        self.setAccessibleName(self.tr("The layers as a table"))
        self.horizontalHeader().setAccessibleName(self.tr("Headings of the layers' table"))
        set_style(self, look="clear")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.rows.modelReset.connect(self._fit)
        theme.changed.connect(self._restyle)
        self._restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Room that is left goes to the amounts."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        px, count = self._theme.px, self.rows.columnCount()
        fixed = px(_TITLE) + 2 * px(_DEVICE)
        room = self.viewport().width() - fixed
        amount = max(px(_AMOUNT), room // (count - 3))
        for column in range(count):
            width = px(_TITLE) if column == 0 else px(_DEVICE) if column < 3 else amount
            self.setColumnWidth(column, width)

    def _restyle(self) -> None:
        theme = self._theme
        self.setFont(theme.font(tabular=True))
        self.horizontalHeader().setFont(theme.font(TEXT_SMALL))
        self.horizontalHeader().setFixedHeight(theme.px(_HEADER))
        self.verticalHeader().setDefaultSectionSize(theme.px(_ROW))
        self._fit()
