"""Measures prompts against the context window, by the loaded model's own tokenizer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.attachments.pictures import is_picture
from app.chat.context import (
    ContextPart,
    ContextReport,
    choose_left_out,
    guessed_parts,
    parts_of,
    room_for_answer,
)
from app.chat.prompting import ComposedPrompt, compose, summary_for
from app.engine.entities import ChatMessage, ModelFacts, SamplingParameters
from app.engine.errors import EngineError, WorkerDiedError
from app.engine.host import ModelHost
from app.engine.outcomes import error_of
from app.engine.protocol import Counted, Failed, FromWorker
from app.engine.sampling import thinking_wish
from app.history.entities import Conversation, Message, Overflow, Role, Summary
from app.placement.entities import ContextPrice
from models.errors import KnownError

_ROUNDS = 8
"""Of leaving out and counting again; one more than is ever needed in practice."""

_COUNTABLE = 4
"""Windows: a prompt within so many is counted again exactly after leaving out by a guess."""

_SUMMARY_SHARE = 4
"""A summary takes so much more of the window, as one part in so many, than what must go."""

TOO_LONG = "engine.prompt_too_long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A prompt that somebody would like to send."""

    system_prompt: str
    branch: Sequence[Message]
    max_tokens: int | None = None
    """Longest answer."""
    overflow: Overflow = Overflow.STOP
    summaries: Sequence[Summary] = ()
    draft: Message | None = None
    """What is being typed."""
    resume: bool = False
    """The last message of the branch is an answer that is written on."""
    thinking: bool | None = None
    """What the template is told about thinking; it changes the prompt."""


