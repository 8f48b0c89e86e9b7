"""JSON: the whole conversation, every branch, so that nothing is lost on the way back."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from app.engine.entities import SamplingParameters
from app.export.base import ExportOptions
from app.history.entities import (
    AnswerDetails,
    AttachedText,
    AttachedWay,
    Conversation,
    Message,
    MessageState,
    Overflow,
    Role,
    Summary,
)


class ExportedAttachment(msgspec.Struct, frozen=True, kw_only=True):
    """What a message gave the model of one file, and which file that was."""

    id: str
    name: str
    kind: str
    size: int
    sha256: str
    way: AttachedWay
    part: str
    text: str


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
    pinned: bool | msgspec.UnsetType = msgspec.UNSET
    """Absent for a message that may be left out of a full context."""
    attachments: list[ExportedAttachment] | msgspec.UnsetType = msgspec.UNSET


class ExportedSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What stands for the beginning of a branch, up to and including a message."""

    until_id: str
    text: str
    edited: bool
    created_ms: int


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
    overflow: Overflow | msgspec.UnsetType = msgspec.UNSET
    """Absent where the person is asked when the context is full."""
    summaries: list[ExportedSummary] | msgspec.UnsetType = msgspec.UNSET
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
        self,
        conversation: Conversation,
        messages: Sequence[Message],
        options: ExportOptions,
        summaries: Sequence[Summary] = (),
    ) -> str:
        """The text of the file."""
        begin = _head(ExportedFile(), "conversations")
        there = {message.id for message in messages}  # one of a deleted branch is deleted too
        known = [each for each in summaries if each.until_id in there]
        one = _head(_conversation(conversation, options, known), "messages")
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


def _conversation(
    conversation: Conversation, options: ExportOptions, summaries: Sequence[Summary]
) -> ExportedConversation:
    overflow = conversation.overflow
    ordered = sorted(summaries, key=lambda each: each.until_id)
    return ExportedConversation(
        id=conversation.id,
        title=conversation.title,
        system_prompt=conversation.system_prompt if options.system_prompt else msgspec.UNSET,
        sampling=conversation.sampling,
        model_key=conversation.model_key,
        leaf_id=conversation.leaf_id,
        created_ms=conversation.created_ms,
        updated_ms=conversation.updated_ms,
        overflow=msgspec.UNSET if overflow is Overflow.STOP else overflow,
        summaries=[_summary(each) for each in ordered] or msgspec.UNSET,
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
        pinned=message.pinned or msgspec.UNSET,
        attachments=[_attachment(each) for each in message.attachments] or msgspec.UNSET,
    )


def _summary(summary: Summary) -> ExportedSummary:
    return ExportedSummary(
        until_id=summary.until_id,
        text=summary.text,
        edited=summary.edited,
        created_ms=summary.created_ms,
    )


def _attachment(attached: AttachedText) -> ExportedAttachment:
    return ExportedAttachment(
        id=attached.attachment_id,
        name=attached.name,
        kind=attached.kind,
        size=attached.size,
        sha256=attached.sha256,
        way=attached.way,
        part=attached.part,
        text=attached.text,
    )
