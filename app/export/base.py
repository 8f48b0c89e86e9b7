"""What an export is made of: what goes in, what a format is given, and where it writes.

Whoever fills a ``Given``: a file that loses nothing needs more than what is seen. Give the format
that ``keeps_trees`` the conversations by ascending id, and with each
``folder`` and ``pinned`` (``Organiser``), ``summaries`` (``History.summaries``),
``file`` (``AttachmentStore.get``: called once for each file, between two messages, on the thread
that writes), ``shown`` ({id: History.tree(…).node(id).shown} where that is not 0).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import msgspec

from app.attachments.entities import Attachment
from app.history.entities import Conversation, Message, Summary
from app.history.organised import Folder

Paper = Literal["a4", "letter"]


class ExportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What goes into the file besides the messages themselves."""

    system_prompt: bool = True
    reasoning: bool = True
    branches: bool = False
    """Other branches than the one that is shown; a file that keeps trees has them always."""
    attachments: bool = True
    """What the model was given of files; without it only their names."""
    statistics: bool = True
    """Model, sampling, token counts and timings of every answer; who wrote it is said anyway."""
    dates: bool = True
    """When the conversation began and changed, and when each message was written."""
    paper: Paper = "a4"


@dataclass(frozen=True, slots=True)
class Given:
    """One conversation, or a part of one, as a format is given it."""

    conversation: Conversation
    messages: tuple[Message, ...]
    """Parents before children: the branch alone, or the whole tree where it is wanted."""
    branch: tuple[str, ...]
    """Ids of the messages that are shown, in order."""
    summaries: tuple[Summary, ...] = ()
    """They stand for beginnings of branches where the context is full."""
    folder: Folder | None = None
    pinned: bool = False
    file: Callable[[str], Attachment] | None = None
    """The whole text of an attachment by its id; without it what messages were given is all.
    Raises KnownError where it is gone."""
    shown: Mapping[str, int] = field(default_factory=dict)
    """When a message was last the end of the branch that is shown, counted in moves."""


class Sink(Protocol):
    """Where a format writes. Every call may raise ExportError, also because it was cancelled."""

    def write(self, data: bytes) -> None:
        """Append to the file."""

    def step(self, messages: int = 0) -> None:
        """So many more messages are done; call it often, for this is where a cancel arrives."""


class Format(Protocol):
    """One format: one module. The same input gives the same bytes at any time."""

    @property
    def name(self) -> str:
        """As the terminal calls it: "md"."""

    @property
    def ending(self) -> str:
        """Of its files, without the dot."""

    @property
    def together(self) -> bool:
        """Whether many conversations become one file; else each has its own."""

    @property
    def keeps_trees(self) -> bool:
        """Whether it is given whole trees whatever the options say."""

    def write(self, given: Iterable[Given], options: ExportOptions, sink: Sink) -> None:
        """Write the file. Exactly one conversation is given unless ``together``."""
