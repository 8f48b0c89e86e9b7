"""The sidebar: new chat, search, chats or the trash, and the foot."""

import math
from collections.abc import Mapping, Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.history.entities import Conversation
from ui.item_models.conversation_list_model import ConversationListModel, Dot
from ui.sidebar.badge_button import BadgeButton
from ui.sidebar.chat_list import ChatList
from ui.sidebar.selection_bar import SelectionBar
from ui.sidebar.trash_view import TrashView
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.fields import SearchField
from ui.widgets.focus import holds_focus
from ui.widgets.labels import Label
from ui.widgets.styling import set_style
from ui.widgets.surface import Surface

PADDING = 12
_ROW, _LEAST_ROW, _LEAST_NEW = 36, 28, 32
_LOW = 340
"""Below this height everything at full size would push the foot out."""


class Sidebar(Surface):
    """Knows conversations and tells what a person wants with them.

    Signals:
        new_chat_requested, models_requested, computer_requested, settings_requested,
        requests_requested: as they say; the last is about the list of requests.
        chat_chosen: id. rename_requested: id, new title. restore_requested: id.
        delete_requested, export_requested: list of ids.
        search_changed: the text in the search field.
    """

    new_chat_requested = Signal()
    models_requested = Signal()
    computer_requested = Signal()
    settings_requested = Signal()
    requests_requested = Signal()
    chat_chosen = Signal(str)
    rename_requested = Signal(str, str)
    delete_requested = Signal(list)
    export_requested = Signal(list)
    restore_requested = Signal(str)
    search_changed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("sidebar", parent)
        self._theme = theme
        self.setAccessibleName(self.tr("Sidebar"))
        self.chats = ConversationListModel(self)
        self._new = TextButton(
            theme, self.tr("New chat"), look="outline", icon="square-pen", height=_ROW
        )
        self._search = SearchField(
            theme, self.tr("Search chats"), placeholder=self.tr("Search chats")
        )
        self.list = ChatList(theme, self.chats)
        self._nothing = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.trash = TrashView(theme)
        self._pages = QStackedWidget()
        for page in (self.list, self._nothing, self.trash):
            self._pages.addWidget(page)
        self._many = SelectionBar(theme)
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

    def set_conversations(
        self, conversations: Sequence[Conversation], today: date | None = None
    ) -> None:
        """All conversations that are not in the trash; ``today`` is the local date."""
        current = self.list.selected_ids()
        self.chats.set_conversations(conversations, today or date.today())
        if len(current) == 1 and not self.list.selected_ids():
            self.list.set_current(current[0])
        self._show_page()

    def set_matches(self, ids: Sequence[str]) -> None:
        """Chats in whose messages the words of the search were found."""
        self.chats.set_matches(ids)
        self._show_page()

    def set_trash(self, conversations: Sequence[Conversation]) -> None:
        """What can be restored."""
        self.trash.set_conversations(conversations)

    def set_current(self, conversation_id: str) -> None:
        """Which chat is open; "" for a new one."""
        self.list.set_current(conversation_id)

    def set_dots(self, dots: Mapping[str, Dot]) -> None:
        """State dots by conversation id."""
        self.chats.set_dots(dots)

    def set_page_shown(self, name: str) -> None:
        """Which page is beside it: models, computer, settings and requests are in the foot."""
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

    def focus_search(self) -> None:
        """Ctrl+K."""
        self._trash_button.setChecked(False)
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def rename(self, conversation_id: str) -> None:
        """Edit the title of a chat in its row."""
        self.list.rename(conversation_id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What stands around the list takes less room in a very low window."""
        super().resizeEvent(event)
        self._fit()

    def _build(self) -> None:
        self._layout = QVBoxLayout(self)
        self._top = QVBoxLayout()
        self._top.addWidget(self._new)
        self._top.addWidget(self._search)
        self._layout.addLayout(self._top)
        self._layout.addWidget(self._pages, 1)
        self._foot = QVBoxLayout()
        self._foot.addWidget(self._many)
        for entry in (*self._entries, self._requests):
            self._foot.addWidget(entry)
        self._layout.addLayout(self._foot)

    def _connect(self) -> None:
        self._new.clicked.connect(self.new_chat_requested)
        self._models.clicked.connect(self.models_requested)
        self._computer.clicked.connect(self.computer_requested)
        self._settings.clicked.connect(self.settings_requested)
        self._requests.clicked.connect(self.requests_requested)
        self._search.textChanged.connect(self._filter)
        self._search.returnPressed.connect(self._choose_first)
        self._trash_button.toggled.connect(self._show_page)
        self.chats.rename_requested.connect(self.rename_requested)
        self.list.chat_chosen.connect(self.chat_chosen)
        self.list.delete_requested.connect(self.delete_requested)
        self.list.export_requested.connect(self.export_requested)
        self.list.selection_grew.connect(self._many.set_chats)
        self._many.delete_requested.connect(self.delete_requested)
        self._many.export_requested.connect(self.export_requested)
        self.trash.restore_requested.connect(self.restore_requested)
        self.trash.closed.connect(lambda: self._trash_button.setChecked(False))

    def _filter(self, text: str) -> None:
        self._trash_button.setChecked(False)
        self.chats.set_filter(text)
        self._show_page()
        self.search_changed.emit(text)

    def _choose_first(self) -> None:
        chats = (self.chats.index(row) for row in range(self.chats.rowCount()))
        first = next((i for i in chats if self.chats.flags(i) & Qt.ItemFlag.ItemIsEnabled), None)
        if first is not None:
            self.list.setCurrentIndex(first)
            self.list.setFocus()

    def _show_page(self, _toggled: bool = False) -> None:
        had_focus = holds_focus(self._pages)
        if self._trash_button.isChecked():
            self._pages.setCurrentWidget(self.trash)
            self._many.set_chats([])
        elif self._search.text() and not self.chats.count:
            self._nothing.setText(
                self.tr("No chat has “{words}” in its title or messages.").format(
                    words=self._search.text()
                )
            )
            self._pages.setCurrentWidget(self._nothing)
        else:
            self._pages.setCurrentWidget(self.list)
        if had_focus:
            (self.trash.list if self._trash_button.isChecked() else self.list).setFocus()

    def _restyle(self) -> None:
        px = self._theme.px
        self._layout.setContentsMargins(px(PADDING), px(PADDING), 0, px(8))
        self._layout.setSpacing(px(8))
        # Only the lists reach to the edge: their scroll bars stand in the padding.
        for part in (self._top, self._foot):
            part.setContentsMargins(0, 0, px(PADDING), 0)
        self._nothing.setContentsMargins(0, 0, px(PADDING), 0)
        self._top.setSpacing(px(8))
        # The lists give way first in a low window; by themselves they would push the foot out.
        self._pages.setMinimumHeight(px(12))
        self._foot.setSpacing(0)
        self._fit()

    def _fit(self) -> None:
        low = self.height() < self._theme.px(_LOW)
        self._new.set_height(_LEAST_NEW if low else _ROW)
        for entry in self._entries:
            entry.set_height(_LEAST_ROW if low else _ROW)
