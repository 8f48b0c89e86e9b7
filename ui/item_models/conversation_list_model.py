"""The sidebar's rows: conversations, newest first, under headings of when they were used."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from PySide6.QtCore import (
    QAbstractListModel,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from app.history.entities import Conversation

Index = QModelIndex | QPersistentModelIndex
Dot = Literal["", "answering", "unread", "interrupted"]

ID_ROLE = Qt.ItemDataRole.UserRole + 1
GROUP_ROLE = Qt.ItemDataRole.UserRole + 2
DOT_ROLE = Qt.ItemDataRole.UserRole + 3
IS_HEADING_ROLE = Qt.ItemDataRole.UserRole + 4

_MOVES_AT_ONCE = 64
"""More single changes than this are slower and no calmer than a reset."""


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation, or a heading when ``id`` is empty."""

    id: str
    title: str
    group: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same row after a change of title."""
        return (self.id, "" if self.id else self.group)


class ConversationListModel(QAbstractListModel):
    """Rows change one by one, so that selection and scroll position survive.

    Signals:
        rename_requested: id and new title, when a person finished editing a title.
    """

    rename_requested = Signal(str, str)

    def __init__(self, parent: QObject | None = None, *, grouped: bool = True) -> None:
        super().__init__(parent)
        self._grouped = grouped
        self._conversations: tuple[Conversation, ...] = ()
        self._today = date.today()
        self._filter = ""
        self._matches: frozenset[str] = frozenset()
        self._dots: dict[str, Dot] = {}
        self._rows: list[Row] = []

    def set_conversations(self, conversations: Sequence[Conversation], today: date) -> None:
        """Show ``conversations``; ``today`` (local) decides the headings."""
        self._conversations = tuple(sorted(conversations, key=lambda c: -c.sequence))
        self._today = today
        self._apply()

    def set_filter(self, text: str) -> None:
        """Show only conversations whose title contains every word of ``text``."""
        self._filter = text
        self._matches = frozenset()
        self._apply()

    def set_matches(self, ids: Iterable[str]) -> None:
        """Show these as well while the filter lasts: it was found in their messages."""
        self._matches = frozenset(ids)
        self._apply()

    def set_dots(self, dots: Mapping[str, Dot]) -> None:
        """Which conversations have a state dot; the others have none."""
        old, self._dots = self._dots, dict(dots)
        for number, row in enumerate(self._rows):
            if row.id and old.get(row.id, "") != self._dots.get(row.id, ""):
                index = self.index(number)
                self.dataChanged.emit(index, index, [DOT_ROLE])

    def index_of(self, conversation_id: str) -> QModelIndex:
        """The row of a conversation; an unusable index when it is not shown."""
        for number, row in enumerate(self._rows):
            if row.id == conversation_id:
                return self.index(number)
        return QModelIndex()

    @property
    def count(self) -> int:
        """How many conversations are shown."""
        return sum(1 for row in self._rows if row.id)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Headings included."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The title or heading, and the roles of this file."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row)
        values = {
            ID_ROLE: row.id,
            GROUP_ROLE: row.group,
            DOT_ROLE: self._dots.get(row.id, ""),
            IS_HEADING_ROLE: not row.id,
        }
        return values.get(role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """An edited title is asked for; the row changes when the new list arrives."""
        row = self._rows[index.row()]
        title = " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or not row.id or not title:
            return False
        if title != row.title:
            self.rename_requested.emit(row.id, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings are only text."""
        if not index.isValid() or not self._rows[index.row()].id:
            return Qt.ItemFlag.NoItemFlags
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsEditable
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def _spoken(self, row: Row) -> str:
        said = {
            "answering": self.tr("{title}, answering"),
            "unread": self.tr("{title}, answer finished"),
            "interrupted": self.tr("{title}, answer interrupted"),
        }
        return said.get(self._dots.get(row.id, ""), "{title}").format(title=row.title)

    def _apply(self) -> None:
        new = self._wanted_rows()
        old_keys = {row.key for row in self._rows}
        new_keys = [row.key for row in new]
        changes = len(old_keys.symmetric_difference(new_keys))
        if not self._rows or changes > _MOVES_AT_ONCE:
            self.beginResetModel()
            self._rows = new
            self.endResetModel()
            return
        self._remove_absent(set(new_keys))
        for number, row in enumerate(new):
            self._bring(row, number)

    def _remove_absent(self, wanted: set[tuple[str, str]]) -> None:
        for number in range(len(self._rows) - 1, -1, -1):
            if self._rows[number].key not in wanted:
                self.beginRemoveRows(QModelIndex(), number, number)
                del self._rows[number]
                self.endRemoveRows()

    def _bring(self, row: Row, number: int) -> None:
        """Make ``row`` the one at ``number``; everything before it is right already."""
        root = QModelIndex()
        found = next(
            (i for i in range(number, len(self._rows)) if self._rows[i].key == row.key), -1
        )
        if found < 0:
            self.beginInsertRows(root, number, number)
            self._rows.insert(number, row)
            self.endInsertRows()
            return
        if found != number:
            self.beginMoveRows(root, found, found, root, number)
            self._rows.insert(number, self._rows.pop(found))
            self.endMoveRows()
        if self._rows[number] != row:
            self._rows[number] = row
            self.dataChanged.emit(self.index(number), self.index(number))

    def _wanted_rows(self) -> list[Row]:
        words = self._filter.casefold().split()
        rows: list[Row] = []
        group, oldest = "", date.max
        for conversation in self._conversations:
            title = conversation.title or self.tr("New chat")
            if conversation.id not in self._matches and not all(
                word in title.casefold() for word in words
            ):
                continue
            # The order is by sequence; a clock that was set back must not mix the headings.
            oldest = min(oldest, datetime.fromtimestamp(conversation.updated_ms / 1000).date())
            heading = self._heading(oldest)
            if self._grouped and heading != group:
                rows.append(Row("", heading, heading))
            group = heading
            rows.append(Row(conversation.id, title, group))
        return rows

    def _heading(self, day: date) -> str:
        if day >= self._today:
            return self.tr("Today")
        if day == self._today - timedelta(days=1):
            return self.tr("Yesterday")
        if day > self._today - timedelta(days=7):
            return self.tr("Last 7 days")
        name = QLocale().standaloneMonthName(day.month)
        return (
            name
            if day.year == self._today.year
            else self.tr("{month} {year}").format(month=name, year=day.year)
        )
