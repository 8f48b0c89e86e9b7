"""The list of chats that could be taken over: Space or a click takes one in or leaves it out."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from ui.imports.chats_list_model import ImportedChatsListModel
from ui.imports.chats_row import ImportedChatDelegate
from ui.theme.theme import Theme
from ui.widgets.styling import set_style


class ImportedChatsList(QListView):
    """Arrows move, Space or a click toggles."""

    def __init__(self, theme: Theme, rows: ImportedChatsListModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = rows
        self.setModel(rows)
        self.setItemDelegate(ImportedChatDelegate(theme, self))
        self.setAccessibleName(self.tr("Chats that were found"))
        set_style(self, look="clear")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(rows.toggle)
        theme.changed.connect(self.scheduleDelayedItemsLayout)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space toggles; Esc is the sheet's."""
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self._rows.toggle(self.currentIndex())
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)
