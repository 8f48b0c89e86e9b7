"""What is exported: one message up to everything, and the conversations that are meant by it."""

from dataclasses import dataclass, field
from typing import TypeAlias

from app.history import folders
from app.history.found import Filters
from app.storage.connection import Connection
from app.text import clean


@dataclass(frozen=True, slots=True)
class SomeMessages:
    """These messages of one conversation; one message is a selection of one."""

    conversation_id: str
    message_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OneBranch:
    """The branch that ends in a message, shown or not."""

    conversation_id: str
    leaf_id: str


@dataclass(frozen=True, slots=True)
class SomeConversations:
    """These, in whatever folders; also the only way to one that lies in the trash."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InFolder:
    """Every conversation of a folder; an empty id: those without a folder."""

    folder_id: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Every conversation in which a search finds something, all of them and whole."""

    text: str
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True, slots=True)
class Everything:
    """All conversations outside the trash."""


Scope: TypeAlias = (
    SomeMessages | OneBranch | SomeConversations | InFolder | SearchResult | Everything
)


def one_conversation(conversation_id: str) -> SomeConversations:
    """One conversation, as it is shown."""
    return SomeConversations((conversation_id,))


def is_one(scope: Scope) -> bool:
    """Whether it can only be one conversation, or a part of one."""
    if isinstance(scope, SomeConversations):
        return len(scope.ids) == 1
    return isinstance(scope, SomeMessages | OneBranch)


def is_part(scope: Scope) -> bool:
    """Whether it is less than one conversation."""
    return isinstance(scope, SomeMessages | OneBranch)


def conversation_ids(connection: Connection, scope: Scope) -> list[str]:
    """The conversations that are meant, by id: so every export has the same order and names.

    A search is resolved by ``app.export.scope_search``, which needs the index. Raises HistoryError
    for a folder that is not there, and apsw.Error.
    """
    match scope:
        case SomeMessages(conversation_id=one) | OneBranch(conversation_id=one):
            return [one]
        case SomeConversations(ids=ids):
            return sorted(set(ids))
        case InFolder(folder_id=""):
            return _ids(
                connection,
                "folder_id IS NULL OR folder_id IN"
                " (SELECT id FROM folders WHERE trashed_ms IS NOT NULL)",
            )
        case InFolder(folder_id=folder_id):
            folders.folder(connection, folder_id)
            return _ids(connection, "folder_id = ?", folder_id)
        case Everything():
            return _ids(connection, "1")
    raise AssertionError(scope)


def _ids(connection: Connection, condition: str, *bindings: str) -> list[str]:
    rows = connection.execute(
        f"SELECT CAST(id AS BLOB) FROM conversations WHERE trashed_ms IS NULL AND ({condition})"
        " ORDER BY id",
        tuple(clean(each) for each in bindings),
    )
    return [bytes(row[0]).decode("utf-8", "replace") for row in rows]
