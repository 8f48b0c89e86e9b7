"""Where other programs keep their chats on this computer: looked for off this thread."""

import os
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.export.peeking import Peeking
from app.imports.places import Found, find_chats
from app.posting import Post
from models.errors import KnownError


class ImportPlaces(QObject):
    """``changed()``: something else is known."""

    changed = Signal()

    def __init__(self, post: Post, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._post = post
        self._under_way: Peeking[list[Found]] | None = None
        self.found: tuple[Found, ...] = ()
        """What was found the last time."""

    @property
    def is_looking(self) -> bool:
        """Whether it is being looked for."""
        return self._under_way is not None

    def look(self) -> None:
        """Look again; only names and dates of files are read."""
        if self._under_way is None:
            self._under_way = Peeking(
                self._post, lambda _cancelled: find_chats(Path.home(), os.environ), self._done,
                self._failed,
            )  # fmt: skip

    def _done(self, found: list[Found]) -> None:
        self._under_way = None
        self.found = tuple(found)
        self.changed.emit()

    def _failed(self, _error: KnownError) -> None:
        self._done([])
