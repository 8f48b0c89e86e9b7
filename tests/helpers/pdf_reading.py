"""PDF files read by a program that is not ours: their text, and what is wrong with their pages."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from typing import Any

import pypdfium2

PER_INCH = 72
_SIDES, _BOTTOM, _TOP = 19.0, 17.0, 8.0
"""Millimetres that stay white: a little less than the sheet's own, and none above the header."""
_HEADER = 18.0
"""Millimetres from the top within which the header stands."""
_WHITE = 245
_LEAST_LETTERS = 4
"""Rows of a picture that a line of letters has."""
_LEAST_FILLED = 0.4
"""Of a page's height, on every page but the last."""


def texts(pdf: bytes) -> list[str]:
    """The text of every page below its header, with one kind of line break."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return [
            page.get_textpage()
            .get_text_bounded(top=page.get_height() - _HEADER / 25.4 * 72)
            .replace("\r\n", "\n")
            for page in document
        ]


def headers(pdf: bytes) -> list[str]:
    """The text of every page's header."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return [
            page.get_textpage().get_text_bounded(bottom=page.get_height() - _HEADER / 25.4 * 72)
            for page in document
        ]


def squeezed(text: str) -> str:
    """Without white space, which tells only where lines are broken."""
    return "".join(text.split())


def sizes(pdf: bytes) -> set[tuple[int, int]]:
    """Width and height in points of every page, rounded."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return {(round(page.get_width()), round(page.get_height())) for page in document}


def inks(pdf: bytes) -> Iterator[Any]:
    """Of every page an array of rows, true where something is printed."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        for page in document:
            bitmap = page.render(scale=PER_INCH / 72, grayscale=True)
            yield bitmap.to_numpy().reshape(bitmap.height, bitmap.width) < _WHITE


def faults(pdf: bytes, headings: Collection[str] = ()) -> list[str]:
    """What a person would find wrong with the pages; ``headings`` are lines that none may end."""
    found: list[str] = []
    pages = list(inks(pdf))
    last_lines = _last_lines(pdf, pages)
    for number, (ink, last) in enumerate(zip(pages, last_lines, strict=True), 1):
        found += [f"page {number}: {fault}" for fault in _margin_faults(ink)]
        if number == len(pages):
            break
        rows = ink.any(axis=1).nonzero()[0]
        if not len(rows) or rows[-1] < ink.shape[0] * _LEAST_FILLED:
            found.append(f"page {number} is nearly empty")
        if any(last == squeezed(heading) for heading in headings):
            found.append(f"page {number} ends with the heading {last!r}")
    return found


def _last_lines(pdf: bytes, pages: Sequence[Any]) -> Iterator[str]:
    """Of every page the text of its last line of letters, squeezed."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        for page, ink in zip(document, pages, strict=True):
            rows = ink.any(axis=1)
            end = len(rows)
            begin = end
            while begin and end - begin < _LEAST_LETTERS:  # else it is a thin line below letters
                end = begin
                while end and not rows[end - 1]:
                    end -= 1
                begin = end
                while begin and rows[begin - 1]:
                    begin -= 1
            high = page.get_height()
            scale = 72 / PER_INCH
            text = page.get_textpage().get_text_bounded(
                bottom=high - end * scale - 1, top=high - begin * scale + 1
            )
            yield squeezed(text)


def _margin_faults(ink: Any) -> Iterator[str]:
    high, wide = ink.shape
    side, bottom, top = (round(each / 25.4 * PER_INCH) for each in (_SIDES, _BOTTOM, _TOP))
    if ink[:, :side].any():
        yield "ink at the left margin"
    if ink[:, wide - side :].any():
        yield "ink at the right margin"
    if ink[high - bottom :].any():
        yield "ink at the lower margin"
    if ink[:top].any():
        yield "ink at the upper margin"
    header = round(_HEADER / 25.4 * PER_INCH)
    gap = round(3 / 25.4 * PER_INCH)
    if ink[header : header + gap].any():
        yield "ink between header and text"
