"""Asks the model for a title once a conversation has its first answer."""

import logging
import re
from collections.abc import Callable

from app.chat.events import TurnEnded, TurnEvent, TurnStarted
from app.chat.prompting import compose
from app.chat.turns import Turns
from app.engine.entities import ChatMessage, SamplingParameters, Timings
from app.engine.errors import EngineError, WorkerDiedError
from app.engine.host import ModelHost
from app.engine.protocol import Failed, Finished, FromWorker, Tokens
from app.history.entities import Conversation, Message, MessageState, Role
from app.history.repository import History
from app.text import title_of
from app.wording import sentence
from models.errors import KnownError

log = logging.getLogger("moestro.titles")

_TOKENS = 40
_COOL = 0.3
_MOST_TO_READ = 1024
"""Tokens of a conversation that may be read twice for its title's sake."""
_ENDED_BADLY = frozenset({"cancelled", "error", "loop"})
_AROUND = " \t\"'`*#_“”„«»‘’."
_LABEL = re.compile(r"^(?:title|topic)\s*:\s*", re.I)


class Titler:
    """One title at a time; a turn that begins ends the writing of a title at once.

    The title is asked for at the end of the conversation itself, so the engine keeps what it has
    read, and the next turn finds it there.
    """

    def __init__(
        self,
        history: History,
        host: ModelHost,
        turns: Turns,
        is_wanted: Callable[[], bool],
    ) -> None:
        self._history = history
        self._host = host
        self._turns = turns
        self._is_wanted = is_wanted
        self._listeners: list[Callable[[str], None]] = []
        self._cancel: Callable[[], None] | None = None
        self._job: object | None = None
        turns.subscribe(self._heard)

    @property
    def is_busy(self) -> bool:
        """Whether a title is being written."""
        return self._job is not None

    def subscribe(self, listener: Callable[[str], None]) -> None:
        """Tell ``listener`` the id of each conversation whose title was written down."""
        self._listeners.append(listener)

    def stop(self) -> None:
        """Forget the title under way."""
        cancel, self._cancel, self._job = self._cancel, None, None
        if cancel is not None:
            cancel()

    def _heard(self, event: TurnEvent) -> None:
        match event:
            case TurnStarted():
                self.stop()
            case TurnEnded(message=message, failure=None, stored=True):
                try:
                    self._consider(message)
                except KnownError as error:
                    log.info("no title: %s", error.code)

    def _consider(self, answer: Message) -> None:
        """Ask for a title if this is the first answer and nobody gave one. Raises KnownError."""
        facts, details = self._host.status.facts, answer.details
        if not self._is_wanted() or facts is None or details is None:
            return
        if self._turns.active is not None or details.is_demo:
            return  # what waited has been sent already; a demo's titles would mislead
        if answer.state is not MessageState.COMPLETE or not answer.text.strip():
            return
        if details.stop_reason in _ENDED_BADLY or not self._host.is_ready(details.model_key):
            return
        known = self._known(answer.conversation_id)
        if known is None:
            return
        conversation, branch = known
        if not facts.can_go_back and _tokens_of(details.timings) > _MOST_TO_READ:
            return
        messages = compose(conversation.system_prompt, branch, sees=facts.sees_images).messages
        self._ask(conversation, (*messages, ChatMessage("user", sentence("chat.title_request"))))

    def _known(self, conversation_id: str) -> tuple[Conversation, list[Message]] | None:
        """The conversation if it still has the title that its first question gave it."""
        listed = {each.id: each for each in self._history.conversations()}
        conversation = listed.get(conversation_id)
        if conversation is None:
            return None
        branch = self._history.branch(conversation_id)
        questions = [each for each in branch if each.role is Role.USER]
        if len(questions) != 1 or conversation.title != title_of(questions[0].text):
            return None
        return conversation, branch

    def _ask(self, conversation: Conversation, messages: tuple[ChatMessage, ...]) -> None:
        job = self._job = object()
        written: list[str] = []

        def heard(event: FromWorker | WorkerDiedError) -> None:
            if self._job is not job:
                return
            match event:
                case Tokens(text=text):
                    written.append(text)
                case Finished():
                    self._job = self._cancel = None
                    self._keep(conversation, title_from("".join(written)))
                case Failed() | WorkerDiedError():
                    self._job = self._cancel = None

        sampling = SamplingParameters(
            temperature=_COOL, max_tokens=_TOKENS, stop=("\n",), thinking="off"
        )
        try:
            self._cancel = self._host.generate(messages, sampling, heard)
        except EngineError:
            self._job = None

    def _keep(self, conversation: Conversation, title: str) -> None:
        if not title:
            return
        try:
            now = self._history.conversation(conversation.id)
        except KnownError:
            return
        if now.title != conversation.title or now.trashed_ms is not None:
            return  # a person was quicker
        self._history.rename(conversation.id, title, self._titled)

    def _titled(self, conversation: Conversation) -> None:
        for listener in list(self._listeners):
            listener(conversation.id)


def title_from(answer: str) -> str:
    """A title out of what a model answered; empty when there is none in it."""
    line = title_of(answer.strip(_AROUND + "\n"))
    return _LABEL.sub("", line).strip(_AROUND)


def _tokens_of(timings: Timings | None) -> int:
    return timings.prompt_tokens + timings.generated_tokens if timings else 0
