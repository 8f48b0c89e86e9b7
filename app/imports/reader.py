"""What every source of chats offers to the import."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Protocol

from app.imports.bundle import Bundle
from app.imports.entities import FoundConversation, Unread


class Reader(Protocol):
    """One source of chats. It only reads, one conversation in memory at a time."""

    @property
    def name(self) -> str:
        """As the terminal calls it: "chatgpt"."""

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file or folder is one of its own; ``head`` is a file's first 64 KiB."""

    def files(self, bundle: Bundle) -> list[str]:
        """The files of a folder or zip that are named as its own. Raises ImportingError."""

    def is_one(self, head: bytes) -> bool:
        """Whether one of these begins as its own do."""

    def read(
        self, path: Path, only: Collection[str] | None = None
    ) -> Iterator[FoundConversation | Unread]:
        """Everything in it, in the source's order; of a folder or zip ``only`` these files.

        Raises ImportingError if nothing can be read.
        """
