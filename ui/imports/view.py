"""What the import sheet shows; its controller makes it. No Qt in here."""

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """How far an import is."""

    SOURCES = "sources"
    """Where the chats are to come from."""
    READING = "reading"
    CHOOSING = "choosing"
    """Everything that was found, before anything is taken over."""
    TAKING = "taking"
    """It is being written into the history."""
    RESULT = "result"


class Standing(StrEnum):
    """What taking a chat over would do."""

    NEW = "new"
    GROWN = "grown"
    """It is here with fewer messages."""
    HERE = "here"
    """All of it is here already."""
    IN_TRASH = "trash"
    """All of it is here, in the trash."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A place on this computer with chats of another program."""

    key: str
    name: str
    """The program."""
    detail: str
    """How many chats, and the newest of them, in words."""
    path: str = ""


@dataclass(frozen=True, slots=True)
class ChatRow:
    """A chat that could be taken over."""

    id: str
    title: str
    detail: str
    """When it was used last, and how many messages it has, in words."""
    standing: Standing
    note: str = ""
    """What would come: "4 new messages"."""

    @property
    def can_choose(self) -> bool:
        """Whether taking it over would add anything."""
        return self.standing in (Standing.NEW, Standing.GROWN)


@dataclass(frozen=True, slots=True)
class TroubleRow:
    """Something that could not be read."""

    where: str
    words: str


Row = ChatRow | TroubleRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportView:
    """One state of the sheet."""

    step: Step
    title: str
    note: str = ""
    """A sentence above everything else."""
    sources: tuple[SourceRow, ...] = ()
    is_looking: bool = False
    """Places are still being looked at."""
    share: float | None = None
    """Of what is being read or written, 0 to 1; None while nobody can tell."""
    progress: str = ""
    rows: tuple[Row, ...] = ()
    has_new: bool = False
    """Of a result: there is something to be shown and to be taken back."""
