"""The list in the model popover: a click chooses a model, or asks for its placement."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QListView

from ui.chat.model_row import ModelRowDelegate
from ui.theme.theme import Theme
from ui.widgets.styling import set_style


class ModelList(QListView):
    """Shows a ModelListModel.

    Signals:
        placement_chosen: index of the row whose "Placement" was pressed.
    """

    placement_chosen = Signal(QModelIndex)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._rows = ModelRowDelegate(theme, self)
        self.setItemDelegate(self._rows)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        set_style(self, look="clear")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """On "Placement" nothing is loaded."""
        position = event.position().toPoint()
        index = self.indexAt(position)
        on_action = index.isValid() and self._rows.action_area(self.visualRect(index)).contains(
            position
        )
        if on_action and event.button() == Qt.MouseButton.LeftButton:
            self.placement_chosen.emit(index)
        else:
            super().mousePressEvent(event)
