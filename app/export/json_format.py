"""JSON: everything of every branch, so that nothing is lost on the way back.

``docs/json-format.md`` describes it. One message a line, so that two exports can be compared.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal

import msgspec

from app.attachments.entities import Attachment, Section
from app.engine.entities import SamplingParameters
from app.export.base import ExportOptions, Given, Sink
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
from models.errors import KnownError

Number = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""What every reader of JSON takes, and what a database's column holds."""

Text = str | msgspec.UnsetType
MOST_SECTIONS = 100_000


class ExportedFolder(msgspec.Struct, frozen=True, kw_only=True):
    """Where a conversation lies."""

    id: str
    name: str
    created_ms: Number = 0


class ExportedFile(msgspec.Struct, frozen=True, kw_only=True):
    """The whole text of a file that messages of the conversation carry, once."""

    id: str
    name: str
    kind: str
    size: Number
    sha256: str
    created_ms: Number = 0
    sections: list[Section] = []
    text: str


class ExportedAttachment(msgspec.Struct, frozen=True, kw_only=True):
    """What a message gave the model of one file.

    The file itself is in ``attachments`` of the conversation; a message that says its name and
    the rest needs none there. Without ``text`` all of the file was given.
    """

    id: str
    name: Text = msgspec.UNSET
    kind: Text = msgspec.UNSET
    size: Number | msgspec.UnsetType = msgspec.UNSET
    sha256: Text = msgspec.UNSET
    way: AttachedWay
    part: str
    text: Text = msgspec.UNSET


class ExportedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message; ``sequence`` keeps the order, since ids made within one ms have none."""

    id: str
    parent_id: str | None
    sequence: Number
    shown: Number | msgspec.UnsetType = msgspec.UNSET
    role: Role
    state: MessageState
    created_ms: Number | msgspec.UnsetType = msgspec.UNSET
    text: str
    reasoning: Text = msgspec.UNSET
    details: AnswerDetails | msgspec.UnsetType | None = msgspec.UNSET
    pinned: bool | msgspec.UnsetType = msgspec.UNSET
    """Absent for a message that may be left out of a full context."""
    attachments: list[ExportedAttachment] | msgspec.UnsetType = msgspec.UNSET


class ExportedSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What stands for the beginning of a branch, up to and including a message."""

    until_id: str
    text: str
    edited: bool
    created_ms: Number


