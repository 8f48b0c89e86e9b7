"""A part of an attachment, as a person names it: pages, lines, or a heading."""

import re
from dataclasses import dataclass

from app.attachments.entities import Attachment, Unit
from app.attachments.errors import AttachmentError
from app.wording import sentence
from models.naming import shorten

_RANGE = re.compile(r"(?:(?:pp?|l|pages?|lines?)\.?\s*)?(\d{0,9})\s*([-–]?)\s*(\d{0,9})", re.I)
_HEADING_LEVEL = re.compile(r"(#{1,6}) ")


@dataclass(frozen=True, slots=True)
class Part:
    """``text[start:end]`` of an attachment, and how it is called in a sentence."""

    label: str
    start: int
    end: int


def part_of(attachment: Attachment, wanted: str) -> Part:
    """The part that ``wanted`` names: "3", "3-5", "3-", "-5", or a heading or its beginning.

    Numbers are pages where the document has pages, else lines, both from 1. A heading may
    have a ``#`` before it, which a heading that is a number needs.
    Raises AttachmentError when there is no such part.
    """
    wanted = wanted.strip()
    match = _RANGE.fullmatch(wanted)
    if match and (match[1] or match[3]):
        first = int(match[1] or 1)
        last = int(match[3]) if match[3] else (10**9 if match[2] else first)
        if attachment.unit is Unit.PAGES:
            return pages(attachment, first, last)
        return lines(attachment, first, last)
    return heading(attachment, wanted.lstrip("#").strip())


def pages(attachment: Attachment, first: int, last: int) -> Part:
    """Pages ``first`` to ``last``, counted from 1. Raises AttachmentError."""
    count = len(attachment.sections)
    last = min(last, count)
    if not 1 <= first <= last:
        raise AttachmentError("attachments.no_pages", name=shorten(attachment.name), count=count)
    code = "attachments.label_page" if first == last else "attachments.label_pages"
    label = sentence(code, {"number": first, "count": last})
    return Part(label, attachment.sections[first - 1].start, attachment.sections[last - 1].end)


def lines(attachment: Attachment, first: int, last: int) -> Part:
    """Lines ``first`` to ``last``, counted from 1. Raises AttachmentError."""
    starts = [0, *(match.end() for match in re.finditer("\n", attachment.text))]
    count = len(starts)
    last = min(last, count)
    if not 1 <= first <= last:
        raise AttachmentError("attachments.no_lines", name=shorten(attachment.name), count=count)
    end = starts[last] - 1 if last < count else len(attachment.text)
    code = "attachments.label_line" if first == last else "attachments.label_lines"
    return Part(sentence(code, {"number": first, "count": last}), starts[first - 1], end)


def heading(attachment: Attachment, title: str) -> Part:
    """What stands under a heading, with the smaller headings below it. Raises AttachmentError.

    The first that equals ``title`` is taken, else the first that begins with it, else that
    has it anywhere, without regard to case.
    """
    folded = title.casefold()
    titles = [section.title.casefold() for section in attachment.sections]
    for fits in (str.__eq__, str.startswith, str.__contains__):
        for number, known in enumerate(titles):
            if folded and known and fits(known, folded):
                return _from_heading(attachment, number)
    raise AttachmentError(
        "attachments.no_heading", name=shorten(attachment.name), title=shorten(title)
    )


def _from_heading(attachment: Attachment, number: int) -> Part:
    sections = attachment.sections
    level = _level(attachment, number)
    last = number
    while last + 1 < len(sections) and _level(attachment, last + 1) > level:
        last += 1
    label = sentence("attachments.label_heading", {"title": shorten(sections[number].title)})
    start = sections[number].start
    text = attachment.text[start : sections[last].end].rstrip("\n")
    return Part(label, start, start + len(text))


def _level(attachment: Attachment, number: int) -> int:
    """Of the heading that the section begins with; what has none belongs to the one before."""
    section = attachment.sections[number]
    found = _HEADING_LEVEL.match(attachment.text, section.start, section.end)
    return len(found[1]) if found else 7
