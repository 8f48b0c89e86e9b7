"""What stands in the palette's list."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Places = tuple[tuple[int, int], ...]
"""(start, end) in characters of what is shown strongly, ordered, never overlapping."""


class Kind(StrEnum):
    """What an entry is."""

    CHAT = "chat"
    COMMAND = "command"
    MODEL = "model"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to choose."""

    kind: Kind
    id: str
    title: str
    places: Places = ()
    detail: str = ""
    """Beside the title, or below it for a message."""
    keys: str = ""
    """The shortcut that does the same."""
    parent_id: str = ""
    """Of a message: its conversation."""


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under a heading."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """Something that the window can do."""

    id: str
    title: str
    act: Callable[[], object]
    also: str = ""
    """Other words that somebody may look for it by."""
    keys: str = ""
