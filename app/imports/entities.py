"""What a reader of another program's chats finds, before anything of it is kept."""

from dataclasses import dataclass, field

from app.history.entities import Role

AUTO = "auto"
"""Whatever recognises the file."""

SOURCES = ("moestro", "chatgpt", "lmstudio", "jan", "gpt4all", "openwebui", "jsonl")
"""As the terminal calls them; the first is our own JSON."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """What a message carried of one file."""

    name: str
    text: str = ""
    """Its text, if the source keeps any; else only the name is known."""
    picture: bytes = b""
    """A PNG or JPEG instead of text."""


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """One message; ``id`` is unique within its conversation and the same at every reading."""

    id: str
    parent: str | None
    """Of a message that was found before; None begins the conversation."""
    role: Role
    text: str
    reasoning: str = ""
    created_ms: int | None = None
    """Unix milliseconds, UTC."""
    model: str = ""
    """As the source names it."""
    interrupted: bool = False
    files: tuple[FoundFile, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundConversation:
    """One conversation; ``id`` is unique in its source and the same at every reading."""

    source: str
    """The reader's name: "chatgpt"."""
    id: str
    title: str
    messages: tuple[FoundMessage, ...]
    """Parents before children."""
    leaf: str | None
    """The last message of the branch that the source showed."""
    system_prompt: str = ""
    created_ms: int | None = None
    updated_ms: int | None = None
    folder: str = ""
    """Its folder's or project's name in the source."""
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that could not be read: told in the report, never dropped silently.

    Its sentence is filled with ``where`` and ``facts``.
    """

    where: str
    """Which file, conversation or line, as a person would look for it."""
    code: str
    """A sentence of ``app.wording``."""
    facts: dict[str, str | int | float] = field(default_factory=dict)
