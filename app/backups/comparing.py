"""What restoring a backup would change: chats that would go, come back, or be others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from app.backups.errors import BackupError
from app.storage.backup_files import BackupFile
from app.storage.connection import Connection
from app.storage.copies import read_copy
from app.storage.errors import StorageError
from app.storage.live_reading import read_live
from models.naming import shorten

_TITLES = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """Between the history now and a backup; chats in the trash do not count as being there."""

    going: int
    """Chats of now that the backup does not hold."""
    going_titles: tuple[str, ...]
    """The newest of them."""
    coming: int
    """Chats of the backup that are not here now."""
    coming_titles: tuple[str, ...]
    changed: int
    """Chats in both in which something was written or renamed since."""
    conversations_now: int
    messages_now: int

    @property
    def is_none(self) -> bool:
        """Whether all chats are as they are now."""
        return not (self.going or self.coming or self.changed)


@dataclass(frozen=True, slots=True)
class _Chat:
    title: str
    messages: int
    newest: int
    """Sequence of its newest message."""
    updated_ms: int
    sequence: int


def compare(history: Path, backup: BackupFile) -> Difference:
    """Read both without changing either. Raises BackupError backup.damaged and StorageError."""
    now, messages_now = read_live(history, _chats)
    try:
        then, _messages = read_copy(backup.path, _chats)
    except StorageError as error:
        raise BackupError("backup.damaged", name=shorten(backup.name)) from error
    going = [now[each] for each in now.keys() - then.keys()]
    coming = [then[each] for each in then.keys() - now.keys()]
    return Difference(
        going=len(going),
        going_titles=_newest(going),
        coming=len(coming),
        coming_titles=_newest(coming),
        changed=sum(_is_other(now[each], then[each]) for each in now.keys() & then.keys()),
        conversations_now=len(now),
        messages_now=messages_now,
    )


def _chats(connection: Connection) -> tuple[Mapping[str, _Chat], int]:
    counts = {
        _text(row[0]): (_number(row[1]), _number(row[2]))
        for row in connection.execute(
            "SELECT CAST(conversation_id AS BLOB), count(*), max(sequence) FROM messages"
            " GROUP BY conversation_id"
        )
    }
    # As bytes: text of a damaged row need not be text.
    found = {
        _text(row[0]): _Chat(
            _text(row[1]), *counts.get(_text(row[0]), (0, 0)), _number(row[2]), _number(row[3])
        )
        for row in connection.execute(
            "SELECT CAST(id AS BLOB), CAST(title AS BLOB), updated_ms, sequence FROM conversations"
            " WHERE trashed_ms IS NULL"
        )
    }
    return found, sum(count for count, _newest_one in counts.values())


def _is_other(now: _Chat, then: _Chat) -> bool:
    # Its place in the list alone is no difference that anybody would miss.
    return replace(now, sequence=0) != replace(then, sequence=0)


def _newest(chats: Iterable[_Chat]) -> tuple[str, ...]:
    ordered = sorted(chats, key=lambda each: -each.sequence)
    return tuple(each.title for each in ordered[:_TITLES])


def _number(cell: object) -> int:
    """Also of a damaged row, where anything may stand."""
    return cell if isinstance(cell, int) else 0


def _text(cell: object) -> str:
    return bytes(cell).decode("utf-8", "replace") if isinstance(cell, bytes) else ""
