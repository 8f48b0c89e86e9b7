"""Writes GPT4All's chats, versions 1 to 12, field by field as that program's writer does."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

MAGIC = 0xF5D553CC


@dataclass(frozen=True)
class QtItem:
    """An item of a chat, or a part of one."""

    name: str
    value: str
    stopped: bool = False
    is_error: bool = False
    sources: tuple[tuple[str, str], ...] = ()
    attachments: tuple[tuple[str, bytes], ...] = ()
    parts: tuple["QtItem", ...] = ()
    tool: tuple[str, dict[str, object], str] = ("", {}, "")


@dataclass(frozen=True)
class QtChat:
    """A whole file."""

    items: Sequence[QtItem]
    id: str = "0b5c7b9e-chat"
    name: str = "New Chat"
    own_name: str = "The Nile"
    model: str = "some-model.gguf"
    created: int = 1_700_000_000
    collections: Sequence[str] = field(default_factory=lambda: ["papers"])

    def written(self, version: int = 12, with_context: bool = True) -> bytes:
        """The file as a version of the program wrote it."""
        parts = [struct.pack(">Iiq", MAGIC, version, self.created)]
        parts += [text(each) for each in (self.id, self.name, self.own_name, self.model)]
        if version >= 3:
            parts.append(struct.pack(">i", len(self.collections)))
            parts += [text(each) for each in self.collections]
        if version < 11:
            parts.append(_state(version, with_context))
        parts.append(struct.pack(">i", len(self.items)))
        parts += [_item(each, version) for each in self.items]
        return b"".join(parts)


def text(value: str | None) -> bytes:
    """A QString."""
    if value is None:
        return b"\xff\xff\xff\xff"
    data = value.encode("utf-16-be", "surrogatepass")
    return struct.pack(">I", len(data)) + data


def data(value: bytes) -> bytes:
    """A QByteArray."""
    return struct.pack(">I", len(value)) + value


def _state(version: int, with_context: bool) -> bytes:
    parts = []
    if version >= 6:
        parts.append(struct.pack(">?", with_context))
    if version >= 2:
        parts.append(struct.pack(">ii", 2, 0))
    parts += [text("an answer"), text("a name"), struct.pack(">I", 5)]
    if with_context or version < 6:
        if version < 4:
            parts.append(struct.pack(">i", 0))
        parts.append(struct.pack(">i", 3))
        if version >= 7:
            parts.append(struct.pack(">i", 2048))
        if version < 9:
            parts.append(struct.pack(">Q3f", 3, 0.5, 1.5, 2.5))
        parts.append(struct.pack(">Q3i", 3, 7, 8, 9))
        parts.append(data(b"\x01" * 1000))
    return b"".join(parts)


def _item(item: QtItem, version: int) -> bytes:
    parts = [] if version >= 12 else [struct.pack(">i", 0)]
    parts += [text(item.name), text(item.value)]
    if version < 10:
        parts.append(text("a copy of the question"))
    parts += [text(None), struct.pack(">????", False, item.stopped, False, False)]
    if version >= 11 and item.name == "Response: ":
        parts.append(struct.pack(">?", item.is_error))
    if version >= 8:
        parts.append(struct.pack(">q", len(item.sources)))
        for file, excerpt in item.sources:
            told = ("papers", f"/home/me/{file}", file, "A title", "Somebody", "2024", excerpt)
            parts += [text(each) for each in told]
            parts.append(struct.pack(">iii", 1, -1, -1))
    elif version >= 3:
        described = [
            f'{number}. "A title". By Somebody. Date: 2024. In {file}. Page 1. [Context](context://1)'
            for number, (file, _excerpt) in enumerate(item.sources, 1)
        ]
        parts.append(text("\n".join(described)))
        parts.append(struct.pack(">i", len(item.sources)))
        parts += [text(excerpt) for _file, excerpt in item.sources]
    if version >= 10:
        parts.append(struct.pack(">q", len(item.attachments)))
        for url, content in item.attachments:
            parts += [data(url.encode()), data(content)]
    if version >= 12:
        parts.append(_parts(item.parts))
    return b"".join(parts)


def _parts(items: Sequence[QtItem]) -> bytes:
    parts = [struct.pack(">q", len(items))]
    for item in items:
        parts += [text(item.name), text(item.value)]
        if item.name == "Think: ":
            parts.append(struct.pack(">i", 1500))
        elif item.name == "ToolCall: ":
            name, arguments, result = item.tool
            parts += [text(name), struct.pack(">q", len(arguments))]
            for key, value in arguments.items():
                parts += [text(key), struct.pack(">i", 0), variant(value)]
            parts += [text(result), struct.pack(">i", 0), text(None)]
        parts.append(_parts(item.parts))
    return b"".join(parts)


def variant(value: object) -> bytes:
    """A QVariant."""
    if isinstance(value, bool):
        return struct.pack(">I??", 1, False, value)
    if isinstance(value, int):
        return struct.pack(">I?i", 2, False, value)
    if isinstance(value, float):
        return struct.pack(">I?d", 6, False, value)
    if isinstance(value, str):
        return struct.pack(">I?", 10, False) + text(value)
    if isinstance(value, list):
        return struct.pack(">I?i", 9, False, len(value)) + b"".join(map(variant, value))
    if isinstance(value, dict):
        inside = b"".join(text(key) + variant(each) for key, each in value.items())
        return struct.pack(">I?i", 8, False, len(value)) + inside
    return struct.pack(">I?", 51, True)
