"""What the helper process says on its standard output: one JSON object a line.

The helper has read a stranger's file, so each line is capped, typed and checked by its reader.
"""

from typing import Annotated, TypeAlias

import msgspec

from app.attachments.entities import Kind, Unit

MOST_CHARACTERS = 10_000_000
"""Of text out of one file: about 2.5 million tokens, more than any model reads."""

MOST_SECTIONS = 100_000

LINE_BYTES = 4 * 1024 * 1024
PIECE_CHARACTERS = 256 * 1024
"""A piece is at most six bytes a character as JSON, so it always fits a line."""

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**40)]


class Reading(msgspec.Struct, frozen=True, tag="reading"):
    """``done`` of ``total`` units are read; a total of 0 is not known."""

    done: _Count
    total: _Count
    unit: Unit


class Piece(msgspec.Struct, frozen=True, tag="piece"):
    """The next text. ``begins`` starts a section with ``title``."""

    text: str
    title: Annotated[str, msgspec.Meta(max_length=200)] = ""
    begins: bool = False
    gap: bool = True
    """Whether a section that begins is set off from the one before by an empty line."""


class Extracted(msgspec.Struct, frozen=True, tag="extracted"):
    """Everything was said."""

    kind: Kind


class NoText(msgspec.Struct, frozen=True, tag="no-text"):
    """The file gives no text: a sentence of ``app.wording``, and for the log what happened."""

    code: Annotated[str, msgspec.Meta(pattern=r"^attachments\.[a-z_]+$")]
    detail: Annotated[str, msgspec.Meta(max_length=400)] = ""


FromHelper: TypeAlias = Reading | Piece | Extracted | NoText

_DECODER: msgspec.json.Decoder[FromHelper] = msgspec.json.Decoder(FromHelper)


def encode_line(message: FromHelper) -> bytes:
    """One line, with its end."""
    return msgspec.json.encode(message) + b"\n"


def decode_line(line: bytes) -> FromHelper:
    """The message of a line. Raises msgspec.DecodeError."""
    return _DECODER.decode(line)
