"""A list of chats: click or arrows open one, Ctrl and Shift select several, ⋯ has the rest."""

import math

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from ui.item_models.conversation_list_model import DOT_ROLE, ID_ROLE, ConversationListModel
from ui.sidebar.chat_row import ChatRowDelegate
from ui.theme.theme import Theme
from ui.theme.tokens import SCROLL_BAR
from ui.widgets.menu import Menu
from ui.widgets.styling import set_style

_PULSE_MS = 80
_PULSES_PER_SECOND = 0.6


class ChatList(QListView):
    """Shows a ConversationListModel.

    Signals:
        chat_chosen: id of the one chat a person wants to see.
        selection_grew: ids selected, when they are not exactly one.
        delete_requested, export_requested: list of ids.
    """

    chat_chosen = Signal(str)
    selection_grew = Signal(list)
    delete_requested = Signal(list)
    export_requested = Signal(list)

    def __init__(
        self, theme: Theme, model: ConversationListModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows = ChatRowDelegate(theme, "ellipsis", self)
        self._quiet = False
        self.setModel(model)
        self.setItemDelegate(self._rows)
        set_style(self, look="clear")
        self.setAccessibleName(self.tr("Chats"))
        self.setProperty("action_name", self.tr("Rename, export, delete"))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )
        self.selectionModel().selectionChanged.connect(self._selected)
        self._pulse = QTimer(self)
        self._pulse.setInterval(_PULSE_MS)
        self._pulse.timeout.connect(self._beat)
        model.dataChanged.connect(self._start_pulse)
        model.modelReset.connect(self._start_pulse)
        self.verticalScrollBar().rangeChanged.connect(self._keep_rows_in_line)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_current(self, conversation_id: str) -> None:
        """Show which chat is open, without a signal; "" selects none."""
        self._quiet = True
        model = self.model()
        assert isinstance(model, ConversationListModel)
        index = model.index_of(conversation_id)
        if index.isValid():
            self.selectionModel().setCurrentIndex(
                index, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
            self.scrollTo(index)
        else:
            self.clearSelection()
        self._quiet = False

    def selected_ids(self) -> list[str]:
        """In the order of the list."""
        rows = sorted(self.selectionModel().selectedIndexes(), key=lambda index: index.row())
        return [str(index.data(ID_ROLE)) for index in rows]

    def rename(self, conversation_id: str) -> None:
        """Edit the title in its row."""
        model = self.model()
        assert isinstance(model, ConversationListModel)
        index = model.index_of(conversation_id)
        if index.isValid():
            self.scrollTo(index)
            self.edit(index)

    def open_menu(self, index: QModelIndex, position: QPoint) -> None:
        """What can be done with one chat, at ``position`` of the viewport."""
        chat = str(index.data(ID_ROLE))
        menu = Menu(self)
        menu.entry(self.tr("Rename"), "F2").triggered.connect(lambda: self.rename(chat))
        menu.entry(self.tr("Export…")).triggered.connect(lambda: self.export_requested.emit([chat]))
        menu.addSeparator()
        menu.entry(self.tr("Delete"), "Del").triggered.connect(
            lambda: self.delete_requested.emit([chat])
        )
        menu.popup(self.viewport().mapToGlobal(position))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The ⋯ opens its menu and leaves the selection alone."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.data(ID_ROLE):
            area = self._rows.action_area(self.visualRect(index))
            if (
                event.button() == Qt.MouseButton.LeftButton
                and not event.modifiers()
                and area.contains(event.position().toPoint())
            ):
                self.act(index, area.bottomLeft())
                return
        if event.button() != Qt.MouseButton.RightButton:
            super().mousePressEvent(event)

    def act(self, index: QModelIndex, position: QPoint) -> None:
        """What the icon at the right of a row does."""
        self.open_menu(index, position)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By the right button or the menu key."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if index.isValid() and index.data(ID_ROLE):
            position = event.pos() if by_mouse else self.visualRect(index).bottomLeft()
            self.act(index, position)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete asks to delete; Enter opens; the rest is Qt's."""
        if event.key() == Qt.Key.Key_Delete and self.selected_ids():
            self.delete_requested.emit(self.selected_ids())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if len(self.selected_ids()) == 1:
                self.chat_chosen.emit(self.selected_ids()[0])
        else:
            super().keyPressEvent(event)

    def _selected(self, _now: QItemSelection, _before: QItemSelection) -> None:
        if self._quiet:
            return
        chats = self.selected_ids()
        self.selection_grew.emit(chats if len(chats) > 1 else [])
        if len(chats) == 1:
            self.chat_chosen.emit(chats[0])

    def _start_pulse(self) -> None:
        if not self._pulse.isActive() and self._answering():
            self._pulse.start()

    def _answering(self) -> list[QModelIndex]:
        model = self.model()
        rows = (model.index(row, 0) for row in range(model.rowCount()))
        return [index for index in rows if index.data(DOT_ROLE) == "answering"]

    def _beat(self) -> None:
        answering = self._answering()
        if not answering:
            self._pulse.stop()
        self._rows.phase += 2 * math.pi * _PULSES_PER_SECOND * _PULSE_MS / 1000
        for index in answering:
            self.viewport().update(self._rows.dot_area(self.visualRect(index)))

    def _keep_rows_in_line(self, _least: int, most: int) -> None:
        """Rows end where the buttons above end, with and without a scroll bar at their right."""
        self.setViewportMargins(0, 0, 0 if most > 0 else self._theme.px(SCROLL_BAR), 0)

    def _restyle(self) -> None:
        self._keep_rows_in_line(0, self.verticalScrollBar().maximum())
        self.scheduleDelayedItemsLayout()
        self.viewport().update()


class TrashList(ChatList):
    """Deleted chats; the icon at the right brings one back.

    Signals:
        restore_requested: id.
    """

    restore_requested = Signal(str)

    def __init__(
        self, theme: Theme, model: ConversationListModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, model, parent)
        self._rows = ChatRowDelegate(theme, "rotate-ccw", self, always=True)
        self.setItemDelegate(self._rows)
        self.setAccessibleName(self.tr("Deleted chats"))
        self.setProperty("action_name", self.tr("Restore this chat"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)

    def act(self, index: QModelIndex, _position: QPoint) -> None:
        """Bring it back."""
        self.restore_requested.emit(str(index.data(ID_ROLE)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter brings back; there is nothing to delete here."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selected_ids():
            self.restore_requested.emit(self.selected_ids()[0])
        else:
            QListView.keyPressEvent(self, event)
