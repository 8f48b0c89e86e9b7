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
