"""What the transcript knows about one message, whether a widget shows it or not."""

from dataclasses import dataclass, replace
from enum import StrEnum

from app.history.entities import Message, MessageState, Role, Siblings
from ui.chat.phases import Notice, Phase


class Given(StrEnum):
    """How much of a message the model would be given with the next question."""

    WHOLE = "whole"
    LEFT_OUT = "left_out"
    SUMMARISED = "summarised"
    """A summary stands for it."""


@dataclass(slots=True)
class MessageItem:
    """A message with what is live about it."""

    message: Message
    number: int = 0
    """Its place in the conversation, counted from 0."""
    phase: Phase | None = None
    notice: Notice | None = None
    tokens: int = 0
    seconds: float = 0.0
    """Since the first token."""
    thought_tokens: int = 0
    thought_seconds: float = 0.0
    shows_name: bool = False
    """The model is another one than that of the answer before."""
    is_last: bool = False
    """The newest message, and an answer."""
    is_end: bool = False
    """Nothing follows it here."""
    siblings: Siblings | None = None
    """Where it stands among the versions of it; None while that is not known."""
    given: Given = Given.WHOLE
    editing: str | None = None
    """What is written in its place right now; None when it is not being edited."""
    edit_cost: str = ""
    """What sending the edited words would make the model read again, in words."""
    thinking_unfolded: bool = False
    """The reader unfolded the thinking; kept here because widgets come and go."""
    details_shown: bool = False
    shows_source: bool = False
    """Shown as the plain text it is, not as what its Markdown means."""
    top: int = 0
    height: int = 0
    measured: bool = False
    """``height`` was laid out at the present width, not estimated."""

    @property
    def bottom(self) -> int:
        """The first pixel below it."""
        return self.top + self.height

    @property
    def is_user(self) -> bool:
        """Written by the user."""
        return self.message.role is Role.USER

    @property
    def can_go_on(self) -> bool:
        """An answer with words that stopped before the model had finished."""
        if self.is_user or self.is_live or not self.message.text:
            return False
        details = self.message.details
        reason = details.stop_reason if details else None
        return self.message.state is MessageState.INTERRUPTED or reason in ("cancelled", "length")

    @property
    def is_live(self) -> bool:
        """Tokens may still arrive."""
        return self.message.state is MessageState.STREAMING

    def grow(self, text: str, reasoning: str, tokens: int, seconds: float) -> None:
        """Take over tokens that arrived; counts are totals so far."""
        self.phase = None
        self.tokens, self.seconds = tokens, seconds
        if not self.message.text and not text:
            self.thought_tokens, self.thought_seconds = tokens, seconds
        self.message = replace(
            self.message,
            text=self.message.text + text,
            reasoning=self.message.reasoning + reasoning,
        )

    def finish(self, message: Message) -> None:
        """The answer as it is stored."""
        self.message = message
        self.phase = None
        timings = message.details.timings if message.details else None
        if timings and timings.reasoning_tokens:
            self.thought_tokens = timings.reasoning_tokens
            self.thought_seconds = timings.reasoning_seconds

    def thought(self) -> tuple[float, int]:
        """Seconds and tokens of thinking, zeros when unknown."""
        details = self.message.details
        timings = details.timings if details else None
        if timings and timings.reasoning_tokens:
            return timings.reasoning_seconds, timings.reasoning_tokens
        return self.thought_seconds, self.thought_tokens
