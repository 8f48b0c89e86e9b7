"""What a file became: its text with its pages or headings, and what was told on the way."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What a file's content turned out to be, whatever its name says."""

    TEXT = "text"
    MARKDOWN = "markdown"
    TABLE = "csv"
    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    IMAGE = "image"
    """Its text is the picture itself, as a data URL."""


class Unit(StrEnum):
    """In what a part of a text is counted."""

    PAGES = "pages"
    HEADINGS = "headings"
    LINES = "lines"


class Section(msgspec.Struct, frozen=True):
    """One page, or what stands under one heading: ``text[start:end]`` of its attachment."""

    title: str
    """The heading; of a page its number."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """The text of one file. The file itself is not kept."""

    id: str
    name: str
    """As it may be shown: short, printable, on one line."""
    kind: Kind
    size: int
    """Bytes of the file."""
    sha256: str
    """Of the file, in hexadecimal digits."""
    text: str
    sections: tuple[Section, ...] = ()
    created_ms: int = 0
    """Unix milliseconds, UTC."""

    @property
    def unit(self) -> Unit:
        """In what its parts are counted."""
        if self.kind is Kind.PDF:
            return Unit.PAGES
        return Unit.HEADINGS if any(section.title for section in self.sections) else Unit.LINES


@dataclass(frozen=True, slots=True)
class Progress:
    """How far taking out the text has come; ``total`` is 0 while nobody knows."""

    done: int
    total: int
    unit: Unit
