"""A Word paragraph: its style, and where it stands in lists and quotes."""

import re
from dataclasses import dataclass, replace

from app.export.docx_story import INDENT
from app.export.docx_xml import is_leftwards

_DEEPEST = 12
"""Levels that move a paragraph; deeper ones would leave no room for words."""
_TEXT = re.compile(r"<w:t [^>]*>([^<]*)</w:t>")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a paragraph stands."""

    quotes: int = 0
    depth: int = 0
    """Open lists and footnotes."""
    list_number: int = 0
    """Of Word's list that it is an item of; 0 for none."""
    level: int = 0
    hangs: bool = False
    """Whether its first line begins where its item does."""

    def listed(self, number: int, level: int) -> "Place":
        """As an item of a list."""
        return replace(self, list_number=number, level=level, hangs=True)

    def hanging(self) -> "Place":
        """With a mark before its words."""
        return replace(self, hangs=True)

    @property
    def indent(self) -> int:
        """Twips from the left margin."""
        return INDENT * min(self.quotes + self.depth, _DEEPEST)


def paragraph(inside: str, style: str, place: Place | None = None) -> str:
    """A paragraph around runs that are XML already."""
    at = place or Place()
    told = [f'<w:pStyle w:val="{style}"/>' if style else ""]
    if at.list_number:
        told.append(
            f'<w:numPr><w:ilvl w:val="{at.level}"/><w:numId w:val="{at.list_number}"/></w:numPr>'
        )
    if style != "SourceCode" and is_leftwards("".join(_TEXT.findall(inside))):
        told.append("<w:bidi/>")
    if at.hangs:
        told.append(f'<w:ind w:left="{at.indent}" w:hanging="{INDENT}"/>')
    elif at.indent:
        told.append(f'<w:ind w:left="{at.indent}"/>')
    properties = "".join(told)
    whole = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f"<w:p>{whole}{inside}</w:p>"
