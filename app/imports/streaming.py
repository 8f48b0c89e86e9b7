"""JSON and JSON lines of any length, one value at a time, each within a budget.

Values are cut out of the file by their brackets and only then read, so one that is too long or
too deep costs no memory. A streaming parser would keep a string of 1 GB before it tells of it.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from app.imports.entities import Unread
from app.imports.json_texts import OPENS, loads, to_bracket, too_deep, too_many

MIB = 1024 * 1024
HEAD_BYTES = 64 * 1024
"""What a reader is shown of a file to recognise it."""

_AT_ONCE: Final = MIB
_KEY_BYTES: Final = 64 * 1024

_IN_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.S)
_SCALAR = re.compile(rb"[^,\]}\s]*+")
_SPACE = re.compile(rb"[ \t\r\n]*+")
_QUOTE = ord('"')


@dataclass(frozen=True, slots=True)
class Budget:
    """What one value may take; longer or deeper ones are passed over."""

    bytes: int = 64 * MIB
    depth: int = 200
    parts: int = 4_000_000
    """Brackets and commas: each part of a value takes many times its bytes once it is read."""


@dataclass(frozen=True, slots=True)
class TooLarge:
    """A value that was passed over."""

    bytes: int
    """How long it is."""
    deep: bool = False
    """It was its depth."""

    def unread(self, where: str) -> Unread:
        """For the report."""
        code = "import.too_deep" if self.deep else "import.too_large"
        return Unread(where, code, {"size": self.bytes})


class BrokenJsonError(Exception):
    """From here on the file makes no sense; everything before it was read."""


def items(
    file: BinaryIO, path: str, budget: Budget | None = None
) -> Iterator[object | TooLarge | Unread]:
    """Every value at ``path``: "" is the whole document, "item" each element of a list.

    "chats.item" is each element of the list under a key. A value is what ``json.loads`` gives,
    from UTF-8 or UTF-16, with U+FFFD for bytes that are no text; its strings may hold NUL and
    lone surrogates (``app.text.clean``). One that is no JSON inside comes as Unread with its
    number in ``where``; where the file's brackets end or break, an Unread is the last thing.
    Raises OSError.
    """
    stream = JsonStream(file)
    steps = path.split(".") if path else []
    number = 0
    try:
        for value in _walk(stream, steps, budget or Budget()):
            number += 1
            yield Unread(str(number), value.code) if isinstance(value, Unread) else value
        stream.end()
    except BrokenJsonError:
        yield Unread(str(number + 1), "import.broken_json")


def lines(file: BinaryIO, budget: Budget | None = None) -> Iterator[object | TooLarge | Unread]:
    """Every value of a JSON Lines file; ``where`` of an Unread is the number of its line.

    A broken line does not end it; empty ones are passed over. Raises OSError.
    """
    limits = budget or Budget()
    source = _utf8(file)
    number = length = 0
    pieces: list[bytes] = []
    while True:
        data = source.read(_AT_ONCE)
        parts = data.split(b"\n")
        for position, part in enumerate(parts):
            length += len(part)
            pieces.append(part)
            if length > limits.bytes:
                pieces.clear()  # it is only counted
            if position == len(parts) - 1 and data:
                break
            number += 1
            yield from _line(b"".join(pieces), length, number, limits)
            pieces.clear()
            length = 0
        if not data:
            return


class JsonStream:
    """Pulls values out of one JSON text, from front to back.

    Every call stands before a value: take it, skip it, or go into it by ``members`` or
    ``elements``, whose every step stands before a value again. Raises BrokenJsonError and OSError.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = _utf8(file)
        self._data = b""
        self._at = 0

    def kind(self) -> str:
        """The first character of the value."""
        return chr(self._next())

    def members(self) -> Iterator[str]:
        """Go into an object: every key, whose value must be used before the next."""
        self._expect("{")
        if self._take("}"):
            return
        while True:
            if self._next() != _QUOTE:
                raise BrokenJsonError
            key = self.value(Budget(_KEY_BYTES, 1))
            self._expect(":")
            yield key if isinstance(key, str) else ""
            if self._take("}"):
                return
            self._expect(",")

    def elements(self) -> Iterator[None]:
        """Go into a list: every step stands before an element, which must be used."""
        self._expect("[")
        if self._take("]"):
            return
        while True:
            yield None
            if self._take("]"):
                return
            self._expect(",")

    def value(self, budget: Budget) -> object | TooLarge | Unread:
        """Take the value; Unread when it is no JSON inside its brackets."""
        raw = self.raw(budget)
        if isinstance(raw, TooLarge):
            return raw
        try:
            return loads(raw)
        except MemoryError:
            return TooLarge(len(raw))
        except (ValueError, RecursionError):
            return Unread("", "import.broken_json")

    def raw(self, budget: Budget) -> bytes | TooLarge:
        """Take the value as the bytes it stands there with."""
        first = self._next()
        taken = _Taken(budget)
        if first == _QUOTE:
            self._string(taken)
        elif first in OPENS:
            self._nested(taken)
        else:
            while True:
                match = _SCALAR.match(self._data, self._at)
                assert match is not None
                taken.add(self._data[self._at : match.end()])
                self._at = match.end()
                if self._at < len(self._data) or not self._fill():
                    break
            if not taken.length:
                raise BrokenJsonError
        return taken.result()

    def skip(self) -> None:
        """Pass the value over; it may be of any length and depth."""
        self.raw(Budget(0, 0))

    def end(self) -> None:
        """Demand that nothing follows."""
        self._space()
        if self._at < len(self._data):
            raise BrokenJsonError

    # --- inside -------------------------------------------------------------------------------

    def _nested(self, taken: "_Taken") -> None:
        while True:
            begin = self._at
            # Many brackets lie in what was read already: no copy for each of them.
            while (found := to_bracket(self._data, self._at)) < len(self._data):
                sign = self._data[found]
                if sign == _QUOTE:
                    break
                self._at = found + 1
                taken.bracket(sign)
                if not taken.depth:
                    taken.add(self._data[begin : self._at])
                    return
            taken.add(self._data[begin:found])
            self._at = found
            if found < len(self._data):
                self._string(taken)
            elif not self._fill():
                raise BrokenJsonError

    def _string(self, taken: "_Taken") -> None:
        """From its quote to behind the other one, through as many pieces as it takes."""
        begin = self._at
        self._at += 1
        while True:
            match = _IN_STRING.match(self._data, self._at)
            assert match is not None
            end = match.end()
            if end < len(self._data) and self._data[end] == _QUOTE:
                self._at = end + 1
                taken.add(self._data[begin : self._at])
                return
            taken.add(self._data[begin:end])
            self._at = end  # a backslash may stand here, whose character is still to come
            if not self._fill():
                raise BrokenJsonError
            begin = self._at

    def _fill(self) -> bool:
        more = self._file.read(_AT_ONCE)
        self._data = self._data[self._at :] + more
        self._at = 0
        return bool(more)

    def _space(self) -> None:
        while True:
            match = _SPACE.match(self._data, self._at)
            assert match is not None
            self._at = match.end()
            if self._at < len(self._data) or not self._fill():
                return

    def _next(self) -> int:
        self._space()
        if self._at >= len(self._data):
            raise BrokenJsonError
        return self._data[self._at]

    def _take(self, sign: str) -> bool:
        if self._next() != ord(sign):
            return False
        self._at += 1
        return True

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise BrokenJsonError


