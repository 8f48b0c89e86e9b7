"""The tree of the open conversation: versions, edits, other answers, forks, pins, deletions."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from app.chat.branching import Answering
from app.chat.events import TurnEvent, TurnRefused
from app.history.entities import Conversation, Message
from app.history.tree import Tree
from app.services import Services
from models.errors import KnownError
from ui.chat.branch_commands import Command, ModelChoice, Verb
from ui.chat.chat_page import ChatPage
from ui.controllers.chat import ChatController
from ui.sentences import say_error

_MOST_MODELS = 8
"""In the menu of other models, the last used first."""


class ChatBranches(QObject):
    """Does what is asked for at a message.

    Signals:
        undo_offered(str, object): what happened, and what takes it back (None: nothing can).
        trouble(str): a sentence to show.
    """

    undo_offered = Signal(str, object)
    trouble = Signal(str)

    def __init__(
        self,
        services: Services,
        page: ChatPage,
        chat: ChatController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._page, self._chat = services, page, chat
        self._edited = ""
        """Words that were sent in the place of others and are not on disk yet."""
        transcript = page.transcript
        transcript.commanded.connect(self.do)
        transcript.try_again_requested.connect(
            lambda message_id: self.do(Command(Verb.TRY_AGAIN, message_id))
        )
        transcript.message_actions.branching.models = self._other_models
        services.turns.subscribe(self._heard)

    def do(self, command: Command) -> None:
        """Do what was asked for, or say why it cannot be done."""
        acts: dict[Verb, Callable[[Command], None]] = {
            Verb.SHOW: self._show,
            Verb.SEND_EDITED: self._send_edited,
            Verb.KEEP_EDITED: self._keep_edited,
            Verb.GO_ON_EDITED: self._keep_edited,
            Verb.TRY_AGAIN: self._try_again,
            Verb.CONTINUE: self._continue,
            Verb.FORK: self._fork,
            Verb.PIN: self._pin,
            Verb.UNPIN: self._pin,
            Verb.DELETE: self._delete,
            Verb.DELETE_ALONE: self._delete,
        }
        try:
            acts[command.verb](command)
        except KnownError as error:
            self._failed(error)

    # --- versions ---------------------------------------------------------------------------
    def _show(self, command: Command) -> None:
        identity = command.message_id
        self._services.history.switch(
            identity, done=lambda now: self._reload(*now, hold_id=identity), failed=self._failed
        )

    def _send_edited(self, command: Command) -> None:
        answering = self._chat.answering_with()
        if answering is None:
            self._give_back(command.text)
            return
        self._edited = command.text
        accepted = self._services.branching.edit_question(
            self._chat.conversation, command.message_id, command.text, answering
        )
        if not accepted:
            self._edited = ""
            self._give_back(command.text)
        self._chat.begun(accepted)

    def _keep_edited(self, command: Command) -> None:
        def kept(message: Message) -> None:
            self._services.history.switch(
                message.id,
                done=lambda now: shown(*now, message.id),
                failed=self._failed,
            )

        def shown(row: Conversation, shape: Tree, identity: str) -> None:
            self._reload(row, shape, hold_id=identity)
            if command.verb is Verb.GO_ON_EDITED:
                self.do(Command(Verb.CONTINUE, identity))

        self._services.branching.edit_answer(
            command.message_id, command.text, done=kept, failed=self._failed
        )

    # --- other answers ----------------------------------------------------------------------
    def _try_again(self, command: Command) -> None:
        if self._chat.conversation.temporary:
            self._answer(
                self._chat.answering_with(command.model_key, command.warmer),
                lambda answering: self._answer_unkept(command.message_id, answering),
            )
            return
        self._answer(
            self._chat.answering_with(command.model_key, command.warmer),
            lambda answering: self._services.branching.regenerate(
                self._chat.conversation, command.message_id, answering
            ),
        )

    def _answer_unkept(self, message_id: str, answering: Answering) -> bool:
        """Once more in a chat that is in no history: the answer before is gone then."""
        before = [each.id for each in self._chat.branch].index(message_id)
        return self._services.turns.try_again(
            self._chat.conversation, self._chat.branch[:before], answering.model,
            answering.wishes, answering.sampling,
        )  # fmt: skip

    def _continue(self, command: Command) -> None:
        self._answer(
            self._chat.answering_with(),
            lambda answering: self._services.branching.continue_answer(
                self._chat.conversation, command.message_id, answering
            ),
        )

    def _answer(self, answering: Answering | None, begin: Callable[[Answering], bool]) -> None:
        if answering is not None:
            self._chat.begun(begin(answering))

    def _other_models(self) -> Sequence[ModelChoice]:
        """Installed models that could answer instead, the last used first."""
        try:
            entries = self._services.library.entries()
        except KnownError:
            return ()
        now = self._chat.model
        others = [
            each for each in entries if not each.absent and (now is None or each.key != now.key)
        ]
        others.sort(key=lambda each: -each.last_used_ms)
        return [
            ModelChoice(each.key, f"{each.name} {each.quantization}".strip())
            for each in others[:_MOST_MODELS]
        ]

    # --- elsewhere --------------------------------------------------------------------------
    def _fork(self, command: Command) -> None:
        conversation = self._chat.conversation
        title = self.tr("{title} (branch)").format(title=conversation.title)

        def copied(new: str) -> None:
            self._chat.open(new)
            self._chat.stored.emit(new)
            self.undo_offered.emit(self.tr("This is a copy; the chat it comes from stays."), None)

        self._services.history.fork(
            conversation.id, command.message_id, title, done=copied, failed=self._failed
        )

    def _pin(self, command: Command) -> None:
        self._services.history.set_pinned(
            command.message_id,
            command.verb is Verb.PIN,
            done=self._chat.update_message,
            failed=self._failed,
        )

    def _delete(self, command: Command) -> None:
        identity = command.message_id
        branching = self._services.branching

        def gone(row: Conversation) -> None:
            self._reload(row)
            words = self.tr("Moved to the trash")
            self.undo_offered.emit(words, lambda: branching.undo_delete(
                identity, done=self._reload, failed=self._failed
            ))  # fmt: skip

        branching.delete(
            identity, done=gone, failed=self._failed, alone=command.verb is Verb.DELETE_ALONE
        )

    # --- how it ends ------------------------------------------------------------------------
    def _reload(self, row: Conversation, shape: Tree | None = None, hold_id: str = "") -> None:
        if row.id == self._chat.conversation.id:
            self._chat.reload(hold_id, shape)
        self._chat.stored.emit(row.id)

    def _heard(self, event: TurnEvent) -> None:
        if isinstance(event, TurnRefused) and self._edited and event.text == self._edited:
            self._give_back(self._edited)
        if self._edited and self._services.turns.active is not None:
            self._edited = ""

    def _give_back(self, text: str) -> None:
        """Words that could not be sent are put where they can be sent again."""
        composer = self._page.composer
        if text not in composer.text:
            composer.set_text("\n\n".join(filter(None, (composer.text, text))))

    def _failed(self, error: KnownError) -> None:
        self.trouble.emit(say_error(error))
