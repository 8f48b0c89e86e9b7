"""The list of chats: click or arrows open one, Ctrl and Shift select several, ⋯ has the rest."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from ui.item_models.chat_rows import Row, RowKind
from ui.item_models.conversation_list_model import ID_ROLE, ConversationListModel
from ui.sidebar import chat_drag
from ui.sidebar.chat_actions import ChatActions
from ui.sidebar.chat_menu import chat_menu, folder_menu, order_menu
from ui.sidebar.chat_row import ChatRowDelegate
from ui.theme.theme import Theme
from ui.theme.tokens import SCROLL_BAR
from ui.widgets.menu import Menu
from ui.widgets.styling import set_style

_PULSE_MS = 80
_PULSES_PER_SECOND = 0.6


class ChatList(QListView):
    """Shows a ConversationListModel and tells ``actions`` what a person wants with its rows.

    Signals:
        chat_chosen: id of the one chat a person wants to see.
        selection_grew: ids selected, when they are not exactly one.
    """

    chat_chosen = Signal(str)
    selection_grew = Signal(list)

    def __init__(
        self,
        theme: Theme,
        model: ConversationListModel,
        actions: ChatActions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._chats, self._actions = theme, model, actions
        self._rows = ChatRowDelegate(theme, "ellipsis", self)
        self._quiet = self._is_walking = False
        self.setModel(model)
        self.setItemDelegate(self._rows)
        set_style(self, look="clear")
        self.setAccessibleName(self.tr("Chats"))
        self.setProperty("action_name", self.tr("Rename, move, export, delete"))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
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

    # --- selection ---------------------------------------------------------------------------

    def set_current(self, conversation_id: str) -> None:
        """Show which chat is open, without a signal; "" selects none."""
        self._quiet = True
        index = self._chats.index_of(conversation_id)
        if index.isValid():
            self.selectionModel().setCurrentIndex(
                index, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
            self.scrollTo(index)
        else:
            self.clearSelection()
        self._quiet = False
        self.selection_grew.emit([])

    def selected_ids(self) -> list[str]:
        """Of the chats, in the order of the list."""
        rows = sorted(self.selectionModel().selectedIndexes(), key=lambda index: index.row())
        return [chat for chat in (str(index.data(ID_ROLE)) for index in rows) if chat]

    @property
    def has_selection(self) -> bool:
        """Whether any row is selected, a folder too."""
        return self.selectionModel().hasSelection()

    @contextmanager
    def replacing(self) -> Iterator[None]:
        """While rows are replaced nothing is opened: Qt selects a neighbour of a row that goes."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def select_again(self, chats: list[str]) -> None:
        """Select these, as before the rows were replaced; without opening any."""
        self._quiet = True
        selection = QItemSelection()
        for index in (self._chats.index_of(chat) for chat in chats):
            if index.isValid():
                selection.select(index, index)
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._quiet = False
        left = self.selected_ids()
        self.selection_grew.emit(left if len(left) > 1 else [])

    def rename(self, conversation_id: str) -> None:
        """Edit the title of a chat, or the name of a folder, in its row."""
        index = self._chats.index_of(conversation_id)
        if not index.isValid():
            index = self._chats.index_of_folder(conversation_id)
        if index.isValid():
            # The keyboard goes back to this row when the field closes.
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.scrollTo(index)
            self.edit(index)

    def _selected(self, _now: QItemSelection, _before: QItemSelection) -> None:
        if self._quiet:
            return
        chats = self.selected_ids()
        self.selection_grew.emit(chats if len(chats) > 1 else [])
        if len(chats) == 1 and len(self.selectionModel().selectedIndexes()) == 1:
            self.chat_chosen.emit(chats[0])

    # --- menus and mouse ---------------------------------------------------------------------

    def open_menu(self, index: QModelIndex, position: QPoint) -> None:
        """What can be done with a row, or with all that are selected with it."""
        row = self._chats.row_at(index)
        if row is None or row.kind is RowKind.HEADING:
            return
        menu: Menu
        if row.kind is RowKind.FOLDER:
            menu = folder_menu(self, self._chats, self._actions, row, self.rename)
        else:
            selected = self.selected_ids()
            chats = selected if row.id in selected else [row.id]
            menu = chat_menu(self, self._chats, self._actions, chats, self.rename)
        menu.popup(self.viewport().mapToGlobal(position))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The ⋯ opens its menu and leaves the selection alone."""
        where = event.position().toPoint()
        row = self._row_at(where)
        is_plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        if row is not None and is_plain and row.kind is RowKind.HEADING:
            self._press_heading(row, where)
            return
        if row is not None and is_plain:
            index = self.indexAt(where)
            area = self._rows.action_area(self.visualRect(index))
            if area.contains(where):
                self.open_menu(index, area.bottomLeft())
                return
        before = self.selected_ids()
        if event.button() != Qt.MouseButton.RightButton:
            super().mousePressEvent(event)
        if row is not None and is_plain and row.kind is RowKind.FOLDER:
            self._chats.toggle_folder(row.id)
        elif row is not None and is_plain and before == [row.id]:
            # Another page may be in front of the chat that is open.
            self.chat_chosen.emit(row.id)

    def _press_heading(self, row: Row, where: QPoint) -> None:
        area = self.visualRect(self.indexAt(where))
        if row.note and self._rows.note_area(area, row.note).contains(where):
            menu = order_menu(self, self._chats, self._actions)
            menu.popup(self.viewport().mapToGlobal(area.bottomLeft()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On a folder it is two clicks, not the wish to rename it."""
        row = self._row_at(event.position().toPoint())
        if row is not None and row.kind is RowKind.FOLDER:
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By the right button or the menu key."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if index.isValid():
            position = event.pos() if by_mouse else self.visualRect(index).bottomLeft()
            self.open_menu(index, position)
        elif by_mouse:
            order_menu(self, self._chats, self._actions).popup(event.globalPos())

    def _row_at(self, where: QPoint) -> Row | None:
        return self._chats.row_at(self.indexAt(where))

    # --- keys --------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete, Enter, and the arrows that open and close folders; the rest is Qt's."""
        row = self._chats.row_at(self.currentIndex())
        if self.state() is QAbstractItemView.State.EditingState:
            return  # the field lets Enter through, and nothing more is meant by it
        if event.key() == Qt.Key.Key_Delete:
            self._delete(row)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._enter(row, event)
        elif event.key() == Qt.Key.Key_Escape and len(self.selected_ids()) > 1:
            self.clearSelection()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._fold(row, opens=event.key() == Qt.Key.Key_Right)
        else:
            self._is_walking = True
            super().keyPressEvent(event)
            self._is_walking = False

    @property
    def is_walking(self) -> bool:
        """Whether a chat is chosen on the way, by an arrow: the keyboard is to stay here."""
        return self._is_walking

    def _delete(self, row: Row | None) -> None:
        chats = self.selected_ids()
        if chats:
            self._actions.delete_requested.emit(chats)
        elif row is not None and row.kind is RowKind.FOLDER:
            self._actions.folder_delete_requested.emit(row.id, False)

    def _enter(self, row: Row | None, event: QKeyEvent) -> None:
        if row is not None and row.kind is RowKind.FOLDER:
            self._chats.toggle_folder(row.id)
        elif event.key() == Qt.Key.Key_Space:
            super().keyPressEvent(event)
        elif len(self.selected_ids()) == 1:
            self.chat_chosen.emit(self.selected_ids()[0])

    def _fold(self, row: Row | None, *, opens: bool) -> None:
        if row is None:
            return
        if row.kind is RowKind.FOLDER:
            if row.is_open is not opens:
                self._chats.toggle_folder(row.id)
        elif row.folder_id and not opens:
            self.selectionModel().setCurrentIndex(
                self._chats.index_of_folder(row.folder_id),
                QItemSelectionModel.SelectionFlag.ClearAndSelect,
            )

    # --- dragging ----------------------------------------------------------------------------

    def startDrag(self, _actions: Qt.DropAction) -> None:  # noqa: N802
        """All that are selected go along."""
        chats = self.selected_ids()
        if chats:
            first = self._chats.row_at(self._chats.index_of(chats[0]))
            title = first.title if first is not None else ""
            chat_drag.start_drag(self, self._theme, chats, title)
            self._show_target(None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Chats of this list; anything else is for the window."""
        if event.mimeData().hasFormat(chat_drag.MIME_TYPE):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """The folder under the pointer shows that it would take them."""
        super().dragMoveEvent(event)  # scrolls near the edges
        if not event.mimeData().hasFormat(chat_drag.MIME_TYPE):
            event.ignore()
            return
        target = chat_drag.target_at(self, self._chats, event.position().toPoint())
        self._show_target(target)
        event.acceptProposedAction() if target is not None else event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Nothing would take them."""
        self._show_target(None)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell where they are to go; the rows move when that was written."""
        self._show_target(None)
        self.setState(QAbstractItemView.State.NoState)
        chats = chat_drag.chats_of(event.mimeData())
        target = chat_drag.target_at(self, self._chats, event.position().toPoint())
        if chats and target is not None:
            event.acceptProposedAction()
            chat_drag.drop(chats, target, self._chats, self._actions)

    def _show_target(self, target: chat_drag.DropTarget | None) -> None:
        folder = target.folder_id if target is not None else ""
        if folder != self._rows.drop_folder:
            self._rows.drop_folder = folder
            self.viewport().update()

    # --- what moves and how it looks ---------------------------------------------------------

    def _start_pulse(self) -> None:
        if not self._pulse.isActive() and self._chats.answering():
            self._pulse.start()

    def _beat(self) -> None:
        answering = self._chats.answering()
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
