"""Markdown: the branch that is shown, for reading; every message's own text byte for byte."""

import contextlib
import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from app.export.base import ExportOptions
from app.export.commonmark import closing
from app.history.entities import (
    AnswerDetails,
    AttachedText,
    Conversation,
    Message,
    MessageState,
    Role,
    Summary,
)
from app.wording import SENTENCES, sentence

_LINES = re.compile(r"(\r\n|\r|\n)")
_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")


class MarkdownExporter:
    """Front matter, a heading per message, reasoning as a quotation above its answer."""

    name = "md"
    whole_tree = False

    def export(
        self,
        conversation: Conversation,
        messages: Sequence[Message],
        options: ExportOptions,
        summaries: Sequence[Summary] = (),  # noqa: ARG002 - the messages themselves are here
    ) -> str:
        """The text of the file, in CommonMark."""
        return "\n".join(_lines(conversation, messages, options)) + "\n"


def _lines(
    conversation: Conversation, messages: Sequence[Message], options: ExportOptions
) -> Iterator[str]:
    title = conversation.title or sentence("export.untitled")
    # A JSON string is a YAML string as well, whatever the title holds.
    yield "---"
    yield f"title: {json.dumps(title)}"
    yield f"conversation: {json.dumps(conversation.id)}"
    yield f"created: {_time(conversation.created_ms)}"
    yield f"updated: {_time(conversation.updated_ms)}"
    yield "---"
    yield ""
    yield f"# {_inline(title)}"
    if options.system_prompt and conversation.system_prompt.strip():
        yield ""
        yield f"## {sentence('export.system_prompt')}"
        yield ""
        yield _whole(conversation.system_prompt)
    for message in messages:
        yield ""
        yield f"## {_heading(message)}"
        if options.reasoning and message.reasoning.strip():
            yield ""
            yield _quoted(f"**{sentence('export.reasoning')}**\n\n{message.reasoning}")
        for attached in message.attachments:
            yield ""
            yield f"*{_inline(_named(attached))}*"
        if message.text:
            yield ""
            yield _whole(message.text)
        for note in _notes(message, options):
            yield ""
            yield f"*{_inline(note)}*"


def _heading(message: Message) -> str:
    if message.role is Role.USER:
        return sentence("export.user")
    name = message.details.model_name if message.details else ""
    return _inline(name) or sentence("export.assistant")


def _named(attached: AttachedText) -> str:
    code = "export.attached_part" if attached.part else "export.attached"
    return sentence(code, {"name": attached.name, "part": attached.part})


def _notes(message: Message, options: ExportOptions) -> Iterator[str]:
    """What must be known about an answer, and what may be."""
    if message.state in (MessageState.INTERRUPTED, MessageState.STREAMING):
        yield sentence("export.interrupted")
    details = message.details
    if details is None:
        return
    if details.failure in SENTENCES:
        # Another version may have stored other facts than its sentence names today.
        with contextlib.suppress(KeyError, ValueError):
            yield sentence(details.failure, details.failure_facts)
    if options.details and (figures := _figures(details)):
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


def _whole(text: str) -> str:
    """Text as it is; what it leaves open is closed, so that the next heading stays one."""
    return text + closing(text)


def _quoted(text: str) -> str:
    """A block quotation: nothing in it can reach beyond its last line."""
    pieces = _LINES.split(text)
    return "".join(
        piece if number % 2 else ("> " + piece if piece else ">")
        for number, piece in enumerate(pieces)
    )


def _inline(text: str) -> str:
    """One line of plain text in Markdown."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return _MARKUP.sub(r"\\\1", " ".join(printable.split()))


def _time(unix_ms: int) -> str:
    try:
        moment = datetime.fromtimestamp(unix_ms / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        # A clock far out of range was stored; a wrong time is better than no file.
        moment = datetime.fromtimestamp(0, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
