"""JSONL for training: one line per conversation, as OpenAI's chat format has it.

``{"messages": [{"role": "system" | "user" | "assistant", "content": …}, …]}``

- ``content`` is what a model reads as that message, with what it was given of files before the
  words. Where a picture belongs to it, ``content`` is a list of parts: ``{"type": "text", "text":
  …}`` and ``{"type": "image_url", "image_url": {"url": "data:…"}}``.
- ``reasoning_content`` is a third key of an answer that has a reasoning, where it is wanted.
- Messages of one role in a row are joined, as chat templates and trainers demand it; answers
  without words are left out; "…" stands for a question that was deleted.
- The branch that is shown is the line; with ``branches`` every other leaf has a line after it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import msgspec

from app.attachments.pictures import data_url
from app.chat.prompting import compose
from app.engine.entities import ChatMessage
from app.export.base import ExportOptions, Given, Sink
from app.history.entities import Message, Role
from app.pictures import IMAGE_MARK
from app.text import clean

_LINE_BREAKS = {
    "\u0085".encode(): b"\\u0085",
    "\u2028".encode(): b"\\u2028",
    "\u2029".encode(): b"\\u2029",
}
"""What some readers of lines take for the end of one."""


class _Address(msgspec.Struct, frozen=True):
    url: str


class _Picture(msgspec.Struct, frozen=True, tag_field="type", tag="image_url"):
    image_url: _Address


class _Text(msgspec.Struct, frozen=True, tag_field="type", tag="text"):
    text: str


class _Message(msgspec.Struct, frozen=True, omit_defaults=True):
    role: str
    content: str | list[_Text | _Picture]
    reasoning_content: str = ""


class _Line(msgspec.Struct, frozen=True):
    messages: list[_Message]


class JsonlFormat:
    """What fine-tuning and evaluation read; no ids, times or settings."""

    name = "jsonl"
    ending = "jsonl"
    together = True
    keeps_trees = False

    def write(self, given: Iterable[Given], options: ExportOptions, sink: Sink) -> None:
        """Write a line for each conversation or leaf. Raises what ``sink`` raises."""
        for each in given:
            done: set[str] = set()
            for branch in _branches(each, options):
                prompt = each.conversation.system_prompt if options.system_prompt else ""
                messages = _messages(prompt, branch, options)
                # A system prompt alone teaches nothing.
                if any(message.role != "system" for message in messages):
                    sink.write(_encoded(_Line(messages)))
                sink.step(len({message.id for message in branch} - done))
                done.update(message.id for message in branch)


def _branches(given: Given, options: ExportOptions) -> Iterator[list[Message]]:
    """The branch that is shown, then every other from its root to its leaf, as they came."""
    by_id = {message.id: message for message in given.messages}
    shown = [by_id[each] for each in given.branch if each in by_id]
    yield shown
    if not options.branches:
        return
    parents = {message.parent_id for message in given.messages}
    last = shown[-1].id if shown else None
    for leaf in sorted(given.messages, key=lambda message: message.sequence):
        if leaf.id not in parents and leaf.id != last:
            yield _up_to(leaf, by_id)


def _up_to(leaf: Message, by_id: dict[str, Message]) -> list[Message]:
    found: list[Message] = []
    at: Message | None = leaf
    while at is not None:
        found.append(at)
        at = by_id.get(at.parent_id or "")
    found.reverse()
    return found


def _messages(prompt: str, branch: Sequence[Message], options: ExportOptions) -> list[_Message]:
    wanted = [_wanted(message, options) for message in branch]
    kept = [each for each in wanted if each.role is Role.USER or each.text or each.reasoning]
    return [_message(each) for each in compose(prompt, kept, sees=True).messages]


def _wanted(message: Message, options: ExportOptions) -> Message:
    """``message`` with what is asked for of it."""
    reasoning = message.reasoning if options.reasoning and message.role is not Role.USER else ""
    text, attachments = message.text, message.attachments
    if attachments and not options.attachments:
        names = "\n".join(f"File: {each.name}" for each in attachments)
        text, attachments = f"{names}\n\n{text}", ()
    if message.role is not Role.USER:
        text, reasoning = _unmarked(text), _unmarked(reasoning)
    return replace(message, text=text, reasoning=reasoning, attachments=attachments)


def _unmarked(text: str) -> str:
    return clean(text).replace(IMAGE_MARK, "")


def _message(made: ChatMessage) -> _Message:
    if not made.images:
        return _Message(made.role, made.content, made.reasoning)
    parts: list[_Text | _Picture] = []
    # The mark stands in the content exactly where a picture belongs, and nowhere else.
    texts = made.content.split(IMAGE_MARK)
    for number, text in enumerate(texts):
        if text.strip():
            parts.append(_Text(text))
        if number < len(made.images):
            parts.append(_Picture(_Address(data_url(made.images[number]))))
    return _Message(made.role, parts, made.reasoning)


def _encoded(line: _Line) -> bytes:
    data = msgspec.json.encode(line) + b"\n"
    for character, escape in _LINE_BREAKS.items():
        data = data.replace(character, escape)
    return data
