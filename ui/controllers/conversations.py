"""The sidebar: lists conversations, renames, moves to the trash and takes that back."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from app.history.entities import Message, MessageState
from app.services import Services
from models.errors import KnownError
from ui.item_models.conversation_list_model import Dot
from ui.main_window import MainWindow
from ui.sentences import say_error
from ui.sidebar.sidebar import Sidebar

_SEARCH_AFTER_MS = 200
"""Pause in typing after which messages are searched; titles are filtered at once."""
_LOOK_MS = 3000
"""How often to look whether a terminal command changed the history."""


class ConversationsController(QObject):
    """Keeps the list true, whoever changes the history.

    Signals:
        gone: conversations that were moved to the trash (their ids).
        renamed: a conversation has another title (its id).
        trouble: a sentence to show.
    """

    gone = Signal(list)
    renamed = Signal(str)
    trouble = Signal(str)

    def __init__(
        self, services: Services, window: MainWindow, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._window = window
        self._sidebar: Sidebar = window.sidebar
        self._dots: dict[str, Dot] = {}
        self._shown = ""
        self._version = -1
        self._sidebar.rename_requested.connect(self.rename)
        self._sidebar.delete_requested.connect(self.trash)
        self._sidebar.restore_requested.connect(lambda each: self.restore([each]))
        self._sidebar.search_changed.connect(self._search_soon)
        self._words = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_SEARCH_AFTER_MS)
        self._pause.timeout.connect(self._search)
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._look_for_changes)
        self._look.start()
        self.refresh()

    def refresh(self) -> None:
        """Read the list again."""
        history = self._services.history
        try:
            self._version = history.data_version()
            self._sidebar.set_conversations(history.conversations())
            self._sidebar.set_trash(history.conversations(trashed=True))
        except KnownError as error:
            self.trouble.emit(say_error(error))
        self._sidebar.set_dots(self._dots)
        self._sidebar.set_current(self._shown)

    def has(self, conversation_id: str) -> bool:
        """Whether the list shows this conversation: it exists and is not in the trash."""
        return self._sidebar.chats.index_of(conversation_id).isValid()

    def show(self, conversation_id: str) -> None:
        """Another conversation is open: mark it, and it is no longer unread."""
        self._shown = conversation_id
        if self._dots.get(conversation_id) in ("unread", "interrupted"):
            self._set_dot(conversation_id, None)
        self._sidebar.set_current(conversation_id)

    def answering(self, conversation_id: str, under_way: bool) -> None:
        """An answer is being written, or no longer."""
        self._set_dot(conversation_id, "answering" if under_way else None)

    def ended_unseen(self, conversation_id: str, message: Message) -> None:
        """An answer ended in a conversation that is not open."""
        whole = message.state is MessageState.COMPLETE
        self._set_dot(conversation_id, "unread" if whole else "interrupted")

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title; an empty one keeps the old."""
        title = " ".join(title.split())
        if not title:
            self.refresh()
            return
        self._services.history.rename(
            conversation_id,
            title,
            done=lambda _row: self._renamed(conversation_id),
            failed=self._failed,
        )

    def trash(self, ids: Sequence[str]) -> None:
        """Move conversations to the trash and offer to undo it."""
        chosen = list(ids)
        active = self._services.turns.active
        if active is not None and active.conversation.id in chosen:
            self._services.turns.stop()

        def done(_count: object) -> None:
            self.gone.emit(chosen)
            self.refresh()
            words = (
                self.tr("Chat moved to the trash")
                if len(chosen) == 1
                else self.tr("{count} chats moved to the trash").format(count=len(chosen))
            )
            self._window.toast.offer(words, lambda: self.restore(chosen))

        self._services.history.trash(chosen, done=done, failed=self._failed)

    def restore(self, ids: Sequence[str]) -> None:
        """Bring conversations back from the trash."""
        self._services.history.restore(
            list(ids), done=lambda _count: self.refresh(), failed=self._failed
        )

    def _renamed(self, conversation_id: str) -> None:
        self.refresh()
        self.renamed.emit(conversation_id)

    def _failed(self, error: KnownError) -> None:
        self.refresh()
        self.trouble.emit(say_error(error))

    def _search_soon(self, words: str) -> None:
        self._words = words.strip()
        self._pause.stop()
        if self._words:
            self._pause.start()

    def _search(self) -> None:
        try:
            found = self._services.history.search(self._words, limit=1000)
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        self._sidebar.set_matches([each.id for each in found])

    def _look_for_changes(self) -> None:
        try:
            changed = self._services.history.data_version() != self._version
        except KnownError:
            return  # The next look may succeed; what the user does tells of troubles.
        if changed:
            self.refresh()

    def _set_dot(self, conversation_id: str, dot: Dot | None) -> None:
        if dot is None:
            self._dots.pop(conversation_id, None)
        else:
            self._dots[conversation_id] = dot
        self._sidebar.set_dots(self._dots)
