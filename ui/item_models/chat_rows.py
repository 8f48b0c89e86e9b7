"""Which rows the list of chats has: pinned ones, folders with theirs, the rest under headings."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from app.history.organised import Folder, Listed, Sort

_LATEST_MS = 32_503_680_000_000
"""The year 3000: a time beyond it was written by nobody's clock, and Python may refuse it."""


class RowKind(StrEnum):
    """What a row is."""

    HEADING = "heading"
    FOLDER = "folder"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the list."""

    kind: RowKind
    id: str
    """Of the chat or folder; of a heading its words."""
    title: str
    group: str = ""
    """The words of the heading above a chat; empty in a folder."""
    folder_id: str = ""
    """Of a chat that is shown in a folder."""
    count: int = 0
    """Chats below a folder, shown or not."""
    is_open: bool = False
    is_pinned: bool = False
    note: str = ""
    """At the right of a heading: the order, which can be changed there."""

    @property
    def key(self) -> tuple[RowKind, str]:
        """What makes it the same row after a change of title."""
        return (self.kind, self.id)


@dataclass(frozen=True, slots=True)
class RowWords:
    """What headings and untitled chats are called."""

    untitled: str
    pinned: str
    folders: str
    chats: str
    """Above all that stand under no day."""
    order: str
    heading: Callable[[date], str]
    """The heading of a day."""


def rows_of(
    chats: Sequence[Listed],
    folders: Sequence[Folder],
    sort: Sort,
    folded: AbstractSet[str],
    words: RowWords,
) -> list[Row]:
    """Every row, from the top; ``chats`` are in the order of ``sort``, each is shown once."""
    inside: dict[str, list[Listed]] = {folder.id: [] for folder in folders}
    pinned: list[Listed] = []
    rest: list[Listed] = []
    for chat in chats:
        if chat.pinned:
            pinned.append(chat)
        else:
            inside.get(chat.folder_id or "", rest).append(chat)
    rows: list[Row] = []
    if pinned:
        rows.append(Row(RowKind.HEADING, words.pinned, words.pinned))
        rows += [_chat(chat, words, words.pinned) for chat in pinned]
    if folders:
        rows.append(Row(RowKind.HEADING, words.folders, words.folders))
    for folder in folders:
        rows += _folder(folder, inside[folder.id], folder.id not in folded, words)
    rows += _under_headings(rest, sort, words)
    if rows:
        rows[0] = replace(rows[0], note=words.order)
    return rows


def _folder(
    folder: Folder, chats: Sequence[Listed], is_open: bool, words: RowWords
) -> Iterator[Row]:
    yield Row(RowKind.FOLDER, folder.id, folder.name, count=len(chats), is_open=is_open)
    if is_open:
        for chat in chats:
            yield _chat(chat, words, folder_id=folder.id)


def _under_headings(chats: Iterable[Listed], sort: Sort, words: RowWords) -> Iterator[Row]:
    group, heading, oldest = "", "", date.max
    for chat in chats:
        if sort is Sort.TITLE:
            heading = words.chats
        else:
            # The order is by sequence; a clock that was set back must not mix the headings.
            day = _day(chat.created_ms if sort is Sort.CREATED else chat.updated_ms)
            if day < oldest:
                oldest, heading = day, words.heading(day)
        if heading != group:
            yield Row(RowKind.HEADING, heading, heading)
        group = heading
        yield _chat(chat, words, group)


def _chat(chat: Listed, words: RowWords, group: str = "", folder_id: str = "") -> Row:
    return Row(
        RowKind.CHAT,
        chat.id,
        chat.title or words.untitled,
        group,
        folder_id,
        is_pinned=chat.pinned,
    )


def _day(moment_ms: int) -> date:
    return datetime.fromtimestamp(min(max(moment_ms, 0), _LATEST_MS) / 1000).date()
