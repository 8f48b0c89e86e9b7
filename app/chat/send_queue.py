"""Messages that wait for the answer under way, on disk, and are sent one after another."""

import logging
from collections.abc import Callable, Sequence

from app.chat.branching import Answering
from app.chat.events import TurnEnded, TurnEvent, TurnRefused, TurnStarted
from app.chat.turns import Turns
from app.history.entities import AttachedText, Conversation, Message, QueuedMessage
from app.history.repository import History
from app.ids import new_id
from app.text import clean
from models.errors import KnownError

log = logging.getLogger("moestro.turns")


class SendQueue:
    """Sends what waits when an answer ended well. After a stop, a failure or a restart it waits
    until somebody says ``send_next``: an answer that was not wanted gets no follow-up by itself.
    What waited for another conversation's answer is sent however that ended."""

    def __init__(
        self,
        history: History,
        turns: Turns,
        answering: Callable[[Conversation], Answering | None],
        *,
        follows: bool = True,
    ) -> None:
        """``answering`` tells by which model a conversation goes on now; None: by none.

        Without ``follows`` nothing is sent by itself.
        """
        self._history = history
        self._turns = turns
        self._answering = answering
        self._follows = follows
        self._sending: str = ""
        self._elsewhere: list[str] = []
        """Conversations in which something waits for the answer of another one."""
        turns.subscribe(self._heard)

    def add(
        self,
        conversation_id: str,
        text: str,
        done: Callable[[QueuedMessage], None] | None = None,
        failed: Callable[[KnownError], None] | None = None,
        attachments: Sequence[AttachedText] = (),
    ) -> QueuedMessage:
        """Let ``text`` wait behind what waits in this conversation.

        The whole texts of ``attachments`` are kept already.
        """
        message = QueuedMessage(new_id(), conversation_id, clean(text), tuple(attachments))
        active = self._turns.active
        if active is not None and active.conversation.id != conversation_id:
            self._elsewhere.append(conversation_id)

        def kept(queued: QueuedMessage) -> None:
            if done is not None:
                done(queued)
            if self._turns.active is None:
                # The answer ended while this was being written down.
                self._send_if_possible(conversation_id)

        self._history.queue(message, kept, failed)
        return message

    def waiting(self, conversation_id: str) -> list[QueuedMessage]:
        """What waits, the first one first. Raises StorageError."""
        return self._history.queued(conversation_id)

    def take_back(
        self,
        queued_id: str,
        done: Callable[[bool], None] | None = None,
        failed: Callable[[KnownError], None] | None = None,
    ) -> None:
        """Do not send it; ``done`` receives False when it was sent already."""
        self._history.unqueue(queued_id, done, failed)

    def send_next(self, conversation_id: str) -> bool:
        """Send the first that waits; False when none does, or another turn is under way.

        Raises HistoryError or StorageError.
        """
        if self._turns.active is not None or self._sending:
            return False
        waiting = self._history.queued(conversation_id)
        if not waiting:
            return False
        conversation = self._history.conversation(conversation_id)
        answering = self._answering(conversation)
        if answering is None or conversation.trashed_ms is not None:
            return False
        first = waiting[0]
        self._sending = first.id
        sent = self._turns.send(
            conversation, self._history.branch(conversation_id), first.text, answering.model,
            answering.wishes, answering.sampling, attachments=first.attachments,
            queued_id=first.id,
        )  # fmt: skip
        if not sent:
            self._sending = ""
        return sent

    def _heard(self, event: TurnEvent) -> None:
        match event:
            case TurnStarted() | TurnRefused():
                self._sending = ""
            case TurnEnded(message=message) if self._follows:
                self._follow(message, ended_well=_ended_well(event))

    def _follow(self, answer: Message, *, ended_well: bool) -> None:
        here, others = answer.conversation_id, self._elsewhere
        self._elsewhere = [each for each in others if each != here]
        if ended_well and self._send_if_possible(here):
            return
        while self._elsewhere:
            if self._send_if_possible(self._elsewhere.pop(0)):
                return

    def _send_if_possible(self, conversation_id: str) -> bool:
        try:
            return self.send_next(conversation_id)
        except KnownError as error:
            # It goes on waiting, on disk; whoever opens the conversation finds it there.
            log.warning("what waits could not be sent: %s", error)
            return False


def _ended_well(event: TurnEnded) -> bool:
    details = event.message.details
    return event.failure is None and (details is None or details.stop_reason != "cancelled")
