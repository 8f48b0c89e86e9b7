"""Numbers and texts as Qt's QDataStream writes them, out of files that may be damaged."""

import os
import struct
from collections.abc import Callable
from typing import BinaryIO, Final

_NULL: Final = 0xFFFFFFFF
_LONG: Final = 0xFFFFFFFE
_MOST_TEXT: Final = 64 * 1024 * 1024
"""Bytes of one text."""
_EACH: Final = 48
"""Bytes of a value beside its content."""
_DEPTH: Final = 16


class DamagedStreamError(Exception):
    """What stands here cannot be what should stand here."""


class TooMuchError(DamagedStreamError):
    """What was read so far is more than one chat can be."""


class QtStream:
    """Reads a stream of version Qt 6 in order; every length is checked against what is left.

    All methods raise DamagedStreamError and OSError; TooMuchError when more than ``room`` bytes
    were read, with what each value takes once it is read, be it empty.
    """

    def __init__(self, file: BinaryIO, size: int, room: int) -> None:
        self._file = file
        self._left = size
        self._room = room

    def at_end(self) -> bool:
        """Whether everything was read."""
        return self._left <= 0

    def boolean(self) -> bool:
        """A bool."""
        return self._take(1) != b"\0"

    def int32(self) -> int:
        """An int, or an enum."""
        return int(struct.unpack(">i", self._take(4))[0])

    def uint32(self) -> int:
        """A quint32."""
        return int(struct.unpack(">I", self._take(4))[0])

    def int64(self) -> int:
        """A qint64."""
        return int(struct.unpack(">q", self._take(8))[0])

    def uint64(self) -> int:
        """A quint64."""
        return int(struct.unpack(">Q", self._take(8))[0])

    def double(self) -> float:
        """A double."""
        return float(struct.unpack(">d", self._take(8))[0])

    def text(self) -> str:
        """A QString; empty for a null one."""
        length = self._length()
        if length % 2:
            raise DamagedStreamError
        return self._take(length).decode("utf-16-be", "replace")

    def data(self) -> bytes:
        """A QByteArray; empty for a null one."""
        return self._take(self._length())

    def texts(self) -> list[str]:
        """A QStringList."""
        return [self.text() for _ in range(self.count32(4))]

    def count32(self, least: int) -> int:
        """How many things follow, counted in 32 bits; each takes at least ``least`` bytes."""
        return self._checked(self.int32(), least)

    def count64(self, least: int) -> int:
        """The same, counted in 64 bits."""
        return self._checked(self.int64(), least)

    def skip(self, count: int) -> None:
        """Pass ``count`` bytes over."""
        if not 0 <= count <= self._left:
            raise DamagedStreamError
        self._left -= count
        if self._file.seekable():
            self._file.seek(count, os.SEEK_CUR)
            return
        while count:
            passed = len(self._file.read(min(count, 1024 * 1024)))
            if not passed:
                raise DamagedStreamError
            count -= passed

    def skip_data(self) -> None:
        """Pass a QByteArray over, however long it is."""
        length = self.uint32()
        if length == _LONG:
            length = self.int64()
        self.skip(0 if length == _NULL else length)

    def variant(self, depth: int = _DEPTH) -> object:
        """A QVariant of the kinds that JSON has."""
        kind = self.uint32()
        is_null = self.boolean()
        if depth == 0:
            raise DamagedStreamError
        if kind == 9:
            return [self.variant(depth - 1) for _ in range(self.count32(5))]
        if kind == 8:
            return {self.text(): self.variant(depth - 1) for _ in range(self.count32(9))}
        plain: dict[int, Callable[[], object]] = {
            0: self.text, 1: self.boolean, 2: self.int32, 3: self.uint32, 4: self.int64,
            5: self.uint64, 6: self.double, 10: self.text, 11: self.texts,
            12: lambda: self.data().decode("utf-8", "replace"), 51: lambda: None,
        }  # fmt: skip
        if kind not in plain:
            raise DamagedStreamError
        value = plain[kind]()
        return None if is_null or kind == 0 else value

    def _checked(self, count: int, least: int) -> int:
        if not 0 <= count <= self._left // least:
            raise DamagedStreamError
        return count

    def _length(self) -> int:
        length = self.uint32()
        if length == _NULL:
            return 0
        return self.int64() if length == _LONG else length

    def _take(self, count: int) -> bytes:
        if not 0 <= count <= min(self._left, _MOST_TEXT):
            raise DamagedStreamError
        self._room -= count + _EACH
        if self._room < 0:
            raise TooMuchError
        found = self._file.read(count)
        self._left -= count
        if len(found) < count:
            raise DamagedStreamError
        return found
