"""One item of a GPT4All chat: a question or an answer, with everything that belongs to it."""

from dataclasses import dataclass, field
from typing import Final

from app.imports.qt_stream import DamagedStreamError, QtStream

_KINDS: Final = frozenset(
    {"System: ", "Prompt: ", "Response: ", "Text: ", "ToolCall: ", "ToolResponse: ", "Think: "}
)
_DEPTH: Final = 16


@dataclass(slots=True)
class Item:
    """A question, an answer or a part of one."""

    kind: str
    """As the file names it: "Prompt: "."""
    value: str = ""
    stopped: bool = False
    is_error: bool = False
    sources: list[tuple[str, str]] = field(default_factory=list)
    """Files and what of them was given to the model."""
    attachments: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Addresses and contents."""
    parts: list["Item"] = field(default_factory=list)
    tool: str = ""
    arguments: dict[str, object] = field(default_factory=dict)
    result: str = ""

    @property
    def is_question(self) -> bool:
        """Whether the user wrote it."""
        return self.kind == "Prompt: "


def read_item(stream: QtStream, version: int) -> Item:
    """The next item of a file of this version. Raises DamagedStreamError and OSError."""
    if version < 12:
        stream.int32()  # a number that was never used
    item = Item(_kind(stream), stream.text())
    if version < 10:
        stream.text()  # a copy of the question
    stream.text()  # another answer that was proposed
    stream.boolean()
    item.stopped = stream.boolean()
    stream.skip(2)  # the user's judgement
    if version >= 11 and item.kind == "Response: ":
        item.is_error = stream.boolean()
    if version >= 8:
        item.sources = [_source(stream) for _ in range(stream.count64(40))]
    elif version >= 3:
        item.sources = _old_sources(stream)
    if version >= 10:
        item.attachments = [(stream.data(), stream.data()) for _ in range(stream.count64(8))]
    if version >= 12:
        item.parts = _parts(stream, _DEPTH)
    return item


def _kind(stream: QtStream) -> str:
    kind = stream.text()
    if kind not in _KINDS:
        raise DamagedStreamError
    return kind


def _source(stream: QtStream) -> tuple[str, str]:
    _collection, _path, file, _title, _author, _date, excerpt = (stream.text() for _ in range(7))
    stream.skip(12)  # page and lines
    return file, excerpt


def _old_sources(stream: QtStream) -> list[tuple[str, str]]:
    """Up to version 7: one line of description for each excerpt."""
    described = [
        line
        for line in stream.text().split("\n")
        if line.strip() and not line.strip().startswith("---")
    ]
    found = []
    for number, excerpt in enumerate(stream.texts()):
        line = described[number] if number < len(described) else ""
        name = line.partition("In ")[2].partition(". ")[0]
        found.append((name, excerpt))
    return found


def _parts(stream: QtStream, depth: int) -> list[Item]:
    """The parts of an answer, and theirs, one after another."""
    if depth == 0:
        raise DamagedStreamError
    found = []
    for _ in range(stream.count64(16)):
        part = Item(_kind(stream), stream.text())
        if part.kind == "ToolCall: ":
            _tool(stream, part)
        elif part.kind == "Think: ":
            stream.int32()  # how long it took
        elif part.kind in ("System: ", "Prompt: "):
            raise DamagedStreamError
        found.append(part)
        found += _parts(stream, depth - 1)
    return found


def _tool(stream: QtStream, part: Item) -> None:
    part.tool = stream.text()
    for _ in range(stream.count64(13)):
        name = stream.text()
        stream.int32()  # the kind of the value
        part.arguments[name] = stream.variant()
    result = stream.text()
    stream.int32()
    trouble = stream.text()
    part.result = result or trouble
