"""What a person who walked away is told: that an answer ended, and where."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.chat.events import TurnEnded, TurnEvent
from app.history.entities import MessageState
from app.services import Services
from models.errors import KnownError
from models.naming import shorten
from ui.controllers.conversations import ConversationsController
from ui.controllers.notifier import Notifier
from ui.main_window import MainWindow
from ui.sentences import say

_TITLE = 60


class AwayController(QObject):
    """Follows the turns beside the chat; shows nothing in the window itself."""

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        notifier: Notifier,
        conversations: ConversationsController,
        shown: Callable[[], str],
        open_chat: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        """``shown`` gives the id of the conversation of the chat page."""
        super().__init__(parent)
        self._services, self._window, self._notifier = services, window, notifier
        self._conversations, self._shown, self._open_chat = conversations, shown, open_chat
        services.turns.subscribe(self._heard)
        window.page_shown.connect(self._page_shown)
        conversations.unseen_changed.connect(self._keep)
        conversations.set_unseen(services.settings.current.unseen_chats)

    def is_seen(self, conversation_id: str) -> bool:
        """Whether a person who looks at the screen sees this conversation."""
        return self._is_shown(conversation_id) and self._window.isActiveWindow()

    def _is_shown(self, conversation_id: str) -> bool:
        return self._window.current_page == "chat" and self._shown() == conversation_id

    def _heard(self, event: TurnEvent) -> None:
        if isinstance(event, TurnEnded) and not self._was_stopped(event):
            self._ended(event)

    @staticmethod
    def _was_stopped(event: TurnEnded) -> bool:
        """By a person, who knows it."""
        details = event.message.details
        return event.failure is None and details is not None and details.stop_reason == "cancelled"

    def _ended(self, event: TurnEnded) -> None:
        conversation_id = event.message.conversation_id
        is_hidden = self._shown() == conversation_id and not self._is_shown(conversation_id)
        if is_hidden and self._conversations.has(conversation_id):
            # Another page lies over it; for other chats the chat itself says so.
            self._conversations.ended_unseen(conversation_id, event.message)
        if not self._services.settings.current.notify_answers or self.is_seen(conversation_id):
            return
        whole = event.message.state is MessageState.COMPLETE
        code = "away.complete" if whole else "away.stopped"
        if not whole and not event.stored:
            code = "away.stopped_unkept"
        self._notifier.tell(
            self.tr("Answer complete") if whole else self.tr("Answer ended early"),
            say(code, {"title": self._title(conversation_id)}),
            lambda: self._open_chat(conversation_id),
            even_active=True,
        )

    def _title(self, conversation_id: str) -> str:
        try:
            title = self._services.history.conversation(conversation_id).title
        except KnownError:
            title = ""  # a temporary chat is in no history
        return shorten(title, _TITLE) or self.tr("New chat")

    def _page_shown(self, page: str) -> None:
        if page == "chat":
            self._conversations.seen(self._shown())

    def _keep(self, unseen: object) -> None:
        """So that they are still marked after a restart."""
        assert isinstance(unseen, tuple)
        if unseen == self._services.settings.current.unseen_chats:
            return
        try:
            self._services.settings.change(unseen_chats=unseen)
        except KnownError:
            return  # a disk that takes nothing is told of by what writes words there