def wanted_of(
    conversation: Conversation,
    branch: Sequence[Message],
    sampling: SamplingParameters,
    summaries: Sequence[Summary] = (),
    draft: Message | None = None,
    *,
    resume: bool = False,
) -> Wanted:
    """What a turn after ``branch`` would send. For an edit, ``branch`` ends before the edited
    message, and ``draft`` is its new text: ``app.chat.order.question_of``."""
    return Wanted(
        system_prompt=conversation.system_prompt,
        branch=branch,
        max_tokens=sampling.max_tokens,
        overflow=conversation.overflow,
        summaries=summaries,
        draft=draft,
        resume=resume,
        thinking=thinking_wish(sampling),
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """What would be sent, and what is to be known about it."""

    report: ContextReport
    messages: tuple[ChatMessage, ...]
    thinking: bool | None = None
    """What the template is told about thinking."""


def _asks_with_picture(wanted: Wanted) -> bool:
    """Whether the question itself has a picture; an earlier one is told as not shown."""
    asked = wanted.draft or next((m for m in reversed(wanted.branch) if m.role is Role.USER), None)
    return asked is not None and any(is_picture(each) for each in asked.attachments)


class ContextBudget:
    """Counts prompts. Lives on the state thread; needs a loaded model."""

    def __init__(
        self,
        host: ModelHost,
        price: Callable[[int], ContextPrice | None],
        tokens_read_per_second: Callable[[], float | None],
    ) -> None:
        """``price`` finds the shortest window of at least so many tokens."""
        self._host = host
        self._price = price
        self._speed = tokens_read_per_second

    def measure(
        self,
        wanted: Wanted,
        done: Callable[[Measured], None],
        failed: Callable[[KnownError], None],
    ) -> None:
        """Count ``wanted`` and decide, by its policy, what is left out.

        ``failed`` is told when nothing can be counted: no model is loaded, its template refuses
        the conversation, or the worker died.
        """
        facts = self._host.status.facts
        if facts is None:
            failed(EngineError("engine.not_loaded"))
            return
        if not facts.sees_images and _asks_with_picture(wanted):
            failed(EngineError("engine.no_eyes"))
            return
        job = _Measuring(self, self._host, wanted, facts, done, failed)
        job.count(frozenset())

    def show(
        self,
        measured: Measured,
        done: Callable[[str], None],
        failed: Callable[[KnownError], None],
        *,
        resume: bool = False,
    ) -> None:
        """What the model is given, letter by letter as its tokens say it: the prompt's text."""

        def answered(event: FromWorker | WorkerDiedError) -> None:
            match event:
                case Counted(text=text):
                    done(text)
                case Failed():
                    failed(error_of(event))
                case WorkerDiedError():
                    failed(event)

        try:
            self._host.count_tokens(
                measured.messages, answered, resume=resume, shows=True, thinking=measured.thinking
            )
        except EngineError as error:
            failed(error)

    def growth(self, needed_tokens: int) -> ContextPrice | None:
        """The shortest window that holds ``needed_tokens``, with its price."""
        return self._price(needed_tokens)

    def seconds_to_read(self, tokens: int) -> float | None:
        """About how long reading ``tokens`` takes; None when no speed is known."""
        speed = self._speed()
        return tokens / speed if speed else None


class _Measuring:
    """One measurement: counts all of it, then again without what must go."""

    def __init__(
        self,
        budget: ContextBudget,
        host: ModelHost,
        wanted: Wanted,
        facts: ModelFacts,
        done: Callable[[Measured], None],
        failed: Callable[[KnownError], None],
    ) -> None:
        self._budget = budget
        self._host = host
        self._wanted = wanted
        self._context_tokens = facts.context_tokens
        self._sees = facts.sees_images
        self._room = room_for_answer(facts.context_tokens, wanted.max_tokens)
        self._done = done
        self._failed = failed
        self._summary, self._summarised = summary_for(wanted.branch, wanted.summaries)
        self._whole_tokens = 0
        self._rounds = 0

    def count(self, left_out: frozenset[str]) -> None:
        """Count what is sent without ``left_out``."""
        wanted = self._wanted
        composed = compose(
            wanted.system_prompt,
            wanted.branch,
            left_out=left_out | self._summarised,
            summary=self._summary,
            draft=wanted.draft,
            sees=self._sees,
        )

        def answered(event: FromWorker | WorkerDiedError) -> None:
            match event:
                case Counted():
                    self._counted(composed, left_out, event)
                case Failed(code=code) if code == TOO_LONG:
                    self._hopeless(composed, left_out, event.facts)
                case Failed():
                    self._failed(error_of(event))
                case WorkerDiedError():
                    self._failed(event)

        try:
            self._host.count_tokens(
                composed.messages, answered, resume=wanted.resume, pieces=composed.lengths,
                thinking=wanted.thinking,
            )  # fmt: skip
        except EngineError as error:
            if error.code == TOO_LONG:
                self._hopeless(composed, left_out, error.facts)
            else:
                self._failed(error)

    def _counted(
        self, composed: ComposedPrompt, left_out: frozenset[str], counted: Counted
    ) -> None:
        self._whole_tokens = max(self._whole_tokens, counted.tokens)
        parts = parts_of(composed, counted.pieces)
        excess = counted.tokens + self._room - self._context_tokens
        if self._counts_again(parts, excess, left_out):
            return
        to_read = counted.tokens - counted.reused
        falls_out, helps = self._falls_out(parts, excess, left_out)
        report = ContextReport(
            context_tokens=self._context_tokens,
            prompt_tokens=counted.tokens,
            whole_tokens=self._whole_tokens,
            parts=parts,
            format_tokens=counted.tokens - sum(part.tokens for part in parts),
            room=self._room,
            overflow=self._wanted.overflow,
            left_out=self._in_order(left_out),
            summarised=self._in_order(self._summarised),
            falls_out=falls_out,
            falls_out_helps=helps,
            to_read=to_read,
            read_seconds=self._budget.seconds_to_read(to_read),
            growth=self._growth(),
        )
        self._done(Measured(report, composed.messages, self._wanted.thinking))

    def _hopeless(
        self,
        composed: ComposedPrompt,
        left_out: frozenset[str],
        facts: dict[str, str | int | float],
    ) -> None:
        """Far too long to be counted to its end: about so many tokens."""
        tokens = max(int(facts.get("tokens", 0)), self._context_tokens + 1)
        self._whole_tokens = max(self._whole_tokens, tokens)
        parts = guessed_parts(composed, tokens)
        # A guess must not take what would fit: it only brings the rest within what is counted.
        if self._counts_again(parts, tokens - _COUNTABLE * self._context_tokens, left_out):
            return
        excess = tokens + self._room - self._context_tokens
        falls_out, helps = self._falls_out(parts, excess, left_out)
        report = ContextReport(
            context_tokens=self._context_tokens,
            prompt_tokens=tokens,
            whole_tokens=self._whole_tokens,
            parts=(),
            format_tokens=0,
            room=self._room,
            overflow=self._wanted.overflow,
            left_out=self._in_order(left_out),
            summarised=self._in_order(self._summarised),
            falls_out=falls_out,
            falls_out_helps=helps,
            to_read=tokens,
            read_seconds=self._budget.seconds_to_read(tokens),
            growth=self._growth(),
            exact=False,
        )
        self._done(Measured(report, composed.messages, self._wanted.thinking))

    def _counts_again(
        self, parts: Sequence[ContextPart], excess: int, left_out: frozenset[str]
    ) -> bool:
        """Leave more out, where the policy allows it, and count what is left."""
        self._rounds += 1
        if excess <= 0 or self._rounds >= _ROUNDS:
            return False
        more = self._choose(parts, excess, left_out, self._wanted.overflow)
        if more:
            self.count(left_out | more)
        return bool(more)

    def _falls_out(
        self, parts: Sequence[ContextPart], excess: int, left_out: frozenset[str]
    ) -> tuple[tuple[str, ...], bool]:
        """What would go, and whether the rest fits then."""
        if excess <= 0:
            return (), False
        wished = excess
        if self._wanted.overflow is Overflow.SUMMARISE:
            # For the summary itself, and so that the next question does not need another one.
            wished += self._context_tokens // _SUMMARY_SHARE
        gone = self._choose(parts, wished, left_out, Overflow.OLDEST)
        saved = sum(part.tokens for part in parts if part.message_id in gone)
        return self._in_order(gone), saved >= excess

    def _choose(
        self,
        parts: Sequence[ContextPart],
        excess: int,
        left_out: frozenset[str],
        overflow: Overflow,
    ) -> frozenset[str]:
        return choose_left_out(
            self._wanted.branch,
            parts,
            excess,
            overflow,
            left_out | self._summarised,
            has_draft=self._wanted.draft is not None,
        )

    def _growth(self) -> ContextPrice | None:
        needed = self._whole_tokens + self._room
        return self._budget.growth(needed) if needed > self._context_tokens else None

    def _in_order(self, ids: frozenset[str]) -> tuple[str, ...]:
        return tuple(each.id for each in self._wanted.branch if each.id in ids)
