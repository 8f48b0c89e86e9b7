"""Before anything is generated: sees that the prompt of a turn fits, as its conversation wants."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.chat.budget import ContextBudget, Measured, wanted_of
from app.chat.context import ContextReport
from app.chat.events import TurnCounted, TurnEvent, TurnOverfull, TurnSummarised, TurnSummarising
from app.chat.order import Order
from app.chat.prompting import summary_for
from app.chat.summarising import Summariser
from app.chat.turn import Phase, Turn
from app.engine.entities import ChatMessage
from app.engine.host import ModelHost
from app.errors import AppError
from app.history.entities import Conversation, Overflow, Summary
from app.history.repository import History
from app.placement.entities import Wishes
from models.errors import KnownError


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How a turn goes on; exactly one is called unless the turn ends meanwhile."""

    send: Callable[[Sequence[ChatMessage]], None]
    load: Callable[[], None]
    """The model again, with the wishes as they are now."""
    fail: Callable[[KnownError], None]


class Fitting:
    """Counts the prompt; grows the window, leaves out or summarises where that was chosen."""

    def __init__(
        self,
        host: ModelHost,
        history: History | None,
        budget: ContextBudget,
        tell: Callable[[TurnEvent], None],
    ) -> None:
        self._history = history
        self._budget = budget
        self._tell = tell
        self._summariser = Summariser(host)
        self._grown: dict[tuple[str, str], Wishes] = {}
        """By conversation and model: the longer window that it was given once."""
        self._unsaved: dict[str, list[Summary]] = {}
        """Of conversations that are never written to the disk."""

    def wishes_for(self, turn: Turn, order: Order) -> Wishes | None:
        """How to load the model: with the longer window that this conversation needed before."""
        if turn.conversation.overflow is not Overflow.GROW:
            return order.wishes
        return self._grown.get((order.conversation.id, order.model.key), order.wishes)

    def could_not_load(self, order: Order) -> None:
        """The next turn tries the window that was wished for."""
        self._grown.pop((order.conversation.id, order.model.key), None)

    def fit(self, turn: Turn, order: Order, ways: Ways) -> None:
        """Count the prompt with the loaded model and go one of the ``ways``."""
        turn.phase = Phase.COUNTING
        try:
            summaries = self._summaries(turn.conversation)
        except KnownError as error:
            ways.fail(error)
            return
        wanted = wanted_of(
            turn.conversation, order.branch, order.sampling, summaries, resume=turn.resume
        )

        def measured(found: Measured) -> None:
            if turn.phase is Phase.COUNTING:
                self._decide(turn, order, found, ways)

        def failed(error: KnownError) -> None:
            if turn.phase is Phase.COUNTING:
                ways.fail(error)

        self._budget.measure(wanted, measured, failed)

    def stop(self) -> None:
        """The turn is over."""
        self._summariser.stop()

    def _decide(self, turn: Turn, order: Order, found: Measured, ways: Ways) -> None:
        report = found.report
        growth, overflow = report.growth, report.overflow
        if report.fits:
            turn.left_out = len(report.left_out) + len(report.summarised)
            self._tell(TurnCounted(turn.answer.id, report))
            ways.send(found.messages)
        elif overflow is Overflow.GROW and growth is not None and not turn.grown:
            turn.grown = True
            longer = replace(order.wishes or Wishes(), context_tokens=growth.context_tokens)
            self._grown[order.conversation.id, order.model.key] = longer
            ways.load()
        elif overflow is Overflow.SUMMARISE and report.falls_out and not turn.summarised:
            turn.summarised = True
            self._summarise(turn, order, report, ways)
        else:
            self._tell(TurnOverfull(turn.answer.id, report))
            facts = {"tokens": report.prompt_tokens, "context": report.context_tokens}
            ways.fail(AppError("chat.context_full", **facts))

    # --- summaries -------------------------------------------------------------------------

    def _summarise(self, turn: Turn, order: Order, report: ContextReport, ways: Ways) -> None:
        turn.phase = Phase.SUMMARISING
        falls_out = frozenset(report.falls_out)
        messages = [each for each in order.branch if each.id in falls_out]

        def grows(text: str) -> None:
            self._tell(TurnSummarising(turn.answer.id, text))

        def written(text: str) -> None:
            summary = Summary(messages[-1].id, order.conversation.id, text)
            self._keep(order.conversation, summary, lambda: kept(summary), failed)

        def kept(summary: Summary) -> None:
            if turn.phase is Phase.SUMMARISING:
                self._tell(TurnSummarised(turn.answer.id, summary))
                self.fit(turn, order, ways)

        def failed(error: KnownError) -> None:
            if turn.phase is Phase.SUMMARISING:
                ways.fail(error)

        try:
            before = self._before(order)
        except KnownError as error:
            failed(error)
            return
        self._tell(TurnSummarising(turn.answer.id, ""))
        self._summariser.summarise(messages, before, grows, written, failed)

    def _before(self, order: Order) -> str:
        """What the summary that stands now says; the new one takes it in."""
        standing, _covered = summary_for(order.branch, self._summaries(order.conversation))
        return standing.text if standing is not None else ""

    def _summaries(self, conversation: Conversation) -> Sequence[Summary]:
        if self._history is None or conversation.temporary:
            return self._unsaved.get(conversation.id, ())
        return self._history.summaries(conversation.id)

    def _keep(
        self,
        conversation: Conversation,
        summary: Summary,
        done: Callable[[], None],
        failed: Callable[[KnownError], None],
    ) -> None:
        if self._history is None or conversation.temporary:
            self._unsaved.setdefault(summary.conversation_id, []).append(summary)
            done()
        else:
            self._history.set_summary(summary, lambda _kept: done(), failed)
