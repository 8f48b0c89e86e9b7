"""What the search page shows and what a person chooses there. No Qt in here."""

from dataclasses import dataclass
from enum import StrEnum

from app.history.entities import Role
from app.history.found import Snippet


class Period(StrEnum):
    """When something was written."""

    ANY = "any"
    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    BEFORE = "before"
    """Before this year."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be found; ``None`` for a folder is everywhere, empty is outside of any."""

    text: str = ""
    model: str = ""
    """Model key; empty for any."""
    period: Period = Period.ANY
    folder: str | None = None
    role: Role | None = None

    @property
    def are_narrow(self) -> bool:
        """Whether more would be looked at without the filters."""
        return self != Wishes(text=self.text)


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A conversation, or with ``label`` a place in the one above it."""

    conversation_id: str
    message_id: str | None
    """None: the conversation as a whole."""
    snippet: Snippet
    when: str
    label: str = ""
    """Who wrote it, or in which file it stands."""
    note: str = ""
    """Of a conversation: its folder, and how many places it has."""

    @property
    def is_conversation(self) -> bool:
        """Whether the places follow below it."""
        return not self.label
