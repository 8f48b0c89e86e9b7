"""The sidebar: new chat, search, folders and chats, and the foot."""

import math
from collections.abc import Mapping, Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFont,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.history.organised import Folder, Listed, Sort
from ui.item_models.conversation_list_model import ConversationListModel, Dot
from ui.sidebar.badge_button import BadgeButton
from ui.sidebar.chat_actions import ChatActions
from ui.sidebar.chat_files import DropHint, chat_files
from ui.sidebar.chat_list import ChatList
from ui.sidebar.chat_menu import move_menu
from ui.sidebar.selection_bar import SelectionBar
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.menu import Menu
from ui.widgets.styling import set_style
from ui.widgets.surface import Surface

PADDING = 12
_ROW, _LEAST_ROW, _LEAST_NEW = 36, 28, 32
_LOW = 364
"""Below this height everything at full size would push the foot out."""


class Sidebar(Surface):
    """Knows chats and folders; ``chat_actions`` tells what a person wants with them.

    Signals:
        new_chat_requested, temporary_chat_requested, search_requested, trash_requested,
        models_requested, computer_requested, settings_requested, requests_requested: as they
        say; the last is about the list of requests.
        chat_chosen: id.
    """

    new_chat_requested = Signal()
    temporary_chat_requested = Signal()
    search_requested = Signal()
    trash_requested = Signal()
    models_requested = Signal()
    computer_requested = Signal()
    settings_requested = Signal()
    requests_requested = Signal()
    chat_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("sidebar", parent)
        self._theme = theme
        self.setAccessibleName(self.tr("Sidebar"))
        self.chats = ConversationListModel(self)
        self._new = TextButton(
            theme, self.tr("New chat"), look="outline", icon="square-pen", height=_ROW
        )
        self._new.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._new.setToolTip(self.tr("Right-click: a temporary chat, kept nowhere"))
        self._search = TextButton(theme, self.tr("Search"), look="outline", icon="search")
        keys = QKeySequence("Ctrl+Shift+F").toString(QKeySequence.SequenceFormat.NativeText)
        self._search.setToolTip(self.tr("Search titles, messages and files") + "  " + keys)
        self.chat_actions = ChatActions(self)
        self.list = ChatList(theme, self.chats, self.chat_actions)
        self._many = SelectionBar(theme)
        self._drop_hint = DropHint(theme, self.tr("Import these chats"), self)
        self.setAcceptDrops(True)
        self._trash_button = TextButton(
            theme, self.tr("Trash"), look="row", icon="trash-2", height=_ROW
        )
        self._trash_button.setCheckable(True)
        self._models = BadgeButton(theme, self.tr("Models"), icon="box")
        self._models.setCheckable(True)
        self._computer = BadgeButton(theme, self.tr("This computer"), icon="cpu")
        self._computer.setCheckable(True)
        self._settings = TextButton(
            theme, self.tr("Settings"), look="row", icon="settings", height=_ROW
        )
        self._settings.setCheckable(True)
        self._entries = (self._trash_button, self._models, self._computer, self._settings)
        self._requests = TextButton(
            theme, "", look="row", size=TEXT_SMALL, weight=QFont.Weight.Normal, height=28
        )
        set_style(self._requests, ink="muted")
        self._requests.setCheckable(True)
        self.set_online(False)
        self._build()
        self._connect()
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_chats(
        self,
        chats: Sequence[Listed],
        folders: Sequence[Folder] = (),
        sort: Sort = Sort.RECENT,
        today: date | None = None,
    ) -> None:
        """All chats outside the trash, in the order of ``sort``; ``today`` is the local date."""
        selected = self.list.selected_ids()
        with self.list.replacing():
            self.chats.set_chats(chats, folders, sort, today or date.today())
        if selected != self.list.selected_ids():
            self.list.select_again(selected)

    @property
    def selected(self) -> Sequence[str]:
        """Ids of the chats that are selected; the open one usually."""
        return self.list.selected_ids()

    def set_current(self, conversation_id: str) -> None:
        """Which chat is open; "" for a new one."""
        self.list.set_current(conversation_id)

    def set_dots(self, dots: Mapping[str, Dot]) -> None:
        """State dots by conversation id."""
        self.chats.set_dots(dots)

    def set_page_shown(self, name: str) -> None:
        """Which page is beside it: search stands above, the others in the foot."""
        self._trash_button.setChecked(name == "trash")
        self._models.setChecked(name == "models")
        self._computer.setChecked(name == "computer")
        self._settings.setChecked(name == "settings")
        self._requests.setChecked(name == "requests")

    def set_unused_gpus(self, count: int) -> None:
        """How many GPUs could be used and are not; none takes the badge away."""
        if count == 0:
            self._computer.set_badge("", "")
            return
        why = (
            self.tr("A GPU of this computer is not used")
            if count == 1
            else self.tr("{count} GPUs of this computer are not used").format(count=count)
        )
        self._computer.set_badge(self.tr("GPU unused"), why)

    def set_downloads(self, count: int, share: float | None) -> None:
        """How many downloads go on, and which share (0 to 1) of their bytes is here.

        None for a share that nobody knows yet; no download takes the badge away.
        """
        if count == 0:
            self._models.set_badge("", "")
            return
        one = count == 1
        if share is None:
            words = self.tr("{count} ↓").format(count=count)
            why = (
                self.tr("One download, just begun")
                if one
                else self.tr("{count} downloads, just begun").format(count=count)
            )
        else:
            # Never "100 %" while something is still missing.
            percent = min(99, math.floor(share * 100)) if share < 1 else 100
            words = self.tr("{count} ↓ {percent} %").format(count=count, percent=percent)
            why = (
                self.tr("One download, {percent} % done").format(percent=percent)
                if one
                else self.tr("{count} downloads, {percent} % done").format(
                    count=count, percent=percent
                )
            )
        self._models.set_badge(words, why, look="progress")

    def set_online(self, is_online: bool) -> None:
        """Whether requests may be made; the line leads to the list of those that were."""
        if is_online:
            words = self.tr("Online only when you ask")
            why = self.tr(
                "Moestro asks the Hub only when you search, download or look something up."
            )
        else:
            words = self.tr("Offline: nothing is sent")
            why = self.tr(
                "Moestro makes no connection. Your chats and models stay on this computer."
            )
        hint = self.tr("Click to see every request that was made.")
        self._requests.setText(words)
        self._requests.set_icon_name("globe" if is_online else "shield-check")
        self._requests.setToolTip(why + "\n" + hint)
        self._requests.setAccessibleDescription(why + " " + hint)

    def rename(self, identity: str) -> None:
        """Edit the title of a chat or the name of a folder in its row."""
        self.list.rename(identity)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What stands around the list takes less room in a very low window."""
        super().resizeEvent(event)
        self._fit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files with chats of another program may be dropped here."""
        if chat_files(event.mimeData()):
            event.acceptProposedAction()
            self._drop_hint.show_over(self.list)
        else:
            event.ignore()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """They go elsewhere."""
        self._drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell which."""
        self._drop_hint.hide()
        paths = chat_files(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.chat_actions.files_dropped.emit(paths)

    def _build(self) -> None:
        self._layout = QVBoxLayout(self)
        self._top = QVBoxLayout()
        self._top.addWidget(self._new)
        self._top.addWidget(self._search)
        self._layout.addLayout(self._top)
        self._layout.addWidget(self.list, 1)
        self._foot = QVBoxLayout()
        self._foot.addWidget(self._many)
        for entry in (*self._entries, self._requests):
            self._foot.addWidget(entry)
        self._layout.addLayout(self._foot)

    def _connect(self) -> None:
        self._new.clicked.connect(self.new_chat_requested)
        self._new.customContextMenuRequested.connect(lambda _at: self._open_new_menu())
        self._models.clicked.connect(self.models_requested)
        self._computer.clicked.connect(self.computer_requested)
        self._settings.clicked.connect(self.settings_requested)
        self._requests.clicked.connect(self.requests_requested)
        self._search.clicked.connect(self.search_requested)
        self._trash_button.clicked.connect(self.trash_requested)
        actions, many = self.chat_actions, self._many
        self.chats.rename_requested.connect(actions.rename_requested)
        self.chats.folder_rename_requested.connect(actions.folder_rename_requested)
        self.chats.folded_changed.connect(actions.folded_changed)
        self.list.chat_chosen.connect(self.chat_chosen)
        self.list.selection_grew.connect(many.set_chats)
        many.delete_requested.connect(actions.delete_requested)
        many.export_requested.connect(actions.export_requested)
        many.move_pressed.connect(
            lambda: move_menu(self, self.chats, actions, many.chats).open_below(many.move_button)
        )

    def _open_new_menu(self) -> None:
        menu = Menu(self)
        menu.entry(self.tr("New chat"), "Ctrl+N").triggered.connect(self.new_chat_requested)
        temporary = menu.entry(self.tr("Temporary chat, kept nowhere"))
        temporary.triggered.connect(self.temporary_chat_requested)
        incoming = menu.entry(self.tr("Import chats…"))
        incoming.triggered.connect(self.chat_actions.import_requested)
        menu.open_below(self._new)

    def _restyle(self) -> None:
        px = self._theme.px
        self._layout.setContentsMargins(px(PADDING), px(PADDING), 0, px(8))
        self._layout.setSpacing(px(8))
        # Only the list reaches to the edge: its scroll bar stands in the padding.
        for part in (self._top, self._foot):
            part.setContentsMargins(0, 0, px(PADDING), 0)
        self._top.setSpacing(px(8))
        # The list gives way first in a low window; by itself it would push the foot out.
        self.list.setMinimumHeight(px(12))
        self._foot.setSpacing(0)
        self._fit()

    def _fit(self) -> None:
        low = self.height() < self._theme.px(_LOW)
        self._new.set_height(_LEAST_NEW if low else _ROW)
        self._many.set_low(low)
        for entry in self._entries:
            entry.set_height(_LEAST_ROW if low else _ROW)
