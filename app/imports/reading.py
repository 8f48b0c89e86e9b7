"""How readers read one small file of many, so that a bad one spoils no other."""

import codecs
import contextlib
from collections.abc import Collection, Iterator
from typing import Final

from app.imports.bundle import Bundle
from app.imports.entities import Unread
from app.imports.errors import ImportingError
from app.imports.streaming import MIB, Budget, TooLarge, items

MOST_SMALL: Final = 64 * MIB
"""Of one chat's file."""
MOST_OF_ONE_CHAT: Final = 128 * MIB
"""Of the files that one chat may carry."""
MOST_TEXT: Final = 2 * MIB
"""Of a file that was attached to a message."""


def document(bundle: Bundle, file: str) -> object | Unread:
    """A whole file of JSON; Unread if it is none, too large or cut off.

    What follows a complete value, as zeros after a power cut do, is no part of it.
    Raises OSError and ImportingError.
    """
    with bundle.open(file) as content:
        value = next(items(content, "", Budget(MOST_SMALL)), None)
    if isinstance(value, TooLarge):
        return value.unread(file)
    if isinstance(value, Unread):
        return Unread(file, value.code, value.facts)
    return value


def share(names: list[str], only: Collection[str] | None) -> list[str]:
    """Those of the files that are to be read; None is all of them."""
    return names if only is None else [each for each in names if each in only]


@contextlib.contextmanager
def lesser_errors(where: str) -> Iterator[list[Unread]]:
    """Turn what goes wrong with one file of many into something to tell."""
    told: list[Unread] = []
    try:
        yield told
    except OSError:
        told.append(Unread(where, "import.cannot_read"))
    except MemoryError:
        told.append(Unread(where, "import.too_large"))
    except ImportingError as error:
        if error.code == "import.zip_bomb":
            raise
        told.append(Unread(where, error.code, error.facts))


def decoded_text(data: bytes | None) -> str:
    """A file's content if it is text; empty if it is not, or too much to go with a message."""
    if not data or len(data) > MOST_TEXT:
        return ""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        words = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        return ""
    return "" if "\0" in words else words
