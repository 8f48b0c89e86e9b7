"""What a search asks for and what it finds."""

from dataclasses import dataclass
from enum import StrEnum

from app.history.entities import Role


class HitKind(StrEnum):
    """Where the words are."""

    TITLE = "title"
    TEXT = "text"
    REASONING = "reasoning"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class Filters:
    """What is left out of a search; nothing by default."""

    models: tuple[str, ...] = ()
    """Model keys; none: of every model."""
    since_ms: int | None = None
    """Unix milliseconds."""
    until_ms: int | None = None
    """Unix milliseconds, not included."""
    folder_id: str | None = None
    """None: everywhere; empty: conversations without a folder."""
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text and what to show strongly in it."""

    text: str
    places: tuple[tuple[int, int], ...] = ()
    """(start, end) in characters, ordered, never overlapping."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where the words were found."""

    kind: HitKind
    conversation_id: str
    message_id: str | None
    """None for a title."""
    role: Role | None
    """None for a title."""
    created_ms: int
    snippet: Snippet
    name: str = ""
    """Of the file, for an attachment."""


@dataclass(frozen=True, slots=True)
class FoundConversation:
    """A conversation with its best hits, the best first."""

    conversation_id: str
    title: Snippet
    folder_id: str | None
    updated_ms: int
    hits: tuple[Hit, ...]
    count: int
    """Hits that were looked at, those shown included."""


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to one search, the best conversation first."""

    text: str
    """What was asked."""
    conversations: tuple[FoundConversation, ...] = ()
    is_complete: bool = True
    """False: there is more than is listed; of very common words the newest were ranked."""
    waiting: int = 0
    """Texts that are not in the index yet."""
