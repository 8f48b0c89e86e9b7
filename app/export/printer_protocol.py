"""What the program and its printing process say to each other: frames with a length, typed.

The printing process has drawn what strangers wrote, so each frame is capped and checked.
"""

import struct
from collections.abc import Iterator
from typing import Annotated, BinaryIO, TypeAlias, TypeVar

import msgspec

from app.export.base import Paper
from app.export.readable import Entry, Readable

MOST_BYTES = 1024 * 1024 * 1024
"""Of one message with all that was attached to it."""
PIECE_BYTES = 1024 * 1024
_MOST_SAID = 64 * 1024 * 1024
"""Of what the printing process says at once: a picture of a page."""
T = TypeVar("T")
_LENGTH = struct.Struct(">I")

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**40)]


class PrintingError(Exception):
    """The other side does not keep to this protocol."""


class Begin(msgspec.Struct, frozen=True, tag="begin"):
    """A conversation without its messages, which follow."""

    head: Readable
    paper: Paper
    pictures: _Count
    """How many first pages are wanted as pictures; 0 asks for the PDF."""


class Add(msgspec.Struct, frozen=True, tag="add"):
    """The next message of the branch (0) or of another branch (1, 2, …)."""

    entry: Entry
    branch: _Count = 0


class Print(msgspec.Struct, frozen=True, tag="print"):
    """Everything was said: begin."""


ToPrinter: TypeAlias = Begin | Add | Print


class Working(msgspec.Struct, frozen=True, tag="working"):
    """A sign of life; ``done`` of ``total`` steps."""

    done: _Count
    total: _Count


class PdfPiece(msgspec.Struct, frozen=True, tag="piece"):
    """The next bytes of the file."""

    data: bytes


class PagePicture(msgspec.Struct, frozen=True, tag="picture"):
    """The next page as PNG."""

    png: bytes


class Printed(msgspec.Struct, frozen=True, tag="printed"):
    """Everything was sent: so many bytes of the file."""

    size: _Count


class NotPrinted(msgspec.Struct, frozen=True, tag="not-printed"):
    """It went wrong; for the log."""

    detail: Annotated[str, msgspec.Meta(max_length=2000)]


FromPrinter: TypeAlias = Working | PdfPiece | PagePicture | Printed | NotPrinted

_encoder = msgspec.msgpack.Encoder()
_to_printer: msgspec.msgpack.Decoder[ToPrinter] = msgspec.msgpack.Decoder(ToPrinter)
_from_printer: msgspec.msgpack.Decoder[FromPrinter] = msgspec.msgpack.Decoder(FromPrinter)


def frame(message: ToPrinter | FromPrinter) -> bytes:
    """The frame of ``message``. Raises PrintingError for one that is too large."""
    body = _encoder.encode(message)
    if len(body) > MOST_BYTES:
        raise PrintingError(f"a message of {len(body)} bytes")
    return _LENGTH.pack(len(body)) + body


def heard_by_printer(stream: BinaryIO) -> Iterator[ToPrinter]:
    """What the program says. Raises PrintingError."""
    for body in _bodies(stream, MOST_BYTES):
        yield _decoded(_to_printer, body)


def said_by_printer(stream: BinaryIO) -> Iterator[FromPrinter]:
    """What the printing process says, until it ends. Raises PrintingError."""
    for body in _bodies(stream, _MOST_SAID):
        yield _decoded(_from_printer, body)


def _decoded(decoder: msgspec.msgpack.Decoder[T], body: bytes) -> T:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise PrintingError(str(error)) from error


def _bodies(stream: BinaryIO, most: int) -> Iterator[bytes]:
    while head := stream.read(_LENGTH.size):
        if len(head) < _LENGTH.size:
            raise PrintingError("the stream ended inside a length")
        (length,) = _LENGTH.unpack(head)
        if length > most:
            raise PrintingError(f"a frame of {length} bytes")
        body = stream.read(length)
        if len(body) < length:
            raise PrintingError("the stream ended inside a frame")
        yield body
