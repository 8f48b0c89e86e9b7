"""One turn's state: what was asked, what has arrived, when it was last written down."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

import msgspec

from app.engine.entities import Plan, SamplingParameters, StopReason, Timings
from app.history.entities import AnswerDetails, Conversation, Message, MessageState
from models.errors import KnownError


class Phase(StrEnum):
    """Where a turn is."""

    STORING = "storing"
    LOADING = "loading"
    COUNTING = "counting"
    """The model is loaded; its tokenizer tells whether the prompt fits."""
    SUMMARISING = "summarising"
    """It does not, and the model writes a summary of what falls out."""
    GENERATING = "generating"
    FINISHING = "finishing"


@dataclass(slots=True)
class Turn:
    """The one turn that is under way."""

    conversation: Conversation
    user: Message | None
    answer: Message
    sampling: SamplingParameters
    model_name: str
    phase: Phase = Phase.STORING
    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    cancel: Callable[[], None] | None = None
    stop_wanted: bool = False
    unsaved: bool = False
    trouble_told: bool = False
    prompt_tokens: int = 0
    tokens: int = 0
    """Generated so far."""
    context_used: int = 0
    written: Message | None = None
    """The answer that stopped and is written on, as it was before."""
    left_out: int = 0
    grown: bool = False
    """The model was loaded again with a longer window for this turn."""
    summarised: bool = False
    """A summary was asked for in this turn."""

    @property
    def resume(self) -> bool:
        """Whether an answer that stopped is written on: it has words already."""
        return self.written is not None

    def planned(self, plan: Plan | None) -> None:
        """Note by which plan the model was really loaded."""
        if self.answer.details is not None:
            details = msgspec.structs.replace(self.answer.details, plan=plan)
            self.answer = replace(self.answer, details=details)

    def add(self, text: str, reasoning: str, tokens: int) -> None:
        """Take in what arrived."""
        if text:
            self.text.append(text)
        if reasoning:
            self.reasoning.append(reasoning)
        self.tokens = tokens
        self.unsaved = True

    def snapshot(self) -> tuple[str, str]:
        """Text and reasoning so far; joins the pieces once."""
        self.text = ["".join(self.text)]
        self.reasoning = ["".join(self.reasoning)] if self.reasoning else []
        return self.text[0], "".join(self.reasoning)

    def ended(
        self,
        stop_reason: StopReason,
        timings: Timings | None,
        seed: int | None,
        failure: KnownError | None,
    ) -> Message:
        """The answer as it shall be stored."""
        text, reasoning = self.snapshot()
        before = self.written
        if before is not None and (text, reasoning) == (before.text, before.reasoning):
            return self._as_it_was(before, failure)
        details = self.answer.details or AnswerDetails(model_key="", model_name=self.model_name)
        sampling = self.sampling
        if seed is not None:
            sampling = _with_seed(sampling, seed)
        details = _finished_details(details, sampling, stop_reason, timings, failure)
        details = msgspec.structs.replace(details, left_out=self.left_out)
        return replace(
            self.answer,
            text=text,
            reasoning=reasoning,
            state=_state(failure, text, reasoning),
            details=details,
        )

    def _as_it_was(self, before: Message, failure: KnownError | None) -> Message:
        """Nothing was added to an answer: what is known about its words stays true."""
        details, state = before.details, before.state
        if failure is not None:
            state = _state(failure, before.text, before.reasoning)
            if details is not None:
                details = msgspec.structs.replace(
                    details, failure=failure.code, failure_facts=dict(failure.facts)
                )
        return replace(self.answer, state=state, details=details)


def _state(failure: KnownError | None, text: str, reasoning: str) -> MessageState:
    if failure is None:
        return MessageState.COMPLETE
    return MessageState.INTERRUPTED if text or reasoning else MessageState.FAILED


def _with_seed(sampling: SamplingParameters, seed: int) -> SamplingParameters:
    return msgspec.structs.replace(sampling, seed=seed)


def _finished_details(
    details: AnswerDetails,
    sampling: SamplingParameters,
    stop_reason: StopReason,
    timings: Timings | None,
    failure: KnownError | None,
) -> AnswerDetails:
    return AnswerDetails(
        model_key=details.model_key,
        model_name=details.model_name,
        quantization=details.quantization,
        is_demo=details.is_demo,
        plan=details.plan,
        sampling=sampling,
        stop_reason=stop_reason,
        timings=timings,
        failure=failure.code if failure else "",
        failure_facts=dict(failure.facts) if failure else {},
        edited=details.edited,
    )
