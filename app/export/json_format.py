"""JSON: the whole conversation, every branch, so that nothing is lost on the way back."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from app.engine.entities import SamplingParameters
from app.export.base import ExportOptions
from app.history.entities import AnswerDetails, Conversation, Message, MessageState, Role


class ExportedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message; ``sequence`` keeps the order, since ids made within one ms have none."""

    id: str
    parent_id: str | None
    sequence: int
    role: Role
    state: MessageState
    created_ms: int
    text: str
    reasoning: str | msgspec.UnsetType = msgspec.UNSET
    details: AnswerDetails | msgspec.UnsetType | None = msgspec.UNSET


class ExportedConversation(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation with its messages, ordered by id."""

    id: str
    title: str
    system_prompt: str | msgspec.UnsetType = msgspec.UNSET
    sampling: SamplingParameters | None = None
    model_key: str
    leaf_id: str | None
    created_ms: int
    updated_ms: int
    messages: list[ExportedMessage] = []


class ExportedFile(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file; conversations are ordered by id. No time of export: it would differ."""

    format: Literal["moestro"] = "moestro"
    version: Literal[1] = 1
    conversations: list[ExportedConversation] = []


class JsonExporter:
    """One message a line, so that two exports can be compared line by line."""

    name = "json"
    whole_tree = True

    def export(
        self, conversation: Conversation, messages: Sequence[Message], options: ExportOptions
    ) -> str:
        """The text of the file."""
        begin = _head(ExportedFile(), "conversations")
        one = _head(_conversation(conversation, options), "messages")
        lines = ",\n".join(
            _encode(_message(message, options))
            for message in sorted(messages, key=lambda message: message.id)
        )
        return f"{begin}\n{one}\n{lines}\n]}}\n]}}\n"


def _head(value: msgspec.Struct, last: str) -> str:
    """The JSON of ``value`` up to and with the bracket of its last field, an empty list."""
    text = _encode(value)
    end = f'"{last}":[]}}'
    assert text.endswith(end)
    return text[:-2]


def _encode(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()


def _conversation(conversation: Conversation, options: ExportOptions) -> ExportedConversation:
    return ExportedConversation(
        id=conversation.id,
        title=conversation.title,
        system_prompt=conversation.system_prompt if options.system_prompt else msgspec.UNSET,
        sampling=conversation.sampling,
        model_key=conversation.model_key,
        leaf_id=conversation.leaf_id,
        created_ms=conversation.created_ms,
        updated_ms=conversation.updated_ms,
    )


def _message(message: Message, options: ExportOptions) -> ExportedMessage:
    return ExportedMessage(
        id=message.id,
        parent_id=message.parent_id,
        sequence=message.sequence,
        role=message.role,
        state=message.state,
        created_ms=message.created_ms,
        text=message.text,
        reasoning=message.reasoning if options.reasoning else msgspec.UNSET,
        details=message.details if options.details else msgspec.UNSET,
    )
