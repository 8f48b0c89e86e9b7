"""What the export sheet shows and what a person chooses there. No Qt in here."""

from dataclasses import dataclass, field
from enum import StrEnum

from app.export.base import ExportOptions


class What(StrEnum):
    """What could be taken out; only what applies is offered."""

    MESSAGE = "message"
    SELECTION = "selection"
    BRANCH = "branch"
    CHAT = "chat"
    CHATS = "chats"
    """Several that are selected in the list."""
    FOLDER = "folder"
    SEARCH = "search"
    EVERYTHING = "everything"


PICTURED = frozenset({"html", "pdf", "docx"})
"""Formats whose preview is pages; of the others it is the beginning of the file."""

PAPERED = frozenset({"pdf", "docx"})
"""Formats with pages of a size."""

TOGETHER = frozenset({"json", "jsonl"})
"""Formats in which many conversations are one file."""

BRANCHED = frozenset({What.CHAT, What.CHATS, What.FOLDER, What.SEARCH, What.EVERYTHING})
"""Where other branches can come along."""

SINGLE = frozenset({What.MESSAGE, What.SELECTION, What.BRANCH, What.CHAT})
"""One conversation, or a part of it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that could be exported."""

    what: What
    words: str
    detail: str = ""
    """How much it is: "12 messages"."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch of the conversation, by its last message."""

    leaf_id: str
    words: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person chose."""

    what: What
    format: str
    options: ExportOptions
    leaf_id: str = ""
    """Of the branch, where it is one."""
    in_zip: bool = False
    """Many files go into one .zip instead of a folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportView:
    """Everything that the sheet begins with."""

    offers: tuple[Offer, ...]
    what: What
    format: str
    options: ExportOptions = field(default_factory=ExportOptions)
    branches: tuple[Branch, ...] = ()
    leaf_id: str = ""
    in_zip: bool = False
    remark: str = ""
    """Why what was pointed at is not among the offers; Enter does not export then."""
