"""Messages that wait in the open conversation: queued, edited, taken back, sent."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from app.chat.events import TurnEnded, TurnEvent, TurnStarted
from app.history.entities import AttachedText, QueuedMessage
from app.services import Services
from models.errors import KnownError
from ui.chat.chat_page import ChatPage
from ui.controllers.chat import ChatController
from ui.sentences import say, say_error


class ChatQueue(QObject):
    """Between the composer, the bar above it, and the queue on the disk.

    Signals:
        trouble(str): a sentence to show.
        files_returned(object): attachments of a message that is in the composer again.
    """

    trouble = Signal(str)
    files_returned = Signal(object)

    def __init__(
        self,
        services: Services,
        page: ChatPage,
        chat: ChatController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._page, self._chat = services, page, chat
        page.composer.queued.connect(lambda text: self.add(text))
        page.queue.edit_requested.connect(self._edit)
        page.queue.cancel_requested.connect(lambda identity: self._take_back(identity, False))
        page.queue.send_requested.connect(self._send_now)
        chat.opened.connect(lambda _id: self.refresh())
        services.turns.subscribe(self._heard)

    def takes(self, text: str) -> bool:
        """Queue ``text`` where it cannot be sent now: another conversation is being answered."""
        if self._services.turns.active is None or not self._chat.is_stored:
            return False
        self.add(text)
        return True

    def add(
        self,
        text: str,
        attachments: Sequence[AttachedText] = (),
        then: Callable[[], None] = lambda: None,
    ) -> None:
        """Let ``text`` wait for the answer under way; it leaves the composer once it is on disk.

        ``then`` is called after that.
        """
        if not (self._chat.is_stored or self._chat.conversation.temporary):
            self._chat.begun(False)  # a new chat has nothing to wait in yet
            return
        if self._chat.conversation.temporary:
            self.trouble.emit(say("chat.temporary_queue"))  # what waits would be on the disk
            return

        def kept(_queued: QueuedMessage) -> None:
            self._page.composer.accepted(text)
            then()
            self.refresh()

        self._services.send_queue.add(
            self._chat.conversation.id, text, done=kept, failed=self._failed,
            attachments=attachments,
        )  # fmt: skip

    def refresh(self) -> None:
        """Show what waits in the conversation that is shown."""
        waiting: list[QueuedMessage] = []
        if self._chat.is_stored:
            try:
                waiting = self._services.send_queue.waiting(self._chat.conversation.id)
            except KnownError as error:
                self.trouble.emit(say_error(error))
        self._page.set_waiting(waiting, can_send=self._services.turns.active is None)

    def _edit(self, identity: str) -> None:
        self._take_back(identity, True)

    def _take_back(self, identity: str, edits: bool) -> None:
        waited = next((each for each in self._page.queue.waiting if each.id == identity), None)

        def taken(was_waiting: bool) -> None:
            self.refresh()
            if was_waiting and edits and waited is not None:
                composer = self._page.composer
                composer.set_text("\n\n".join(filter(None, (waited.text, composer.text))))
                self.files_returned.emit(waited.attachments)

        self._services.send_queue.take_back(identity, done=taken, failed=self._failed)

    def _send_now(self) -> None:
        try:
            self._services.send_queue.send_next(self._chat.conversation.id)
        except KnownError as error:
            self._failed(error)

    def _heard(self, event: TurnEvent) -> None:
        if isinstance(event, TurnStarted | TurnEnded):
            self.refresh()

    def _failed(self, error: KnownError) -> None:
        self.trouble.emit(say_error(error))
