"""A conversation as somebody reads it: headings, words and notes, before any format."""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from app.attachments.pictures import is_picture
from app.export.base import ExportOptions, Given
from app.history.entities import AnswerDetails, AttachedText, Message, MessageState, Role
from app.wording import SENTENCES, sentence

Who = Literal["system", "user", "assistant"]


class ReadableFile(msgspec.Struct, frozen=True, kw_only=True):
    """What a message gave the model of one file."""

    label: str
    """Its name and part, for a line of its own."""
    text: str = ""
    """What the model was given; empty when only the name is wanted."""
    picture: str = ""
    """A data URL instead of text."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One message. ``text`` and ``reasoning`` are Markdown, everything else is plain."""

    id: str
    """Empty for the system prompt."""
    who: Who
    heading: str
    """Who wrote it, in words: "You", or the model's name."""
    text: str
    reasoning: str = ""
    written: str = ""
    """When, ISO 8601 in UTC to the minute; empty when it is not wanted."""
    version: str = ""
    """Which of several it is: "version 2 of 3"."""
    files: tuple[ReadableFile, ...] = ()
    notes: tuple[str, ...] = ()
    """What must be known about an answer, then its figures."""


class Readable(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation: the branch, then the beginnings of others if they are wanted."""

    id: str
    title: str
    created: str
    """ISO 8601 in UTC, to the second; empty when no dates are wanted."""
    updated: str
    """The same of the last change."""
    folder: str = ""
    entries: tuple[Entry, ...]
    branches: tuple[tuple[Entry, ...], ...] = ()
    """Each from its fork on, that message first; what is above it stands in ``entries``."""


def readable(given: Given, options: ExportOptions) -> Readable:
    """What a person reads of ``given``. No sentence of it depends on the time of export."""
    conversation = given.conversation
    by_id = {message.id: message for message in given.messages}
    versions = _versions(given.messages)
    shown = [by_id[each] for each in given.branch if each in by_id]
    entries = [_entry(message, options, versions) for message in shown]
    if options.system_prompt and conversation.system_prompt.strip():
        prompt = Entry(
            id="",
            who="system",
            heading=sentence("export.system_prompt"),
            text=conversation.system_prompt,
        )
        entries.insert(0, prompt)
    others = _others(given) if options.branches else []
    return Readable(
        id=conversation.id,
        title=conversation.title or sentence("export.untitled"),
        created=iso_time(conversation.created_ms) if options.dates else "",
        updated=iso_time(conversation.updated_ms) if options.dates else "",
        folder=given.folder.name if given.folder is not None else "",
        entries=tuple(entries),
        branches=tuple(
            tuple(_entry(message, options, versions) for message in branch) for branch in others
        ),
    )


def iso_time(unix_ms: int) -> str:
    """Unix milliseconds as ISO 8601 in UTC."""
    try:
        moment = datetime.fromtimestamp(unix_ms / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        # A clock far out of range was stored; a wrong time is better than no file.
        moment = datetime.fromtimestamp(0, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _versions(messages: Sequence[Message]) -> dict[str, str]:
    """Of every message that is one of several answers to, or wordings of, the same."""
    siblings: dict[str | None, list[Message]] = {}
    for message in messages:
        siblings.setdefault(message.parent_id, []).append(message)
    told: dict[str, str] = {}
    for group in siblings.values():
        if len(group) > 1:
            ordered = sorted(group, key=lambda message: message.sequence)
            for number, message in enumerate(ordered, 1):
                facts = {"number": number, "count": len(ordered)}
                told[message.id] = sentence("export.version", facts)
    return told


def _others(given: Given) -> list[list[Message]]:
    """The other branches, each from where it leaves what came before, in the order of forks."""
    children: dict[str | None, list[Message]] = {}
    for message in sorted(given.messages, key=lambda message: message.sequence):
        children.setdefault(message.parent_id, []).append(message)
    seen = set(given.branch)
    found: list[list[Message]] = []
    # Every fork begins a branch that follows first children; its own forks wait their turn.
    waiting = sorted(given.messages, key=lambda message: message.sequence)
    for message in waiting:
        if message.id in seen:
            continue
        branch: list[Message] = []
        at: Message | None = message
        while at is not None:
            seen.add(at.id)
            branch.append(at)
            at = next((each for each in children.get(at.id, ()) if each.id not in seen), None)
        found.append(branch)
    return found


def _entry(message: Message, options: ExportOptions, versions: dict[str, str]) -> Entry:
    return Entry(
        id=message.id,
        who="user" if message.role is Role.USER else "assistant",
        heading=_heading(message),
        text=message.text,
        reasoning=message.reasoning if options.reasoning else "",
        written=iso_time(message.created_ms)[:16] + "Z" if options.dates else "",
        version=versions.get(message.id, "") if options.branches else "",
        files=tuple(_file(each, options) for each in message.attachments),
        notes=tuple(_notes(message, options)),
    )


def _heading(message: Message) -> str:
    if message.role is Role.USER:
        return sentence("export.user")
    name = message.details.model_name if message.details else ""
    return name or sentence("export.assistant")


def _file(attached: AttachedText, options: ExportOptions) -> ReadableFile:
    code = "export.attached_part" if attached.part else "export.attached"
    label = sentence(code, {"name": attached.name, "part": attached.part})
    if not options.attachments:
        return ReadableFile(label=label)
    if is_picture(attached):
        return ReadableFile(label=label, picture=attached.text)
    return ReadableFile(label=label, text=attached.text)


def _notes(message: Message, options: ExportOptions) -> Iterator[str]:
    if message.state in (MessageState.INTERRUPTED, MessageState.STREAMING):
        yield sentence("export.interrupted")
    details = message.details
    if details is None:
        return
    if details.failure in SENTENCES:
        # Another version may have stored other facts than its sentence names today.
        with contextlib.suppress(KeyError, ValueError):
            yield sentence(details.failure, details.failure_facts)
    if options.statistics and (figures := _figures(details)):
        yield figures


def _figures(details: AnswerDetails) -> str:
    parts = [details.model_name, details.quantization]
    if details.is_demo:
        parts.append(sentence("export.demo"))
    if details.timings is not None:
        timings = details.timings
        parts.append(sentence("export.tokens", {"count": timings.generated_tokens}))
        parts.append(sentence("export.speed", {"speed": timings.tokens_per_second}))
    if details.sampling is not None:
        sampling = details.sampling
        parts.append(sentence("export.temperature", {"value": sampling.temperature}))
        if sampling.seed is not None:
            parts.append(sentence("export.seed", {"seed": sampling.seed}))
    return " · ".join(part for part in parts if part)
