"""The helper process: reads one file from its standard input and says its text.

Started as ``main.py --extract NAME``. It has no way to other files, the network or programs
where the system allows that, and a bound on its memory on Linux; its parent owns the time.
"""

import os
import sys
import time
from collections.abc import Iterator
from typing import BinaryIO

from app.attachments.decoding import decode
from app.attachments.docx_text import DocxText
from app.attachments.entities import Kind, Unit
from app.attachments.headings import by_headings
from app.attachments.helper_protocol import (
    MOST_CHARACTERS,
    MOST_SECTIONS,
    PIECE_CHARACTERS,
    Extracted,
    FromHelper,
    NoText,
    Piece,
    Reading,
    encode_line,
)
from app.attachments.html_text import HtmlText, told_charset
from app.attachments.pdf_text import PdfText
from app.attachments.pictures import data_url
from app.attachments.refusal import Refusal
from app.attachments.sniffing import is_table, kind_of
from app.engine.sandbox import die_with_parent, lock_down
from app.pictures import MOST_BYTES, trouble_with

EXTRACT_OPTION = "--extract"

MEMORY_BYTES = 2 * 1024**3
"""Of address space; a bomb that gets past every other bound ends here."""

_MOST_TEXT_BYTES = 4 * MOST_CHARACTERS + 4
"""No encoding of ours takes more than four bytes a character, and a mark at the beginning."""

_MOST_MARKUP_BYTES = 64 * 1024 * 1024
_MARKUP_AT_ONCE = 1024 * 1024
_TELL_SECONDS = 0.05
_TITLE_CHARACTERS = 200


def main(name: str) -> int:
    """Say the text of the file on standard input; ``name`` is the file's own."""
    die_with_parent()
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else prints must not come between
    _bound_memory()
    lock_down(())
    teller = _Teller(outgoing)
    try:
        with os.fdopen(os.dup(0), "rb") as file:
            teller.say(Extracted(_extract(file, name, teller)))
    except Refusal as refusal:
        teller.say(NoText(refusal.code, refusal.detail[:400]))
    except MemoryError:
        teller.say(NoText("attachments.bomb", "no memory"))
    except Exception as error:  # the process's boundary: libraries meet files nobody thought of
        teller.say(NoText("attachments.damaged", repr(error)[:400]))
    return 0


class _Teller:
    """Says text in pieces, and how far it is not too often."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._characters = 0
        self._sections = 0
        self._told = 0.0

    def say(self, message: FromHelper) -> None:
        """Send one line."""
        self._out.write(encode_line(message))
        self._out.flush()

    def section(self, title: str, text: str, *, gap: bool = True) -> None:
        """Say one section. Raises Refusal when the text is longer than any model reads."""
        self._characters += len(text)
        self._sections += 1
        if self._characters > MOST_CHARACTERS or self._sections > MOST_SECTIONS:
            raise Refusal("attachments.too_long")
        first = text[:PIECE_CHARACTERS]
        self.say(Piece(first, title[:_TITLE_CHARACTERS], begins=True, gap=gap))
        for start in range(PIECE_CHARACTERS, len(text), PIECE_CHARACTERS):
            self.say(Piece(text[start : start + PIECE_CHARACTERS]))

    def progress(self, done: int, total: int, unit: Unit) -> None:
        """Say how far it is, at most twenty times a second, and at the end."""
        now = time.monotonic()
        if now - self._told >= _TELL_SECONDS or done == total:
            self._told = now
            self.say(Reading(done, total, unit))

    def alive(self) -> None:
        """Say that it still reads, though nothing can be counted yet."""
        self.progress(self._sections, 0, Unit.HEADINGS)


def _extract(file: BinaryIO, name: str, teller: _Teller) -> Kind:
    kind = kind_of(file, name)
    match kind:
        case Kind.PDF:
            document = PdfText(file)
            teller.progress(0, document.pages, Unit.PAGES)
            for number, text in enumerate(document.texts(), start=1):
                teller.section(str(number), text)
                teller.progress(number, document.pages, Unit.PAGES)
            return kind
        case Kind.DOCX:
            _say_all(DocxText(file, teller.alive).sections(), teller)
            return kind
        case Kind.HTML:
            data = _bytes_of(file, _MOST_MARKUP_BYTES)
            _say_all(_page_of(decode(data, told_charset(data)), teller).sections(), teller)
            return kind
        case Kind.IMAGE:
            _say_all(iter([("", _picture(file))]), teller)
            return kind
    text = decode(_bytes_of(file, _MOST_TEXT_BYTES))
    if kind is Kind.MARKDOWN:
        _say_all(by_headings(text), teller, gap=False)
        return kind
    _say_all(iter([("", text)]), teller)
    return Kind.TABLE if is_table(text, name) else kind


def _picture(file: BinaryIO) -> str:
    """The picture as a data URL; it is not unpacked here. Raises Refusal."""
    data = file.read(MOST_BYTES + 1)
    if trouble := trouble_with(data):
        raise Refusal(trouble)
    return data_url(data)


def _bytes_of(file: BinaryIO, most: int) -> bytes:
    """All of a file that is read in one go. Raises Refusal when it is longer than ``most``."""
    data = file.read(most + 1)
    if len(data) > most:
        raise Refusal("attachments.too_long")
    return data


def _page_of(markup: str, teller: _Teller) -> HtmlText:
    page = HtmlText()
    for start in range(0, len(markup), _MARKUP_AT_ONCE):
        page.feed(markup[start : start + _MARKUP_AT_ONCE])
        teller.alive()
    page.close()
    return page


def _say_all(sections: Iterator[tuple[str, str]], teller: _Teller, *, gap: bool = True) -> None:
    for title, text in sections:
        teller.section(title, text, gap=gap)
        teller.alive()


def _bound_memory() -> None:
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
