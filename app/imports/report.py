"""What an import tells: what would come, what could not be read, what was taken over."""

from dataclasses import dataclass
from enum import StrEnum

from app.imports.entities import Unread
from app.wording import sentence
from models.naming import shorten

MOST_UNREAD = 10_000
"""Rows of a report that are kept; what is beyond is only counted."""


class Standing(StrEnum):
    """How a conversation of the files stands to those here."""

    NEW = "new"
    GROWN = "grown"
    """It is here, and has messages that are not."""
    HERE = "here"
    """All of it is here already."""
    TRASHED = "trashed"
    """It lies in the trash here, and stays there."""


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One conversation that could be taken over."""

    id: str
    """As it has it here."""
    title: str
    source: str
    """The reader's name: "chatgpt"."""
    file: str
    """Name of the file it is from."""
    folder: str
    messages: int
    new_messages: int
    """Of them not here yet."""
    created_ms: int
    updated_ms: int
    standing: Standing
    new_files: int = 0
    """Files that are here by their names alone, and would get their content."""

    @property
    def adds(self) -> bool:
        """Whether taking it over would change anything."""
        return self.standing in (Standing.NEW, Standing.GROWN)


@dataclass(frozen=True, slots=True)
class Preview:
    """What is in the files, the last used first; nothing of it is in the history yet."""

    rows: tuple[FoundRow, ...]
    files: int
    """How many texts and pictures go with the messages."""
    unread: tuple[Unread, ...]
    """What could not be read, at most MOST_UNREAD."""
    unread_count: int
    """All of that."""
    sources: tuple[str, ...]
    """Names of the readers that found something."""

    @property
    def messages(self) -> int:
        """Of all conversations."""
        return sum(row.messages for row in self.rows)

    @property
    def new_messages(self) -> int:
        """Of all conversations, those that would come."""
        return sum(row.new_messages for row in self.rows if row.adds)

    def count(self, standing: Standing) -> int:
        """How many conversations stand so."""
        return sum(row.standing is standing for row in self.rows)


@dataclass(frozen=True, slots=True)
class ReadingSoFar:
    """How far reading the files has come."""

    files_done: int
    files: int
    conversations: int
    messages: int


@dataclass(frozen=True, slots=True)
class TakingSoFar:
    """How far taking over has come; ``backup`` while the copy of before is made."""

    done: int
    """Conversations."""
    total: int
    backup: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken over."""

    added: int
    """New conversations."""
    grown: int
    """Conversations here that got new messages."""
    same: int
    """Conversations that were here already, or were not in the files."""
    trashed: tuple[str, ...]
    """Titles of those that lie in the trash and were left there."""
    messages: int
    files: int
    backup: str
    """Name of the copy of before; empty when there was nothing to take over."""


def told(unread: Unread) -> str:
    """The row of a report as a person reads it."""
    where = str(unread.facts.get("where", unread.where))
    facts = {**unread.facts, "where": shorten(where)}
    try:
        return sentence(unread.code, facts)
    except (KeyError, ValueError):
        return sentence("import.cannot_read", facts)
