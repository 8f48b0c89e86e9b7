"""Where a piece of an attachment's text stands, in words: its pages, its heading, or its lines."""

import bisect
import re

from app.attachments.entities import Attachment, Kind, Unit
from app.wording import sentence
from models.naming import shorten


class Places:
    """The places of one attachment; made once, asked for many pieces."""

    def __init__(self, attachment: Attachment) -> None:
        self._unit = attachment.unit
        self._is_pdf = attachment.kind is Kind.PDF
        self._titles = [section.title for section in attachment.sections]
        if self._unit is Unit.LINES:
            self._starts = [0, *(match.end() for match in re.finditer("\n", attachment.text))]
        else:
            self._starts = [section.start for section in attachment.sections]

    def of(self, start: int, end: int) -> str:
        """Of ``text[start:end]``; empty before the first heading."""
        first, last = self._at(start), self._at(max(start, end - 1))
        if self._unit is Unit.LINES:
            return _range("line", first + 1, last + 1)
        if self._is_pdf:
            return _range("page", first + 1, last + 1)
        title = self._titles[first]
        return sentence("attachments.label_heading", {"title": shorten(title)}) if title else ""

    def _at(self, position: int) -> int:
        """Which line or section ``position`` is in, from 0."""
        return max(0, bisect.bisect_right(self._starts, position) - 1)


def _range(unit: str, first: int, last: int) -> str:
    code = f"attachments.label_{unit}" + ("s" if last > first else "")
    return sentence(code, {"number": first, "count": last})
