"""The open conversation: sends, streams, stops, and keeps the chat page true."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from app.chat.branching import Answering
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
    TurnSummarised,
    TurnSummarising,
    TurnText,
)
from app.engine.entities import SamplingParameters
from app.history.entities import (
    AttachedText,
    Conversation,
    Message,
    Overflow,
    Role,
    Siblings,
)
from app.history.tree import Tree
from app.ids import new_id
from app.library.entities import InstalledModel
from app.services import Services
from app.text import clean
from models.errors import KnownError
from ui.chat.chat_page import ChatPage
from ui.controllers.branch_reader import BranchRead, BranchReader, places_of
from ui.controllers.chat_progress import TurnProgress, show_progress
from ui.controllers.chat_stream import ChatStream
from ui.sentences import say, say_error

_AFTER_PAINT_MS = 20
"""When the end of a long branch is read: its beginning is painted by then."""


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
        self.holds_back: Callable[[str], bool] = lambda _text: False
        """Asked before a message is sent; True keeps it in the composer."""
        self._stored = False
        self._conversation = Conversation(new_id(), "")
        self._branch: list[Message] = []
        self._reader = BranchReader(services)
        self._reading: BranchRead | None = None
        """The branch that is shown, while its end is still to be read."""
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._read_on)
        self._chosen_key = ""
        self._stream = ChatStream(page, self)
        self._stream.drawn.connect(self.grew)
        self._sent = ""
        services.turns.subscribe(self._heard)
        page.composer.sent.connect(self.send)
        page.composer.stop_requested.connect(services.turns.stop)
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
        self._read_on(everything=True)
        return list(self._branch)

    @property
    def is_stored(self) -> bool:
        """Whether the conversation is in the history: a new one is not before its first message."""
        return self._stored

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

    def new_chat(self, *, temporary: bool = False) -> None:
        """Show an empty conversation; the loaded model stays, the instructions do not.

        Of a ``temporary`` one nothing is ever written to the disk.
        """
        self.show_unkept(Conversation(new_id(), "", temporary=temporary))

    def show_unkept(self, conversation: Conversation, *branch: Message) -> None:
        """Show what is in no history."""
        self._show(conversation, list(branch), stored=False)

    def open(self, conversation_id: str) -> None:
        """Show a conversation of the history. Loads no model."""
        try:
            read = self._reader.read(conversation_id)
        except KnownError as error:
            self._failed(error)
            return
        self._show(read.conversation, read.messages, stored=True, shape=read.shape)

    def reload(self, hold_id: str = "", shape: Tree | None = None) -> None:
        """Show the branch as it is now; ``hold_id`` stands where its other version stood.

        ``shape`` is the conversation's where it was just read.
        """
        try:
            read = self._reader.read(self._conversation.id, self._branch, hold_id, shape)
        except KnownError as error:
            self._failed(error)
            return
        same = len(self._branch) if not hold_id else _common(self._branch, read.messages)
        self._conversation, self._branch = read.conversation, read.messages
        self._stream.forget()  # what arrived so far is in the branch
        # Versions of what stands above the held message are as they were.
        new = read.messages[same:] if hold_id else read.messages
        self._page.transcript.show_branch(self._branch, places_of(new, read.shape), hold_id)
        self._reading = read if read.rest else None
        if self._reading is None:
            self.changed.emit()
        else:
            self._later.start(_AFTER_PAINT_MS)

    def _read_on(self, *, everything: bool = False) -> None:
        """Read more of the branch, whose beginning is on the screen already."""
        read = self._reading
        if read is None:
            return
        try:
            added = self._reader.more(read, everything=everything)
        except KnownError as error:
            self._reading = None
            self._failed(error)
            return
        self._page.transcript.add_messages(added, places_of(added, read.shape))
        if read.rest:
            self._later.start(0)
        else:
            self._reading = None
            self.changed.emit()

    def places(self) -> dict[str, Siblings]:
        """Of every message that is shown: its versions. Empty for what is not in the history."""
        if not self._stored:
            return {}
        try:
            return places_of(self.branch, self._services.history.tree(self._conversation.id))
        except KnownError as error:
            self._failed(error)
            return {}

    def update_message(self, message: Message) -> None:
        """Something about a message that is not its words is different now."""
        self._branch = [message if each.id == message.id else each for each in self.branch]
        self._page.transcript.update_message(message)
        self.changed.emit()

    def title_changed(self, conversation_id: str) -> None:
        """A conversation was renamed."""
        if conversation_id == self._conversation.id:
            try:
                self._conversation = self._services.history.conversation(conversation_id)
            except KnownError as error:
                self.trouble.emit(say_error(error))
            self.changed.emit()

    def _show(
        self,
        conversation: Conversation,
        branch: list[Message],
        *,
        stored: bool,
        shape: Tree | None = None,
    ) -> None:
        active = self._services.turns.active
        before = self._conversation
        if before.temporary and before.id != conversation.id:  # nobody can come back to it
            if active and before.id == active.conversation.id:
                self._services.turns.stop()
            self._services.host.forget()
        self._stored = stored
        self._conversation = conversation
        self._branch, self._reading = branch, None
        self._chosen_key = ""
        self._stream.forget()  # what arrived so far is in the branch
        page = self._page
        page.transcript.set_messages(branch)
        page.transcript.set_siblings(places_of(branch, shape) if shape is not None else {})
        page.panel.set_instructions(conversation.system_prompt)
        page.panel.set_sampling(self.sampling)
        active = self._services.turns.active
        page.composer.set_answering(
            active is not None and active.conversation.id == conversation.id
        )
        self.opened.emit(conversation.id)
        self.changed.emit()

    # --- commands --------------------------------------------------------------------------

    def send(
        self, text: str, *, insist: bool = False, attachments: Sequence[AttachedText] = ()
    ) -> None:
        """Send a message; the composer keeps its text until the message is on disk."""
        if not text.strip() or self.holds_back(text):
            return
        answering = self.answering_with()
        if answering is None:
            return
        model = answering.model
        conversation = replace(self._conversation, model_key=model.key)
        before, self._sent = self._sent, text  # in a temporary chat it begins at once
        accepted = self._services.turns.send(
            conversation, self.branch, text, model, answering.wishes, answering.sampling,
            insist=insist, attachments=attachments,
        )  # fmt: skip
        if not accepted:
            self._sent = before
        self.begun(accepted)

    def answering_with(self, model_key: str = "", warmer: float = 0.0) -> Answering | None:
        """How the shown conversation is answered now, or by another model; None: by none.

        ``warmer`` is added to the temperature. Says so when there is no model.
        """
        model = self._services.library.by_key(model_key) if model_key else self.model
        if model is None:
            self.model_needed.emit()
            return None
        sampling = self.sampling
        if warmer:
            warmth = min(2.0, max(0.0, sampling.temperature + warmer))
            sampling = msgspec.structs.replace(sampling, temperature=warmth)
        return Answering(model, None, sampling)

    def begun(self, accepted: bool) -> None:
        """Say so when a turn was not begun because another one is under way."""
        if not accepted:
            active = self._services.turns.active
            title = active.conversation.title if active else ""
            self.trouble.emit(say("chat.busy", {"title": title}))

    def set_overflow(self, overflow: Overflow) -> None:
        """What the shown conversation does from now on when its context is full."""
        self._conversation = replace(self._conversation, overflow=overflow)
        if self._stored:
            history = self._services.history
            history.set_overflow(self._conversation.id, overflow, failed=self._failed)
        self.changed.emit()

    @property
    def sampling(self) -> SamplingParameters:
        """Of the shown conversation, or of the settings."""
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
            self._page.panel.set_sampling(self.sampling)
        if self.is_stored:
            self._services.history.set_sampling(
                self._conversation.id, sampling, failed=self._failed
            )

    def _failed(self, error: KnownError) -> None:
        self.trouble.emit(say_error(error))

    # --- what a turn tells -----------------------------------------------------------------

    def _heard(self, event: TurnEvent) -> None:
        self._read_on(everything=True)
        match event:
            case TurnStarted():
                self._turn_started(event)
            case TurnRefused() | TurnNotSaved():
                self.trouble.emit(say(event.code, event.facts))
            case TurnText():
                self._stream.arrived(event, is_shown=self._shows(event.answer_id))
            case TurnEnded():
                self._turn_ended(event)
            case TurnLoading() | TurnSummarising() | TurnSummarised() | TurnReading():
                self._progress(event)
            case TurnStopping():
                self._progress(event)

    def _progress(self, event: TurnProgress) -> None:
        if self._shows(event.answer_id):
            show_progress(self._page.transcript, event)

    def _turn_started(self, event: TurnStarted) -> None:
        self._stream.begin()
        conversation = event.conversation
        self.answering.emit(conversation.id, True)
        self.stored.emit(conversation.id)
        if conversation.id != self._conversation.id:
            return
        if event.user is not None and event.user.text == clean(self._sent):
            self._page.composer.accepted(self._sent)
            self._sent = ""
        wished = self._conversation.overflow
        was_new, self._stored = not self._stored, not conversation.temporary
        self._conversation = conversation
        parent = event.user.parent_id if event.user else event.answer.parent_id
        kept = [n for n, each in enumerate(self._branch) if each.id == parent]
        self._branch = self._branch[: kept[0] + 1] if kept else []
        self._branch += [each for each in (event.user, event.answer) if each is not None]
        self._page.transcript.show_branch(self._branch, self.places())
        self._page.transcript.scroll_to_end()
        if was_new and wished is not conversation.overflow:
            self.set_overflow(wished)
        self._page.composer.set_answering(True)
        self._services.library.used(conversation.model_key)
        self.changed.emit()

    def _turn_ended(self, event: TurnEnded) -> None:
        message = event.message
        self.answering.emit(message.conversation_id, False)
        self.stored.emit(message.conversation_id)
        if message.conversation_id != self._conversation.id:
            self.ended_unseen.emit(message.conversation_id, message)
            return
        self._branch = [message if each.id == message.id else each for each in self._branch]
        self._stream.draw()
        self._page.transcript.finish_message(message)
        self._page.composer.set_answering(False)
        if not event.stored:
            self.trouble.emit(say("chat.not_stored"))
        self.changed.emit()

    def _shows(self, answer_id: str) -> bool:
        return any(
            each.id == answer_id and each.role is Role.ASSISTANT for each in self._branch[-1:]
        )


def _common(one: Sequence[Message], other: Sequence[Message]) -> int:
    """How many messages both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a.id != b.id), min(len(one), len(other)))