class ExportedHead(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation before its files and its messages."""

    id: str
    title: str
    folder: ExportedFolder | msgspec.UnsetType = msgspec.UNSET
    pinned: bool | msgspec.UnsetType = msgspec.UNSET
    system_prompt: Text = msgspec.UNSET
    sampling: SamplingParameters | None = None
    model_key: str
    leaf_id: str | None
    created_ms: Number
    updated_ms: Number
    sequence: Number | msgspec.UnsetType = msgspec.UNSET
    """Of its last activity among all conversations."""
    overflow: Overflow | msgspec.UnsetType = msgspec.UNSET
    """Absent where the person is asked when the context is full."""
    summaries: list[ExportedSummary] | msgspec.UnsetType = msgspec.UNSET


class ExportedConversation(ExportedHead, frozen=True, kw_only=True):
    """One conversation with its files and messages, each ordered by id."""

    attachments: list[ExportedFile] | msgspec.UnsetType = msgspec.UNSET
    messages: list[ExportedMessage] = []


class ExportedChats(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file; conversations are ordered by id. No time of export: it would differ."""

    format: Literal["moestro"] = "moestro"
    version: Literal[1] = 1
    conversations: list[ExportedConversation] = []


class JsonFormat:
    """Streams one conversation after the other, one message or file a line."""

    name = "json"
    ending = "json"
    together = True
    keeps_trees = True

    def write(self, given: Iterable[Given], options: ExportOptions, sink: Sink) -> None:
        """Write the file. Raises ExportError."""
        sink.write(_encode(ExportedChats())[: -len(b"]}")] + b"\n")
        gap = b""
        for each in given:
            sink.write(gap)
            _write_conversation(each, options, sink)
            gap = b",\n"
        sink.write(b"\n]}\n")


def _write_conversation(given: Given, options: ExportOptions, sink: Sink) -> None:
    sink.write(_encode(_head(given, options))[: -len(b"}")])
    whole: dict[str, bytes] = {}
    if options.attachments and given.file is not None:
        for exported in _files(given):
            sink.write(b',"attachments":[\n' if not whole else b",\n")
            whole[exported.id] = _digest(exported.text)
            sink.write(_encode(exported))
            sink.step()
        if whole:
            sink.write(b"\n]")
    sink.write(b',"messages":[\n')
    gap = b""
    for message in sorted(given.messages, key=lambda each: each.id):
        exported_message = _message(message, options, given.shown.get(message.id, 0), whole)
        sink.write(gap + _encode(exported_message))
        sink.step(1)
        gap = b",\n"
    sink.write(b"\n]}")


def _encode(value: msgspec.Struct) -> bytes:
    return msgspec.json.encode(value)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def _head(given: Given, options: ExportOptions) -> ExportedHead:
    conversation: Conversation = given.conversation
    there = {message.id for message in given.messages}  # one of a deleted branch is deleted too
    known = sorted(
        (each for each in given.summaries if each.until_id in there),
        key=lambda each: each.until_id,
    )
    folder = given.folder
    return ExportedHead(
        id=conversation.id,
        title=conversation.title,
        folder=msgspec.UNSET
        if folder is None
        else ExportedFolder(id=folder.id, name=folder.name, created_ms=folder.created_ms),
        pinned=given.pinned or msgspec.UNSET,
        system_prompt=conversation.system_prompt if options.system_prompt else msgspec.UNSET,
        sampling=conversation.sampling,
        model_key=conversation.model_key,
        leaf_id=conversation.leaf_id,
        created_ms=conversation.created_ms,
        updated_ms=conversation.updated_ms,
        sequence=conversation.sequence or msgspec.UNSET,
        overflow=(
            msgspec.UNSET if conversation.overflow is Overflow.STOP else conversation.overflow
        ),
        summaries=[_summary(each) for each in known] or msgspec.UNSET,
    )


def _files(given: Given) -> Iterator[ExportedFile]:
    """Every file that messages carry, by id, one in memory at a time."""
    assert given.file is not None
    ids = {each.attachment_id for message in given.messages for each in message.attachments}
    for each in sorted(ids):
        try:
            attachment = given.file(each)
        except KnownError:
            # Gone meanwhile: the message then says itself what it was given.
            continue
        yield _file(attachment)


def _file(attachment: Attachment) -> ExportedFile:
    return ExportedFile(
        id=attachment.id,
        name=attachment.name,
        kind=attachment.kind.value,
        size=attachment.size,
        sha256=attachment.sha256,
        created_ms=attachment.created_ms,
        sections=list(attachment.sections),
        text=attachment.text,
    )


def _message(
    message: Message, options: ExportOptions, shown: int, whole: dict[str, bytes]
) -> ExportedMessage:
    # What is being written now is cut off in the file.
    is_cut = message.state is MessageState.STREAMING
    return ExportedMessage(
        id=message.id,
        parent_id=message.parent_id,
        sequence=message.sequence,
        shown=shown or msgspec.UNSET,
        role=message.role,
        state=MessageState.INTERRUPTED if is_cut else message.state,
        created_ms=message.created_ms if options.dates else msgspec.UNSET,
        text=message.text,
        reasoning=message.reasoning if options.reasoning else msgspec.UNSET,
        details=message.details if options.statistics else msgspec.UNSET,
        pinned=message.pinned or msgspec.UNSET,
        attachments=_attachments(message.attachments, options, whole) or msgspec.UNSET,
    )


def _attachments(
    carried: Sequence[AttachedText], options: ExportOptions, whole: dict[str, bytes]
) -> list[ExportedAttachment]:
    found = []
    for each in carried:
        known = whole.get(each.attachment_id)
        is_all = each.way is AttachedWay.WHOLE and known == _digest(each.text)
        has_text = options.attachments and not is_all
        found.append(
            ExportedAttachment(
                id=each.attachment_id,
                name=each.name if known is None else msgspec.UNSET,
                kind=each.kind if known is None else msgspec.UNSET,
                size=each.size if known is None else msgspec.UNSET,
                sha256=each.sha256 if known is None else msgspec.UNSET,
                way=each.way,
                part=each.part,
                text=each.text if has_text else msgspec.UNSET,
            )
        )
    return found


def _summary(summary: Summary) -> ExportedSummary:
    return ExportedSummary(
        until_id=summary.until_id,
        text=summary.text,
        edited=summary.edited,
        created_ms=summary.created_ms,
    )
