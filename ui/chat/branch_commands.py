"""What a person asks for at a message of the tree; whoever keeps the history does it."""

from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """What shall happen."""

    SHOW = "show"
    """Show the branch through this message."""
    SEND_EDITED = "send_edited"
    """Send ``text`` beside this question."""
    KEEP_EDITED = "keep_edited"
    """Keep ``text`` beside this answer."""
    GO_ON_EDITED = "go_on_edited"
    """Keep it, and let the model write it on."""
    TRY_AGAIN = "try_again"
    """Answer anew, beside this answer or below this question."""
    CONTINUE = "continue"
    FORK = "fork"
    """Copy everything up to this message into a new conversation."""
    PIN = "pin"
    UNPIN = "unpin"
    DELETE = "delete"
    """With all that follows."""
    DELETE_ALONE = "delete_alone"


@dataclass(frozen=True, slots=True)
class Command:
    """A verb and the message it is for."""

    verb: Verb
    message_id: str
    text: str = ""
    model_key: str = ""
    """Of another model that shall answer; empty for the conversation's own."""
    warmer: float = 0.0
    """How much the temperature is raised for this one answer."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Another model that could answer."""

    key: str
    name: str
