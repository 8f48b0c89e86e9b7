"""The sidebar: lists conversations, renames, moves to the trash and takes that back."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QObject, QTimer, Signal

from app.history.entities import Message, MessageState
from app.history.organised import Deleted, Sort
from app.services import Services
from models.errors import KnownError
from ui.item_models.conversation_list_model import Dot
from ui.main_window import MainWindow
from ui.sentences import say_error
from ui.sidebar.sidebar import Sidebar

_LOOK_MS = 3000
"""How often to look whether a terminal command changed the history."""


class ConversationsController(QObject):
    """Keeps the list true, whoever changes the history.

    Signals:
        refreshed: the list was read again; the history may be another one.
        gone: conversations that were moved to the trash (their ids).
        renamed: a conversation has another title (its id).
        unseen_changed(tuple): ids of the conversations with an answer that nobody has seen yet.
        trouble: a sentence to show.
    """

    refreshed = Signal()
    gone = Signal(list)
    renamed = Signal(str)
    unseen_changed = Signal(object)
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
        self._day = date.today()
        self._sidebar.chats.set_folded(services.settings.current.folded_folders)
        self._sidebar.chat_actions.rename_requested.connect(self.rename)
        self._sidebar.chat_actions.delete_requested.connect(self.trash)
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._look_for_changes)
        self._look.start()
        self.refresh()

    def refresh(self) -> None:
        """Read the list again."""
        organiser = self._services.organiser
        sort = Sort(self._services.settings.current.chat_sort)
        self._day = date.today()
        try:
            self._version = self._services.history.data_version()
            chats, folders = organiser.listed(sort), organiser.folders()
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        self._sidebar.set_chats(chats, folders, sort, self._day)
        self._sidebar.set_dots(self._dots)
        if not self._sidebar.list.has_selection:
            self._sidebar.set_current(self._shown)
        self.refreshed.emit()

    def has(self, conversation_id: str) -> bool:
        """Whether the list has this conversation: it exists and is not in the trash."""
        return self._sidebar.chats.chat(conversation_id) is not None

    def show(self, conversation_id: str) -> None:
        """Another conversation is open: mark it, and it is no longer unread."""
        self._shown = conversation_id
        self.seen(conversation_id)
        self._sidebar.set_current(conversation_id)

    def seen(self, conversation_id: str) -> None:
        """Somebody sees its answer now."""
        if self._dots.get(conversation_id) in ("unread", "interrupted"):
            self._set_dot(conversation_id, None)

    def set_unseen(self, ids: Sequence[str]) -> None:
        """Which conversations had an unseen answer when the program was closed."""
        known = [each for each in ids if self.has(each)]
        self._dots.update(dict.fromkeys(known, "unread"))
        self._sidebar.set_dots(self._dots)

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
            failed=self.failed,
        )

    def trash(self, ids: Sequence[str]) -> None:
        """Move conversations to the trash and offer to undo it."""
        chosen = list(ids)
        self.stop_answer_in(chosen)

        def done(deleted: list[Deleted]) -> None:
            words = (
                self.tr("Chat moved to the trash")
                if len(chosen) == 1
                else self.tr("{count} chats moved to the trash").format(count=len(chosen))
            )
            self.deleted(chosen, deleted, words)

        self._services.organiser.delete_conversations(chosen, done=done, failed=self.failed)

    def stop_answer_in(self, ids: Sequence[str]) -> None:
        """Nothing is written any more in conversations that are about to go."""
        active = self._services.turns.active
        if active is not None and active.conversation.id in ids:
            self._services.turns.stop()

    def deleted(self, ids: Sequence[str], items: Sequence[Deleted], words: str) -> None:
        """Conversations are in the trash: list the rest, say ``words``, offer to undo it."""
        self.gone.emit(list(ids))
        self.refresh()
        self._window.toast.offer(words, lambda: self.restore(items))

    def restore(self, items: Sequence[Deleted]) -> None:
        """Bring back what was deleted."""
        self._services.organiser.restore(
            items, done=lambda _count: self.refresh(), failed=self.failed
        )

    def failed(self, error: KnownError) -> None:
        """A change was not made: list what is true, and say why."""
        self.refresh()
        self.trouble.emit(say_error(error))

    def _renamed(self, conversation_id: str) -> None:
        self.refresh()
        self.renamed.emit(conversation_id)

    def _look_for_changes(self) -> None:
        try:
            changed = self._services.history.data_version() != self._version
        except KnownError:
            return  # The next look may succeed; what the user does tells of troubles.
        if changed or date.today() != self._day:
            self.refresh()

    def _set_dot(self, conversation_id: str, dot: Dot | None) -> None:
        before = self._unseen()
        if dot is None:
            self._dots.pop(conversation_id, None)
        else:
            self._dots[conversation_id] = dot
        self._sidebar.set_dots(self._dots)
        now = self._unseen()
        if now != before:
            self.unseen_changed.emit(now)

    def _unseen(self) -> tuple[str, ...]:
        # A temporary chat is in no list, and is not to be known to any file.
        unread = (each for each, dot in self._dots.items() if dot == "unread")
        return tuple(each for each in unread if self.has(each))