@dataclass(slots=True)
class _Taken:
    """What was taken of a value; nothing is kept once it is more than allowed."""

    budget: Budget
    length: int = 0
    depth: int = 0
    deep: bool = False
    pieces: list[bytes] = field(default_factory=list)
    closing: bytearray = field(default_factory=bytearray)

    def add(self, piece: bytes) -> None:
        self.length += len(piece)
        if self.deep or self.length > self.budget.bytes:
            self.pieces.clear()
        else:
            self.pieces.append(piece)

    def bracket(self, sign: int) -> None:
        if sign in OPENS:
            self.depth += 1
            if self.depth > self.budget.depth:
                self.deep = True  # what is as deep as this is only counted
            else:
                self.closing.append(OPENS[sign])
            return
        if self.depth <= self.budget.depth and self.closing.pop() != sign:
            raise BrokenJsonError
        self.depth -= 1

    def result(self) -> bytes | TooLarge:
        if self.length > self.budget.bytes:
            return TooLarge(self.length)
        if self.deep:
            return TooLarge(self.length, deep=True)
        whole = b"".join(self.pieces)
        return TooLarge(self.length) if too_many(whole, self.budget.parts) else whole


class _Recoded:
    """A file in another encoding, as UTF-8."""

    def __init__(self, file: BinaryIO, encoding: str, begun: bytes) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._begun = begun

    def read(self, count: int) -> bytes:
        """About so many bytes; none at the end."""
        while data := self._begun or self._file.read(count):
            self._begun = b""
            if text := self._decoder.decode(data):
                return text.encode("utf-8", "replace")
        return self._decoder.decode(b"", final=True).encode("utf-8", "replace")


def _utf8(file: BinaryIO) -> _Recoded:
    begun = file.read(4)
    if begun.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _Recoded(file, "utf-16", begun)
    if begun[1:2] == b"\0" and begun[:1] in b"[{":
        return _Recoded(file, "utf-16-le", begun)
    if begun[:1] == b"\0" and begun[1:2] in (b"[", b"{"):
        return _Recoded(file, "utf-16-be", begun)
    return _Recoded(file, "utf-8-sig", begun)


def _walk(
    stream: JsonStream, steps: list[str], budget: Budget
) -> Iterator[object | TooLarge | Unread]:
    if not steps:
        yield stream.value(budget)
    elif steps[0] == "item" and stream.kind() == "[":
        for _ in stream.elements():
            yield from _walk(stream, steps[1:], budget)
    elif steps[0] != "item" and stream.kind() == "{":
        for key in stream.members():
            if key == steps[0]:
                yield from _walk(stream, steps[1:], budget)
            else:
                stream.skip()
    else:
        stream.skip()


def _line(
    line: bytes, size: int, number: int, limits: Budget
) -> Iterator[object | TooLarge | Unread]:
    if size > limits.bytes:
        yield TooLarge(size)
    elif line.strip():
        if too_deep(line, limits.depth):
            yield TooLarge(size, deep=True)
            return
        if too_many(line, limits.parts):
            yield TooLarge(size)
            return
        try:
            value = loads(line)
        except MemoryError:
            yield TooLarge(size)
        except (ValueError, RecursionError):
            yield Unread(str(number), "import.broken_json")
        else:
            yield value
