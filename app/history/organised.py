"""Folders, the list of conversations, and what was deleted."""

from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """In what order conversations are listed."""

    RECENT = "recent"
    """The last one used first."""
    TITLE = "title"
    CREATED = "created"
    """The newest first."""


class DeletedKind(StrEnum):
    """What can be in the trash."""

    CONVERSATION = "conversation"
    FOLDER = "folder"
    MESSAGE = "message"
    """With all below it that went along."""
    PRESET = "preset"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of conversations; there is none inside another.

    So nothing can form a circle, what is deleted together comes back together, and a list as
    narrow as the sidebar needs no second indentation.
    """

    id: str
    name: str
    created_ms: int
    count: int
    """Of conversations in it, outside the trash."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation as a list of thousands has it."""

    id: str
    title: str
    """Empty until it has one."""
    folder_id: str | None
    """None also while its folder lies in the trash."""
    pinned: bool
    model_key: str
    created_ms: int
    updated_ms: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Deleted:
    """One deletion that can be undone."""

    kind: DeletedKind
    id: str
    name: str
    """Its title or name; of a message, how it begins."""
    count: int
    """Conversations that went with a folder, messages that went with a message; else 1."""
    deleted_ms: int
    until_ms: int
    """When it is erased by itself, Unix milliseconds."""
    conversation_id: str | None = None
    """Of a message, where it was."""


@dataclass(frozen=True, slots=True)
class Emptied:
    """What was erased for good."""

    conversations: int = 0
    messages: int = 0
    """Also those of the conversations."""
    folders: int = 0
    presets: int = 0
    """Prompts of the library too."""
    freed_bytes: int = 0
    """In the file of the history, where they are used again."""
