"""Conversations and messages as every room sees them."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from app.engine.entities import Plan, SamplingParameters, StopReason, Timings


class Role(StrEnum):
    """Who wrote a message."""

    USER = "user"
    ASSISTANT = "assistant"


class MessageState(StrEnum):
    """What became of a message."""

    COMPLETE = "complete"
    STREAMING = "streaming"
    """An answer is being written; found at a start it becomes INTERRUPTED."""
    INTERRUPTED = "interrupted"
    """Stopped by a crash or a kill; what arrived is kept."""
    FAILED = "failed"
    """Nothing could be generated; ``failure`` says why."""


class Overflow(StrEnum):
    """What a conversation does when its prompt outgrows the context window."""

    STOP = "stop"
    """Generate nothing and ask."""
    GROW = "grow"
    """Load the model again with a longer window."""
    OLDEST = "oldest"
    """Leave out the oldest exchanges."""
    MIDDLE = "middle"
    """Keep the first exchange and leave out those after it."""
    SUMMARISE = "summarise"
    """Put a summary in the place of the oldest exchanges."""


class AnswerDetails(msgspec.Struct, frozen=True, kw_only=True):
    """How an answer came about; stored as JSON with it."""

    model_key: str
    model_name: str
    quantization: str = ""
    is_demo: bool = False
    plan: Plan | None = None
    sampling: SamplingParameters | None = None
    stop_reason: StopReason | None = None
    timings: Timings | None = None
    failure: str = ""
    """Sentence id of ``app.wording`` when the answer was interrupted or failed."""
    failure_facts: dict[str, str | int | float] = {}
    edited: bool = False
    """Whether a person changed the model's words."""
    left_out: int = 0
    """Earlier messages that the model was not given, or only as a summary."""


class AttachedWay(StrEnum):
    """How much of a file a message gives the model."""

    WHOLE = "whole"
    PASSAGES = "passages"
    """What is relevant to the question."""
    PART = "part"


@dataclass(frozen=True, slots=True)
class AttachedText:
    """What a message gives the model of one file; not the file itself."""

    attachment_id: str
    name: str
    """Of the file, as it may be shown."""
    kind: str
    """``app.attachments.entities.Kind``."""
    size: int
    """Bytes of the file."""
    sha256: str
    """Of the file."""
    way: AttachedWay
    part: str
    """What part it is, in words: "pages 3–5"; empty for the whole."""
    text: str
    """Exactly what the model is given."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation's tree. ``sequence`` orders, ``created_ms`` only tells."""

    id: str
    conversation_id: str
    parent_id: str | None
    role: Role
    text: str
    reasoning: str = ""
    state: MessageState = MessageState.COMPLETE
    created_ms: int = 0
    """Unix milliseconds, UTC."""
    sequence: int = 0
    details: AnswerDetails | None = None
    repair_note: str = ""
    """Sentence id of ``app.wording`` when a part of the stored row could not be read."""
    pinned: bool = False
    """Whether it always stays in the prompt."""
    attachments: tuple[AttachedText, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation; ``leaf_id`` is the last message of the branch that is shown."""

    id: str
    title: str
    """Empty until it has one; the window then shows "New chat"."""
    system_prompt: str = ""
    sampling: SamplingParameters | None = None
    """None follows the settings."""
    model_key: str = ""
    leaf_id: str | None = None
    created_ms: int = 0
    updated_ms: int = 0
    sequence: int = 0
    """Of its last activity, over all conversations; orders the sidebar."""
    trashed_ms: int | None = None
    overflow: Overflow = Overflow.STOP
    temporary: bool = False
    """It is in memory alone: nothing of it is ever written to the disk."""


@dataclass(frozen=True, slots=True)
class Siblings:
    """Where a message stands among those with the same parent, oldest first."""

    ids: tuple[str, ...]
    position: int
    """Of the message, from 0."""


@dataclass(frozen=True, slots=True)
class TrashedBranch:
    """What one deletion took out of a conversation."""

    message: Message
    """The one that was deleted."""
    count: int
    """Messages that went with it, itself included."""
    trashed_ms: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What stands for the beginning of a branch, up to and including ``until_id``."""

    until_id: str
    conversation_id: str
    text: str
    edited: bool = False
    """Whether a person changed the model's words."""
    created_ms: int = 0


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """What waits to be sent when the answer under way is complete."""

    id: str
    conversation_id: str
    text: str
    attachments: tuple[AttachedText, ...] = ()
