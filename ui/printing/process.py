"""The printing process: reads a conversation from its standard input and says its pages.

Started as ``main.py --print``. It has no way to other files than fonts, to the network or to
programs where the system allows that; its parent owns the time.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
from PySide6.QtCore import QStandardPaths
from PySide6.QtGui import QGuiApplication

from app.engine.sandbox import die_with_parent, lock_down
from app.export.printer_protocol import (
    PIECE_BYTES,
    Add,
    Begin,
    FromPrinter,
    NotPrinted,
    PagePicture,
    PdfPiece,
    Print,
    Printed,
    PrintingError,
    ToPrinter,
    Working,
    frame,
    heard_by_printer,
)
from app.export.readable import Entry, Readable
from ui.printing.pdf import pdf_of
from ui.printing.preview import page_pictures
from ui.theme.fonts import load_fonts

MEMORY_BYTES = 6 * 1024**3
"""Of address space, of which fonts and libraries take a good part; a bomb ends here."""
_TELL_SECONDS = 0.1
_RESOURCES = Path(__file__).resolve().parent.parent / "resources"


def main() -> int:
    """Print what standard input asks for; the exit code tells nothing."""
    die_with_parent()
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else prints must not come between
    _bound_memory()
    application = QGuiApplication(["moestro", "-platform", "offscreen"])
    load_fonts()
    lock_down(_readable_folders())
    teller = _Teller(outgoing)
    try:
        _print(heard_by_printer(incoming), teller)
    except Exception as error:  # the process's boundary: text that nobody thought of
        teller.say(NotPrinted(repr(error)[:2000]))
    finally:
        del application
    return 0


class _Teller:
    """Says frames, and signs of life not too often."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._told = 0.0

    def say(self, message: FromPrinter) -> None:
        """Send one frame."""
        self._out.write(frame(message))
        self._out.flush()

    def progress(self, done: int, total: int) -> None:
        """Say how far it is, at most ten times a second, and at the end."""
        now = time.monotonic()
        if now - self._told >= _TELL_SECONDS or (done == total and total):
            self._told = now
            self.say(Working(done, total))


def _print(messages: Iterator[ToPrinter], teller: _Teller) -> None:
    begin = next(messages, None)
    if not isinstance(begin, Begin):
        raise PrintingError("it does not begin at the beginning")
    readable = _gathered(begin.head, messages)
    if begin.pictures:
        pictures = page_pictures(
            readable, begin.paper, begin.pictures, lambda: teller.progress(0, 0)
        )
        for png in pictures:
            teller.say(PagePicture(png))
        teller.say(Printed(0))
        return
    data = pdf_of(readable, begin.paper, teller.progress)
    for start in range(0, len(data), PIECE_BYTES):
        teller.say(PdfPiece(data[start : start + PIECE_BYTES]))
    teller.say(Printed(len(data)))


def _gathered(head: Readable, messages: Iterator[ToPrinter]) -> Readable:
    """The whole conversation. Raises PrintingError when it breaks off."""
    branches: dict[int, list[Entry]] = {0: []}
    for message in messages:
        match message:
            case Add():
                branches.setdefault(message.branch, []).append(message.entry)
            case Print():
                entries = tuple(branches.pop(0))
                others = tuple(tuple(branches[number]) for number in sorted(branches))
                return msgspec.structs.replace(head, entries=entries, branches=others)
            case Begin():
                raise PrintingError("it begins twice")
    raise PrintingError("it breaks off")


def _readable_folders() -> list[str]:
    """What may be read besides the system and the libraries: fonts, ours and a person's."""
    places = QStandardPaths.standardLocations(QStandardPaths.StandardLocation.FontsLocation)
    return [str(_RESOURCES), *places]


def _bound_memory() -> None:
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
