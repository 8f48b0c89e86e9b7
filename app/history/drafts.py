"""What was typed and attached and not sent yet, for each conversation."""

from collections.abc import Callable

import msgspec

from app.storage.connection import Connection
from app.storage.opening import Database
from app.text import clean
from models.errors import KnownError

NEW_CHAT = ""
"""In the place of a conversation's id: of the chat that has no message yet."""
TEMPORARY = "temporary:"
"""Begins the key of a chat of which nothing is ever written to the disk."""


class DraftFile(msgspec.Struct, frozen=True):
    """A file that goes with a draft; its text is kept with the attachments."""

    attachment_id: str
    name: str = ""
    way: str = "whole"
    """``AttachedWay``, as a word."""
    part: str = ""
    """Which part was asked for, as it was typed: "3-5"."""


class Draft(msgspec.Struct, frozen=True):
    """What the composer holds."""

    text: str = ""
    files: tuple[DraftFile, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not self.text and not self.files


class Drafts:
    """All drafts of one data folder. Reads raise StorageError; writes return at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, conversation_id: str = NEW_CHAT) -> Draft:
        """The draft of a conversation, or an empty one."""

        def read(connection: Connection) -> Draft:
            row = connection.execute(
                "SELECT CAST(content AS BLOB) FROM drafts WHERE conversation_id = ?",
                (clean(conversation_id),),
            ).fetchone()
            if row is None:
                return Draft()
            try:
                return msgspec.json.decode(bytes(row[0]), type=Draft)
            except (msgspec.DecodeError, UnicodeDecodeError, TypeError):
                return Draft()  # a fault of the disk ruined it

        return self._database.read(read)

    def keep(
        self,
        conversation_id: str,
        draft: Draft,
        failed: Callable[[KnownError], None] | None = None,
    ) -> None:
        """Keep a draft in the place of the one before; an empty one is forgotten."""
        content = clean(msgspec.json.encode(_cleaned(draft)).decode("utf-8"))

        def write(connection: Connection) -> None:
            if draft.is_empty:
                connection.execute(
                    "DELETE FROM drafts WHERE conversation_id = ?", (clean(conversation_id),)
                )
                return
            connection.execute(
                "INSERT INTO drafts (conversation_id, content) VALUES (?, ?)"
                " ON CONFLICT (conversation_id) DO UPDATE SET content = excluded.content",
                (clean(conversation_id), content),
            )

        self._database.writer.submit(write, None, failed)


def _cleaned(draft: Draft) -> Draft:
    """JSON cannot carry lone surrogates."""
    files = tuple(
        msgspec.structs.replace(each, name=clean(each.name), part=clean(each.part))
        for each in draft.files
    )
    return Draft(clean(draft.text), files)
