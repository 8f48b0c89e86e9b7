"""The turn's state machine: store the question, load, generate, checkpoint, store the answer."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from app.chat.budget import ContextBudget
from app.chat.checkpoints import Checkpoints
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
from app.chat.fitting import Fitting, Ways
from app.chat.order import Order, place_of_answer, question_of
from app.chat.turn import Phase, Turn
from app.engine.entities import ChatMessage, SamplingParameters, StopReason, Timings
from app.engine.errors import EngineError, WorkerDiedError
from app.engine.host import HostState, HostStatus, ModelHost
from app.engine.outcomes import error_of
from app.engine.protocol import Failed, Finished, FromWorker, Reading, Tokens
from app.errors import AppError
from app.history.entities import AttachedText, Conversation, Message
from app.history.repository import History
from app.library.entities import InstalledModel
from app.placement.entities import Wishes
from app.posting import Scheduler
from app.text import title_of
from models.entities import ModelHandle
from models.errors import KnownError

log = logging.getLogger("moestro.turns")

_BEFORE_GENERATING = (Phase.LOADING, Phase.COUNTING, Phase.SUMMARISING)


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
        budget: ContextBudget | None = None,
    ) -> None:
        """Without a ``budget`` nothing is known about prices and speeds; it is counted anyway."""
        self._history = history
        budget = budget or ContextBudget(host, lambda _tokens: None, lambda: None)
        self._fitting = Fitting(host, history, budget, self._tell)
        self._ensure = ensure
        self._host = host
        self._checkpoints = Checkpoints(history, scheduler, self._not_saved)
        self._handle_for = handle_for
        self._turn: Turn | None = None
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
        attachments: Sequence[AttachedText] = (),
        queued_id: str = "",
    ) -> bool:
        """Ask ``text`` after ``branch``; False when another turn is under way.

        ``wishes`` are for the plan; None is as chosen for this model, or automatic.
        ``insist`` loads a model that crashed often once more. ``attachments`` are given to the
        model before the text; their whole texts are kept already, where anything is kept.
        ``queued_id`` is what waited on disk until now.
        """
        user = question_of(conversation, branch, text, attachments)
        if not conversation.title:
            conversation = replace(conversation, title=title_of(user.text))
        order = Order(conversation, (*branch, user), model, wishes, sampling, insist)
        return self._begin(order, user, queued_id=queued_id)

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
        order = Order(conversation, tuple(branch), model, wishes, sampling, True)
        return self._begin(order, None)

    def go_on(
        self,
        conversation: Conversation,
        branch: Sequence[Message],
        model: InstalledModel,
        wishes: Wishes | None,
        sampling: SamplingParameters,
        *,
        beside: bool = False,
    ) -> bool:
        """Write the last message of ``branch``, an answer that stopped, on from its last word.

        What is there stays. ``beside`` leaves it as it is and writes a copy on, for an answer
        that others follow already.
        """
        order = Order(conversation, tuple(branch), model, wishes, sampling, True)
        return self._begin(order, None, written=branch[-1], beside=beside)

    def stop(self) -> None:
        """Stop the turn; what arrived is kept."""
        turn = self._turn
        if turn is None or turn.stop_wanted:
            return
        turn.stop_wanted = True
        if turn.cancel is not None:
            turn.cancel()
        elif turn.phase in _BEFORE_GENERATING:
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
        if turn.phase in (*_BEFORE_GENERATING, Phase.GENERATING):
            self._end(turn, "cancelled", None, None, AppError("chat.closed_meanwhile"))

    # --- the way of a turn -----------------------------------------------------------------

    def _begin(
        self,
        order: Order,
        user: Message | None,
        *,
        written: Message | None = None,
        beside: bool = False,
        queued_id: str = "",
    ) -> bool:
        if self._turn is not None or self._closed:
            return False
        conversation = order.conversation
        answer = place_of_answer(order, written, beside=beside)
        turn = Turn(conversation, user, answer, order.sampling, order.model.name)
        if written is not None:
            turn.written = written
            turn.text, turn.reasoning = [written.text], [written.reasoning]
        self._turn = turn

        def stored(rows: tuple[Conversation, Message | None, Message]) -> None:
            turn.conversation, turn.user, kept = rows
            turn.answer = replace(kept, details=answer.details)
            try:
                self._tell(TurnStarted(turn.conversation, turn.user, turn.answer))
            finally:  # a fault of a listener must not leave a turn that nothing can end
                self._load(turn, order)

        def refused(error: KnownError) -> None:
            self._turn = None
            text = user.text if user else ""
            self._tell(TurnRefused(conversation, text, error.code, dict(error.facts)))

        history = self._history_of(conversation)
        if history is None:
            stored((conversation, user, answer))
        elif written is not None and not beside:
            history.reopen(answer.id, stored, refused)
        else:
            history.begin_turn(
                conversation, user, answer, done=stored, failed=refused, queued_id=queued_id
            )
        return True

    def _load(self, turn: Turn, order: Order) -> None:
        if turn.stop_wanted:
            self._end(turn, "cancelled", None, None, None)
            return
        turn.phase = Phase.LOADING
        try:
            handle = self._handle_for(order.model.key)
        except KnownError as error:
            self._end(turn, "error", None, None, error)
            return

        def loaded() -> None:
            if self._turn is turn and turn.phase is Phase.LOADING:
                turn.planned(self._host.status.plan)
                self._fitting.fit(turn, order, ways)

        def failed(error: KnownError) -> None:
            if self._turn is turn and turn.phase is Phase.LOADING:
                self._fitting.could_not_load(order)
                self._end(turn, "error", None, None, error)

        ways = Ways(
            send=lambda messages: self._generate(turn, messages),
            load=lambda: self._load(turn, order),
            fail=lambda error: self._end(turn, "error", None, None, error),
        )
        wishes = self._fitting.wishes_for(turn, order)
        self._ensure(handle, wishes, loaded, failed, insist=order.insist)

    def _generate(self, turn: Turn, messages: Sequence[ChatMessage]) -> None:
        turn.phase = Phase.GENERATING
        try:
            turn.cancel = self._host.generate(
                messages,
                turn.sampling,
                lambda event: self._event(turn, event),
                resume=turn.resume,
            )
        except EngineError as error:
            self._end(turn, "error", None, None, error)
            return
        self._checkpoints.begin(turn)

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
        self._fitting.stop()
        self._checkpoints.stop()
        message = turn.ended(stop_reason, timings, seed, failure)

        def stored(_result: object = None) -> None:
            self._over(turn, TurnEnded(message, turn.context_used, failure=failure))

        def not_stored(error: KnownError) -> None:
            log.error("an answer could not be stored: %s", error)
            self._over(turn, TurnEnded(message, turn.context_used, stored=False, failure=failure))

        history = self._history_of(turn.conversation)
        if history is None:
            stored()
        else:
            assert message.details is not None
            history.finish_answer(
                message.id,
                message.text,
                message.reasoning,
                message.state,
                message.details,
                done=stored,
                failed=not_stored,
            )

    def _history_of(self, conversation: Conversation) -> History | None:
        """Where its turns are kept; None for nowhere."""
        return None if conversation.temporary else self._history

    def _over(self, turn: Turn, event: TurnEnded) -> None:
        if self._turn is turn:
            self._turn = None
        self._tell(event)

    # --- what listeners hear ---------------------------------------------------------------

    def _not_saved(self, turn: Turn, error: KnownError) -> None:
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
