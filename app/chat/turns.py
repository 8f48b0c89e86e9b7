"""The turn's state machine: store the question, load, generate, checkpoint, store the answer."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

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
from app.chat.turn import Phase, Turn
from app.engine.entities import ChatMessage, SamplingParameters, StopReason, Timings
from app.engine.errors import EngineError, WorkerDiedError
from app.engine.host import HostState, HostStatus, ModelHost, error_of
from app.engine.protocol import Failed, Finished, FromWorker, Reading, Tokens
from app.errors import AppError
from app.history.entities import AnswerDetails, Conversation, Message, MessageState, Role
from app.history.repository import History
from app.ids import new_id
from app.library.entities import InstalledModel
from app.placement.entities import Wishes
from app.posting import Delayed, Scheduler
from app.text import clean, title_of
from models.entities import ModelHandle
from models.errors import KnownError

log = logging.getLogger("moestro.turns")

CHECKPOINT_SECONDS = 0.5
"""Half of what may be lost at most."""


class Ensure(Protocol):
    """Loads a model as it is wished: ``app.placement.loader``."""

    def __call__(
        self,
        handle: ModelHandle,
        wishes: Wishes | None,
        ready: Callable[[], None],
        failed: Callable[[KnownError], None],
        *,
        insist: bool = False,
    ) -> None:
        """Call ``ready`` when the host can be asked, else ``failed``."""
        ...


class Turns:
    """At most one turn at a time; every listener hears every event."""

    def __init__(
        self,
        history: History | None,
        host: ModelHost,
        scheduler: Scheduler,
        handle_for: Callable[[str], ModelHandle],
        ensure: Ensure,
    ) -> None:
        self._history = history
        self._ensure = ensure
        self._host = host
        self._scheduler = scheduler
        self._handle_for = handle_for
        self._turn: Turn | None = None
        self._checkpoint: Delayed | None = None
        self._listeners: list[Callable[[TurnEvent], None]] = []
        self._closed = False
        host.subscribe(self._host_changed)

    @property
    def active(self) -> Turn | None:
        """The turn under way."""
        return self._turn

    def subscribe(self, listener: Callable[[TurnEvent], None]) -> None:
        """Tell ``listener`` every event from now on."""
        self._listeners.append(listener)

    # --- commands --------------------------------------------------------------------------

    def send(
        self,
        conversation: Conversation,
        branch: Sequence[Message],
        text: str,
        model: InstalledModel,
        wishes: Wishes | None,
        sampling: SamplingParameters,
        *,
        insist: bool = False,
    ) -> bool:
        """Ask ``text`` after ``branch``; False when another turn is under way.

        ``wishes`` are for the plan; None is as chosen for this model, or automatic.
        ``insist`` loads a model that crashed often once more.
        """
        text = clean(text)
        parent = branch[-1].id if branch else None
        now = _now_ms()
        user = Message(new_id(), conversation.id, parent, Role.USER, text, created_ms=now)
        if not conversation.title:
            conversation = _titled(conversation, text)
        return self._begin(
            conversation, [*branch, user], user, model, wishes, sampling, insist=insist
        )

    def try_again(
        self,
        conversation: Conversation,
        branch: Sequence[Message],
        model: InstalledModel,
        wishes: Wishes | None,
        sampling: SamplingParameters,
    ) -> bool:
        """Answer the last message of ``branch``, the user's, once more beside earlier answers.

        Whoever tries again means it: a model that crashed often is loaded once more.
        """
        return self._begin(conversation, branch, None, model, wishes, sampling, insist=True)

    def stop(self) -> None:
        """Stop the turn; what arrived is kept."""
        turn = self._turn
        if turn is None or turn.stop_wanted:
            return
        turn.stop_wanted = True
        if turn.cancel is not None:
            turn.cancel()
        elif turn.phase is Phase.LOADING:
            self._end(turn, "cancelled", None, None, None)
        if self._turn is turn:  # without a history its end has been told already
            self._tell(TurnStopping(turn.answer.id))

    def shut_down(self) -> None:
        """Stop for good: what arrived is written down as interrupted."""
        self._closed = True
        turn = self._turn
        if turn is None:
            return
        if turn.cancel is not None:
            turn.cancel()
        if turn.phase in (Phase.LOADING, Phase.GENERATING):
            self._end(turn, "cancelled", None, None, AppError("chat.closed_meanwhile"))

    # --- the way of a turn -----------------------------------------------------------------

    def _begin(
        self,
        conversation: Conversation,
        branch: Sequence[Message],
        user: Message | None,
        model: InstalledModel,
        wishes: Wishes | None,
        sampling: SamplingParameters,
        *,
        insist: bool,
    ) -> bool:
        if self._turn is not None or self._closed:
            return False
        details = AnswerDetails(
            model_key=model.key,
            model_name=model.name,
            quantization=model.quantization,
            is_demo=model.is_demo,
            sampling=sampling,
        )
        answer = Message(
            new_id(),
            conversation.id,
            branch[-1].id,
            Role.ASSISTANT,
            "",
            state=MessageState.STREAMING,
            created_ms=_now_ms(),
            details=details,
        )
        turn = Turn(conversation, user, answer, sampling, model.name)
        self._turn = turn
        messages = prompt_messages(conversation.system_prompt, branch)
        load = _Load(model.key, wishes, insist)

        def stored(rows: tuple[Conversation, Message | None, Message]) -> None:
            turn.conversation, turn.user, turn.answer = rows
            try:
                self._tell(TurnStarted(*rows))
            finally:  # a fault of a listener must not leave a turn that nothing can end
                self._load(turn, messages, load)

        def refused(error: KnownError) -> None:
            self._turn = None
            text = user.text if user else ""
            self._tell(TurnRefused(conversation, text, error.code, dict(error.facts)))

        if self._history is None:
            stored((conversation, user, answer))
        else:
            self._history.begin_turn(conversation, user, answer, done=stored, failed=refused)
        return True

    def _load(self, turn: Turn, messages: Sequence[ChatMessage], load: "_Load") -> None:
        if turn.stop_wanted:
            self._end(turn, "cancelled", None, None, None)
            return
        turn.phase = Phase.LOADING
        try:
            handle = self._handle_for(load.model_key)
        except KnownError as error:
            self._end(turn, "error", None, None, error)
            return

        def failed(error: KnownError) -> None:
            if self._turn is turn and turn.phase is Phase.LOADING:
                self._end(turn, "error", None, None, error)

        self._ensure(
            handle,
            load.wishes,
            lambda: self._generate(turn, messages),
            failed,
            insist=load.insist,
        )

    def _generate(self, turn: Turn, messages: Sequence[ChatMessage]) -> None:
        if self._turn is not turn or turn.phase is not Phase.LOADING:
            return
        turn.phase = Phase.GENERATING
        turn.planned(self._host.status.plan)
        try:
            turn.cancel = self._host.generate(
                messages, turn.sampling, lambda event: self._event(turn, event)
            )
        except EngineError as error:
            self._end(turn, "error", None, None, error)
            return
        self._schedule_checkpoint(turn)

    def _event(self, turn: Turn, event: FromWorker | WorkerDiedError) -> None:
        if self._turn is not turn or turn.phase is not Phase.GENERATING:
            return
        match event:
            case Reading():
                turn.prompt_tokens = event.reused + event.total
                self._tell(
                    TurnReading(
                        turn.answer.id, event.done, event.total, event.reused, event.seconds
                    )
                )
            case Tokens():
                turn.add(event.text, event.reasoning, event.tokens)
                self._tell(TurnText(turn.answer.id, event.text, event.reasoning, event.tokens))
            case Finished():
                turn.context_used = event.context_used
                self._end(turn, event.stop_reason, event.timings, event.seed, None)
            case Failed():
                log.warning("a turn was refused: %s %s", event.code, event.detail)
                self._end(turn, "error", None, None, error_of(event))
            case WorkerDiedError():
                self._end(turn, "error", None, None, event)

    def _end(
        self,
        turn: Turn,
        stop_reason: StopReason,
        timings: Timings | None,
        seed: int | None,
        failure: KnownError | None,
    ) -> None:
        turn.phase = Phase.FINISHING
        if self._checkpoint is not None:
            self._checkpoint.cancel()
        message = turn.ended(stop_reason, timings, seed, failure)

        def stored(_result: object = None) -> None:
            self._over(turn, TurnEnded(message, turn.context_used, failure=failure))

        def not_stored(error: KnownError) -> None:
            log.error("an answer could not be stored: %s", error)
            self._over(turn, TurnEnded(message, turn.context_used, stored=False, failure=failure))

        if self._history is None:
            stored()
        else:
            assert message.details is not None
            self._history.finish_answer(
                message.id,
                message.text,
                message.reasoning,
                message.state,
                message.details,
                done=stored,
                failed=not_stored,
            )

    def _over(self, turn: Turn, event: TurnEnded) -> None:
        if self._turn is turn:
            self._turn = None
        self._tell(event)

    # --- checkpoints and loading progress --------------------------------------------------

    def _schedule_checkpoint(self, turn: Turn) -> None:
        if self._history is None:
            return

        def due() -> None:
            if self._turn is turn and turn.phase is Phase.GENERATING:
                self._save(turn)
                self._schedule_checkpoint(turn)

        self._checkpoint = self._scheduler.call_later(CHECKPOINT_SECONDS, due)

    def _save(self, turn: Turn) -> None:
        if turn.unsaved and self._history is not None:
            turn.unsaved = False
            text, reasoning = turn.snapshot()
            self._history.checkpoint(turn.answer.id, text, reasoning, failed=self._not_saved)

    def _not_saved(self, error: KnownError) -> None:
        """A checkpoint was refused: say it once a turn; the next one tries again."""
        log.error("a checkpoint was refused: %s", error)
        turn = self._turn
        if turn is None:
            return
        turn.unsaved = True
        if not turn.trouble_told:
            turn.trouble_told = True
            self._tell(TurnNotSaved(turn.answer.id, error.code, dict(error.facts)))

    def _host_changed(self, status: HostStatus) -> None:
        turn = self._turn
        if turn is None or turn.phase is not Phase.LOADING:
            return
        if status.state is HostState.LOADING:
            self._tell(TurnLoading(turn.answer.id, turn.model_name, status.fraction))

    def _tell(self, event: TurnEvent) -> None:
        for listener in list(self._listeners):
            listener(event)


@dataclass(frozen=True, slots=True)
class _Load:
    """What must be loaded before a turn can generate."""

    model_key: str
    wishes: Wishes | None
    insist: bool


def prompt_messages(system_prompt: str, branch: Sequence[Message]) -> list[ChatMessage]:
    """What the model is given: the system prompt and the branch, without empty failures.

    A question without an answer is asked together with the next one: many templates refuse two
    messages of a user in a row.
    """
    messages = [ChatMessage("system", clean(system_prompt))] if system_prompt.strip() else []
    for message in branch:
        if message.role is Role.USER:
            text = message.text
            if messages and messages[-1].role == "user":
                text = f"{messages.pop().content}\n\n{text}"
            messages.append(ChatMessage("user", text))
        elif message.text or message.reasoning:
            messages.append(ChatMessage("assistant", message.text, message.reasoning))
    return messages


def _titled(conversation: Conversation, text: str) -> Conversation:
    return replace(conversation, title=title_of(text))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
