"""The open conversation: sends, streams, stops, tries again, and keeps the chat page true."""

import time
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from app.chat.choosing import model_for
from app.chat.events import (
    TurnEnded,
    TurnEvent,
    TurnLoading,
    TurnNotSaved,
    TurnReading,
    TurnRefused,
    TurnStarted,
    TurnStopping,
    TurnText,
)
from app.engine.entities import SamplingParameters
from app.history.entities import Conversation, Message, MessageState, Role
from app.ids import new_id
from app.library.entities import InstalledModel
from app.services import Services
from models.errors import KnownError
from ui.chat.chat_page import ChatPage
from ui.sentences import say, say_error

_GATHER_MS = 50
"""How long text of an answer is gathered before it is drawn; the first is drawn at once."""


class ChatController(QObject):
    """Connects the chat page to turns and history.

    Signals:
        opened: another conversation is shown (its id; a new one is in no list yet).
        changed: something about the shown conversation or its model changed.
        grew: the answer in the shown conversation has more tokens.
        stored: a conversation was added to or changed in the history (its id).
        answering: (conversation id, whether an answer is being written there).
        ended_unseen: (conversation id, the answer) in a conversation that is not shown.
        model_needed: a message is to be sent and there is no model.
        trouble: a sentence that belongs to no message.
    """

    opened = Signal(str)
    changed = Signal()
    grew = Signal()
    stored = Signal(str)
    answering = Signal(str, bool)
    ended_unseen = Signal(str, object)
    model_needed = Signal()
    trouble = Signal(str)

    def __init__(self, services: Services, page: ChatPage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._page = page
        self._conversation = Conversation(new_id(), "")
        self._branch: list[Message] = []
        self._chosen_key = ""
        self._first_token = 0.0
        self._text = self._reasoning = ""
        self._newest: TurnText | None = None
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(_GATHER_MS)
        self._gather.timeout.connect(self._draw)
        self._sent = ""
        services.turns.subscribe(self._heard)
        page.composer.sent.connect(self.send)
        page.composer.stop_requested.connect(services.turns.stop)
        page.transcript.try_again_requested.connect(self.try_again)
        page.panel.instructions_changed.connect(self._instructions_changed)
        page.panel.sampling_changed.connect(self._sampling_changed)
        self.new_chat()

    # --- what is shown ---------------------------------------------------------------------

    @property
    def conversation(self) -> Conversation:
        """The conversation that is shown."""
        return self._conversation

    @property
    def branch(self) -> list[Message]:
        """Its messages as shown, oldest first."""
        return list(self._branch)

    @property
    def is_stored(self) -> bool:
        """Whether the conversation is in the history: a new one is not before its first message."""
        return bool(self._branch)

    @property
    def model(self) -> InstalledModel | None:
        """The model that the next message goes to."""
        library = self._services.library
        if self._chosen_key:
            chosen = library.by_key(self._chosen_key)
            if chosen is not None:
                return chosen
        return model_for(self._conversation, library, self._services.host.status)

    def choose_model(self, key: str) -> None:
        """Answer this conversation with another model from now on."""
        self._chosen_key = key
        if self.is_stored:
            self._conversation = replace(self._conversation, model_key=key)
            self._services.history.set_model(self._conversation.id, key, failed=self._failed)
        self.changed.emit()

    def new_chat(self) -> None:
        """Show an empty conversation; the loaded model stays, the instructions do not."""
        self._show(Conversation(new_id(), ""), [])

    def open(self, conversation_id: str) -> None:
        """Show a conversation of the history. Loads no model."""
        history = self._services.history
        try:
            conversation = history.conversation(conversation_id)
            branch = history.branch(conversation_id)
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        self._show(conversation, [self._as_it_is_now(each) for each in branch])

    def _as_it_is_now(self, stored: Message) -> Message:
        """A stored answer that is not finished, with what has arrived or as interrupted."""
        if stored.state is not MessageState.STREAMING:
            return stored
        active = self._services.turns.active
        if active is None or active.answer.id != stored.id:
            # Nothing writes it here: the disk refused its end, or another program has it.
            return replace(stored, state=MessageState.INTERRUPTED)
        # The stored text is up to half a second behind what has arrived.
        text, reasoning = active.snapshot()
        return replace(stored, text=text, reasoning=reasoning)

    def title_changed(self, conversation_id: str) -> None:
        """A conversation was renamed."""
        if conversation_id == self._conversation.id:
            try:
                self._conversation = self._services.history.conversation(conversation_id)
            except KnownError as error:
                self.trouble.emit(say_error(error))
            self.changed.emit()

    def _show(self, conversation: Conversation, branch: list[Message]) -> None:
        self._conversation = conversation
        self._branch = branch
        self._chosen_key = ""
        self._forget_gathered()  # what arrived so far is in the branch
        page = self._page
        page.transcript.set_messages(branch)
        page.panel.set_instructions(conversation.system_prompt)
        page.panel.set_sampling(self._sampling())
        active = self._services.turns.active
        page.composer.set_answering(
            active is not None and active.conversation.id == conversation.id
        )
        self.opened.emit(conversation.id)
        self.changed.emit()

    # --- commands --------------------------------------------------------------------------

    def send(self, text: str, *, insist: bool = False) -> None:
        """Send a message; the composer keeps its text until the message is on disk."""
        if not text.strip():
            return
        model = self.model
        if model is None:
            self.model_needed.emit()
            return
        conversation = replace(self._conversation, model_key=model.key)
        accepted = self._services.turns.send(
            conversation, self._branch, text, model, None, self._sampling(),
            insist=insist,
        )  # fmt: skip
        if accepted:
            self._sent = text
        self._accepted(accepted)

    def try_again(self, answer_id: str) -> None:
        """Answer the question before this answer once more."""
        place = next((n for n, each in enumerate(self._branch) if each.id == answer_id), None)
        model = self.model
        if place is None or place == 0:
            return
        if model is None:
            self.model_needed.emit()
            return
        branch = self._branch[:place]
        conversation = replace(self._conversation, model_key=model.key)
        accepted = self._services.turns.try_again(
            conversation, branch, model, None, self._sampling()
        )
        self._accepted(accepted)

    def _accepted(self, accepted: bool) -> None:
        if not accepted:
            active = self._services.turns.active
            title = active.conversation.title if active else ""
            self.trouble.emit(say("chat.busy", {"title": title}))

    def _sampling(self) -> SamplingParameters:
        return self._conversation.sampling or self._services.settings.current.sampling

    def _instructions_changed(self, text: str) -> None:
        self._conversation = replace(self._conversation, system_prompt=text)
        if self.is_stored:
            self._services.history.set_system_prompt(
                self._conversation.id, text, failed=self._failed
            )

    def _sampling_changed(self, sampling: SamplingParameters | None) -> None:
        self._conversation = replace(self._conversation, sampling=sampling)
        if sampling is None:
            self._page.panel.set_sampling(self._sampling())
        if self.is_stored:
            self._services.history.set_sampling(
                self._conversation.id, sampling, failed=self._failed
            )

    def _failed(self, error: KnownError) -> None:
        self.trouble.emit(say_error(error))

    # --- what a turn tells -----------------------------------------------------------------

    def _heard(self, event: TurnEvent) -> None:
        match event:
            case TurnStarted():
                self._turn_started(event)
            case TurnRefused() | TurnNotSaved():
                self.trouble.emit(say(event.code, event.facts))
            case TurnLoading():
                if self._shows(event.answer_id):
                    self._page.transcript.set_loading(
                        event.answer_id, event.model_name, event.fraction
                    )
            case TurnReading():
                if self._shows(event.answer_id):
                    self._page.transcript.set_reading(
                        event.answer_id, event.done, event.total, event.seconds
                    )
            case TurnText():
                self._text_arrived(event)
            case TurnStopping():
                if self._shows(event.answer_id):
                    self._page.transcript.set_stopping(event.answer_id)
            case TurnEnded():
                self._turn_ended(event)

    def _turn_started(self, event: TurnStarted) -> None:
        self._first_token = 0.0
        self._forget_gathered()
        conversation = event.conversation
        self.answering.emit(conversation.id, True)
        self.stored.emit(conversation.id)
        if event.user is not None:
            # Also when another chat was opened meanwhile: there is one composer for all.
            self._page.composer.accepted(self._sent)
        if conversation.id != self._conversation.id:
            return
        self._conversation = conversation
        parent = event.user.parent_id if event.user else event.answer.parent_id
        kept = [n for n, each in enumerate(self._branch) if each.id == parent]
        self._branch = self._branch[: kept[0] + 1] if kept else []
        shown = len(self._branch)
        new = [each for each in (event.user, event.answer) if each is not None]
        self._branch += new
        transcript = self._page.transcript
        if shown + len(new) != transcript.count + len(new):
            transcript.set_messages(self._branch)
        else:
            for message in new:
                transcript.append_message(message)
        self._page.composer.set_answering(True)
        self._services.library.used(conversation.model_key)
        self.changed.emit()

    def _text_arrived(self, event: TurnText) -> None:
        """Gather text for a moment: fifty updates a second cost twice what twenty do."""
        first = not self._first_token
        if first:
            self._first_token = time.monotonic()
        if not self._shows(event.answer_id):
            return
        self._text += event.text
        self._reasoning += event.reasoning
        self._newest = event
        if first:
            self._draw()
        elif not self._gather.isActive():
            self._gather.start()

    def _draw(self) -> None:
        """Show what was gathered."""
        event = self._newest
        if event is None:
            return
        seconds = time.monotonic() - self._first_token
        self._page.transcript.update_streaming(
            event.answer_id, self._text, self._reasoning, event.tokens, seconds
        )
        self._forget_gathered()
        if seconds > 0.5:
            self._page.status.set_speed((event.tokens - 1) / seconds)
        self.grew.emit()

    def _forget_gathered(self) -> None:
        self._gather.stop()
        self._text = self._reasoning = ""
        self._newest = None

    def _turn_ended(self, event: TurnEnded) -> None:
        message = event.message
        self.answering.emit(message.conversation_id, False)
        self.stored.emit(message.conversation_id)
        if message.conversation_id != self._conversation.id:
            self.ended_unseen.emit(message.conversation_id, message)
            return
        self._branch = [message if each.id == message.id else each for each in self._branch]
        self._draw()
        self._page.transcript.finish_message(message)
        self._page.composer.set_answering(False)
        if not event.stored:
            self.trouble.emit(say("chat.not_stored"))
        self.changed.emit()

    def _shows(self, answer_id: str) -> bool:
        return any(
            each.id == answer_id and each.role is Role.ASSISTANT for each in self._branch[-1:]
        )
