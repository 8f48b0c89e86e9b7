"""What a turn tells its listeners, on the state thread."""

from dataclasses import dataclass

from app.chat.context import ContextReport
from app.history.entities import Conversation, Message, Summary
from models.errors import KnownError


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """The question is on disk. ``user`` is None when an answer is tried again or written on."""

    conversation: Conversation
    user: Message | None
    answer: Message


@dataclass(frozen=True, slots=True)
class TurnRefused:
    """Nothing was stored: the text belongs back into the composer."""

    conversation: Conversation
    text: str
    code: str
    facts: dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class TurnLoading:
    """The model is being loaded; ``fraction`` between 0 and 1."""

    answer_id: str
    model_name: str
    fraction: float


@dataclass(frozen=True, slots=True)
class TurnCounted:
    """The prompt fits and is about to be read; ``report`` tells what the model is given."""

    answer_id: str
    report: ContextReport


@dataclass(frozen=True, slots=True)
class TurnOverfull:
    """The prompt does not fit: nothing is generated, and the turn ends with chat.context_full.

    The question is kept. ``report`` tells what each choice would mean.
    """

    answer_id: str
    report: ContextReport


@dataclass(frozen=True, slots=True)
class TurnSummarising:
    """The model is asked for a summary of what falls out; ``text`` is what it has written."""

    answer_id: str
    text: str


@dataclass(frozen=True, slots=True)
class TurnSummarised:
    """The summary is kept and stands for its messages from now on; the turn goes on."""

    answer_id: str
    summary: Summary


@dataclass(frozen=True, slots=True)
class TurnReading:
    """The prompt is being read: ``done`` of ``total`` tokens, ``reused`` need no reading."""

    answer_id: str
    done: int
    total: int
    reused: int
    seconds: float


@dataclass(frozen=True, slots=True)
class TurnText:
    """Text that was added to the answer."""

    answer_id: str
    text: str
    reasoning: str
    tokens: int


@dataclass(frozen=True, slots=True)
class TurnStopping:
    """Stop was asked for and has not happened yet."""

    answer_id: str


@dataclass(frozen=True, slots=True)
class TurnNotSaved:
    """The disk would not take what arrived; told once, and tried again."""

    answer_id: str
    code: str
    facts: dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The answer as it is stored. ``context_used`` counts tokens, 0 when unknown."""

    message: Message
    context_used: int = 0
    stored: bool = True
    """False when the disk would not take it; the text is still in ``message``."""
    failure: KnownError | None = None
    """Why it is not whole, with its exit code."""


TurnEvent = (
    TurnStarted
    | TurnRefused
    | TurnLoading
    | TurnCounted
    | TurnOverfull
    | TurnSummarising
    | TurnSummarised
    | TurnReading
    | TurnText
    | TurnStopping
    | TurnNotSaved
    | TurnEnded
)
