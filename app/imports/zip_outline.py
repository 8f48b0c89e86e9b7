"""How long a zip's list of files is, before anything reads that list into memory."""

import os
import struct
from typing import BinaryIO, Final

_END: Final = b"PK\x05\x06"
_END_64: Final = b"PK\x06\x06"
_LOCATOR: Final = b"PK\x06\x07"
_END_LENGTH: Final = 22
_LOCATOR_LENGTH: Final = 20
_MOST_COMMENT: Final = 65_535
_MOST_LIST: Final = 64 * 1024 * 1024
"""About half a million files: ten times what the largest export of chats has."""


def has_bounded_directory(file: BinaryIO) -> bool:
    """Whether the list fits a bound. True as well for what is no zip: its reader tells that.

    Raises OSError.
    """
    size = file.seek(0, os.SEEK_END)
    begin = max(0, size - _END_LENGTH - _MOST_COMMENT - _LOCATOR_LENGTH)
    file.seek(begin)
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or at + _END_LENGTH > len(tail):
        return True
    (length,) = struct.unpack_from("<I", tail, at + 12)
    locator = at - _LOCATOR_LENGTH
    if locator >= 0 and tail.startswith(_LOCATOR, locator):
        (offset,) = struct.unpack_from("<Q", tail, locator + 8)
        if offset + 56 > size:
            return True
        file.seek(offset)
        record = file.read(56)
        if record.startswith(_END_64):
            (length,) = struct.unpack_from("<Q", record, 40)
    return int(length) <= min(_MOST_LIST, size)
