"""The context window as a budget: what is in a prompt, what does not fit, what could be done."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.chat.prompting import ComposedPrompt, PartKind, exchanges
from app.history.entities import Message, Overflow
from app.placement.entities import ContextPrice, Placement

_ROOM = 512
"""Tokens that an answer is left at least, where the window is not very short."""


@dataclass(frozen=True, slots=True)
class ContextPart:
    """One piece of the prompt and its tokens."""

    kind: PartKind
    message_id: str
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextReport:
    """What a prompt would take, counted by the model's own tokenizer and template."""

    context_tokens: int
    prompt_tokens: int
    """Of what would be sent, exactly."""
    whole_tokens: int
    """If nothing were left out."""
    parts: tuple[ContextPart, ...]
    """Of what would be sent, in order."""
    format_tokens: int
    """What the chat template adds around the parts."""
    room: int
    """Tokens kept for the answer."""
    overflow: Overflow
    left_out: tuple[str, ...] = ()
    """Messages that the model would not be given."""
    summarised: tuple[str, ...] = ()
    """Those for which a summary stands."""
    falls_out: tuple[str, ...] = ()
    """Where it does not fit: those that leaving out the oldest, or a summary, would take."""
    falls_out_helps: bool = False
    """Whether the prompt would fit without ``falls_out``: all else may be pinned or too long."""
    to_read: int = 0
    """Tokens that the engine has not read yet."""
    read_seconds: float | None = None
    """How long that takes, about; None when no speed is known."""
    growth: ContextPrice | None = None
    """The shortest window that holds all of it, with its price; None when there is none."""
    exact: bool = True
    """False for a text that is far too long to be counted to its end."""

    @property
    def fits(self) -> bool:
        """Whether the prompt may be sent."""
        return self.exact and self.prompt_tokens + self.room <= self.context_tokens

    @property
    def needed_tokens(self) -> int:
        """The window that all of it would need."""
        return self.whole_tokens + self.room

    def tokens_of(self, kind: PartKind) -> int:
        """Tokens of all parts of one kind."""
        return sum(part.tokens for part in self.parts if part.kind == kind)


def room_for_answer(context_tokens: int, max_tokens: int | None) -> int:
    """Tokens to keep for the answer: its longest length, up to half of the window."""
    if max_tokens is not None:
        return max(1, min(max_tokens, context_tokens // 2))
    return max(1, min(_ROOM, context_tokens // 8))


def parts_of(composed: ComposedPrompt, counted: Sequence[Sequence[int]]) -> tuple[ContextPart, ...]:
    """The pieces of a prompt with their tokens."""
    return tuple(
        ContextPart(origin.kind, origin.message_id, tokens)
        for origins, numbers in zip(composed.origins, counted, strict=True)
        for origin, tokens in zip(origins, numbers, strict=True)
    )


def guessed_parts(composed: ComposedPrompt, tokens: int) -> tuple[ContextPart, ...]:
    """The pieces of a prompt that is too long to be counted, of about ``tokens`` by length."""
    whole = max(1, sum(sum(lengths) for lengths in composed.lengths))
    guessed = [[length * tokens // whole for length in lengths] for lengths in composed.lengths]
    return parts_of(composed, guessed)


def choose_left_out(
    branch: Sequence[Message],
    parts: Sequence[ContextPart],
    excess: int,
    overflow: Overflow,
    already: frozenset[str],
    *,
    has_draft: bool,
) -> frozenset[str]:
    """Which messages to leave out beside ``already`` so that ``excess`` tokens are saved, or more.

    Whole exchanges go, never a pinned one, and never the last question. Returns fewer than
    needed, or nothing more, when no more may go.
    """
    if overflow not in (Overflow.OLDEST, Overflow.MIDDLE):
        return frozenset()
    tokens: dict[str, int] = {}
    for part in parts:
        tokens[part.message_id] = tokens.get(part.message_id, 0) + part.tokens
    groups = exchanges(branch)
    if not has_draft:
        groups = groups[:-1]
    if overflow is Overflow.MIDDLE:
        groups = groups[1:]
    chosen: set[str] = set()
    saved = 0
    for group in groups:
        if saved >= excess:
            break
        ids = {message.id for message in group}
        if ids <= already or any(message.pinned for message in group):
            continue
        chosen |= ids - already
        saved += sum(tokens.get(each, 0) for each in ids - already)
    return frozenset(chosen)


def shortest_longer(placement: Placement | None, needed_tokens: int) -> ContextPrice | None:
    """The shortest window that holds ``needed_tokens`` and can be loaded, with its price."""
    prices = () if placement is None else placement.prices
    fitting = [
        price
        for price in prices
        if price.context_tokens >= needed_tokens and price.verdict != "too_large"
    ]
    return min(fitting, key=lambda price: price.context_tokens, default=None)
