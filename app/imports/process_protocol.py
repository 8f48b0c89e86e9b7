"""What the import's helper process is told on its standard input, and what it says on its output.

The helper has read strangers' files, so each of its lines is capped, typed and checked.
"""

from typing import Annotated, TypeAlias

import msgspec

LINE_BYTES = 64 * 1024
MOST_REQUEST_BYTES = 16 * 1024 * 1024

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**40)]


class Request(msgspec.Struct, frozen=True):
    """What to read, and where to put it; paths are absolute."""

    staging: str
    source: str
    """A reader's name, or "auto"."""
    paths: list[str]
    now_ms: int
    """Stands for times that a source does not say."""
    most_bytes: int
    """How long the staging file may become."""


class Reading(msgspec.Struct, frozen=True, tag="reading"):
    """How far it is; also the sign that it lives."""

    files_done: _Count
    files: _Count
    conversations: _Count
    messages: _Count


class Staged(msgspec.Struct, frozen=True, tag="staged"):
    """Everything that could be read is in the staging file."""

    conversations: _Count
    unread: _Count


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Nothing can be taken over: a sentence of ``app.wording``, and what happened for the log."""

    code: Annotated[str, msgspec.Meta(pattern=r"^(import|storage)\.[a-z_]+$")]
    facts: dict[str, str | int | float] = {}
    detail: Annotated[str, msgspec.Meta(max_length=400)] = ""


FromHelper: TypeAlias = Reading | Staged | Refused

_DECODER: msgspec.json.Decoder[FromHelper] = msgspec.json.Decoder(FromHelper)


def encode_line(message: FromHelper) -> bytes:
    """One line, with its end."""
    return msgspec.json.encode(message) + b"\n"


def decode_line(line: bytes) -> FromHelper:
    """The message of a line. Raises msgspec.DecodeError."""
    return _DECODER.decode(line)
