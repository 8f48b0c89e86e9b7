"""The sidebar's list of chats and folders for Qt's views; rows change one by one."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
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

from app.history.organised import Folder, Listed, Sort
from ui.item_models.chat_rows import Row, RowKind, RowWords, rows_of

Index = QModelIndex | QPersistentModelIndex
Dot = Literal["", "answering", "unread", "interrupted"]

ID_ROLE = Qt.ItemDataRole.UserRole + 1
"""Of a chat; empty for every other row."""
GROUP_ROLE = Qt.ItemDataRole.UserRole + 2
DOT_ROLE = Qt.ItemDataRole.UserRole + 3
IS_HEADING_ROLE = Qt.ItemDataRole.UserRole + 4
ROW_ROLE = Qt.ItemDataRole.UserRole + 5

_MOVES_AT_ONCE = 64
"""More single changes than this are slower and no calmer than a reset."""


class ConversationListModel(QAbstractListModel):
    """Rows change one by one, so that selection and scroll position survive.

    Signals:
        rename_requested: id and new title, when a person finished editing a title.
        folder_rename_requested: the same for a folder.
        folded_changed: ids of the folders that are closed, after a person opened or closed one.
    """

    rename_requested = Signal(str, str)
    folder_rename_requested = Signal(str, str)
    folded_changed = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._chats: tuple[Listed, ...] = ()
        self._folders: tuple[Folder, ...] = ()
        self._sort = Sort.RECENT
        self._today = date.today()
        self._folded: frozenset[str] = frozenset()
        self._dots: dict[str, Dot] = {}
        self._rows: list[Row] = []
        self._places: dict[tuple[RowKind, str], int] | None = None

    # --- what is shown -----------------------------------------------------------------------

    def set_chats(
        self, chats: Sequence[Listed], folders: Sequence[Folder], sort: Sort, today: date
    ) -> None:
        """Show ``chats``, in the order of ``sort``; ``today`` (local) decides the headings."""
        self._chats, self._folders = tuple(chats), tuple(folders)
        self._sort, self._today = sort, today
        self._apply()

    def set_folded(self, folder_ids: Iterable[str]) -> None:
        """Which folders are closed."""
        self._folded = frozenset(folder_ids)
        self._apply()

    def toggle_folder(self, folder_id: str) -> None:
        """Open or close a folder, as a person asked."""
        self.set_folded(self._folded ^ {folder_id})
        known = {folder.id for folder in self._folders}
        self.folded_changed.emit(sorted(self._folded & known))

    def set_dots(self, dots: Mapping[str, Dot]) -> None:
        """Which conversations have a state dot; the others have none."""
        old, self._dots = self._dots, dict(dots)
        for chat in old.keys() | self._dots.keys():
            index = self.index_of(chat)
            if index.isValid() and old.get(chat, "") != self._dots.get(chat, ""):
                self.dataChanged.emit(index, index, [DOT_ROLE])

    # --- what is where -----------------------------------------------------------------------

    @property
    def chats(self) -> Sequence[Listed]:
        """All of them, shown or in a closed folder."""
        return self._chats

    @property
    def folders(self) -> Sequence[Folder]:
        """All of them, by name."""
        return self._folders

    @property
    def order(self) -> Sort:
        """The order of the chats."""
        return self._sort

    def chat(self, conversation_id: str) -> Listed | None:
        """One of the chats."""
        return next((each for each in self._chats if each.id == conversation_id), None)

    def row_at(self, index: Index) -> Row | None:
        """The row of an index, None when it has none."""
        return self._rows[index.row()] if 0 <= index.row() < len(self._rows) else None

    def index_of(self, conversation_id: str) -> QModelIndex:
        """The row of a conversation; an unusable index when it is not shown."""
        return self._index((RowKind.CHAT, conversation_id))

    def index_of_folder(self, folder_id: str) -> QModelIndex:
        """The row of a folder; an unusable index when there is none."""
        return self._index((RowKind.FOLDER, folder_id))

    def answering(self) -> list[QModelIndex]:
        """The rows in which an answer is being written."""
        found = (self.index_of(chat) for chat, dot in self._dots.items() if dot == "answering")
        return [index for index in found if index.isValid()]

    @property
    def count(self) -> int:
        """How many conversations are shown."""
        return sum(1 for row in self._rows if row.kind is RowKind.CHAT)

    # --- Qt's questions ----------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Headings included."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The title or heading, and the roles of this file."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row)
        is_chat = row.kind is RowKind.CHAT
        values = {
            ID_ROLE: row.id if is_chat else "",
            GROUP_ROLE: row.group,
            DOT_ROLE: self._dots.get(row.id, "") if is_chat else "",
            IS_HEADING_ROLE: row.kind is RowKind.HEADING,
        }
        return values.get(role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """An edited title is asked for; the row changes when the new list arrives."""
        row = self._rows[index.row()]
        title = " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or row.kind is RowKind.HEADING or not title:
            return False
        if title != row.title:
            is_chat = row.kind is RowKind.CHAT
            signal = self.rename_requested if is_chat else self.folder_rename_requested
            signal.emit(row.id, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings are only text; chats may be dragged."""
        row = self.row_at(index)
        if row is None or row.kind is RowKind.HEADING:
            return Qt.ItemFlag.NoItemFlags
        flags = (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsEditable
            | Qt.ItemFlag.ItemNeverHasChildren
        )
        return flags | Qt.ItemFlag.ItemIsDragEnabled if row.kind is RowKind.CHAT else flags

    def _spoken(self, row: Row) -> str:
        if row.kind is RowKind.FOLDER:
            state = self.tr("open") if row.is_open else self.tr("closed")
            words = self.tr("Folder {name}, {state}, {count} chats")
            return words.format(name=row.title, state=state, count=row.count)
        said = {
            "answering": self.tr("{title}, answering"),
            "unread": self.tr("{title}, answer finished"),
            "interrupted": self.tr("{title}, answer interrupted"),
        }
        spoken = said.get(self._dots.get(row.id, ""), "{title}").format(title=row.title)
        return self.tr("{title}, pinned").format(title=spoken) if row.is_pinned else spoken

    # --- changes -----------------------------------------------------------------------------

    def _index(self, key: tuple[RowKind, str]) -> QModelIndex:
        if self._places is None:
            self._places = {row.key: number for number, row in enumerate(self._rows)}
        number = self._places.get(key, -1)
        return self.index(number) if number >= 0 else QModelIndex()

    def _apply(self) -> None:
        new = rows_of(self._chats, self._folders, self._sort, self._folded, self._words())
        old_keys = {row.key for row in self._rows}
        new_keys = {row.key for row in new}
        changes = len(old_keys ^ new_keys)
        if not self._rows or changes > _MOVES_AT_ONCE or self._moves(new, new_keys):
            self.beginResetModel()
            self._rows, self._places = new, None
            self.endResetModel()
            return
        self._remove_absent(new_keys)
        for number, row in enumerate(new):
            if self._rows[number : number + 1] != [row]:
                self._bring(row, number)

    def _moves(self, new: Sequence[Row], new_keys: set[tuple[RowKind, str]]) -> bool:
        """Whether so much is somewhere else that moving row by row would take long."""
        place = {row.key: number for number, row in enumerate(new)}
        order = [place[row.key] for row in self._rows if row.key in new_keys]
        breaks = sum(1 for one, other in pairwise(order) if other != one + 1)
        return breaks > _MOVES_AT_ONCE

    def _remove_absent(self, wanted: set[tuple[RowKind, str]]) -> None:
        for number in range(len(self._rows) - 1, -1, -1):
            if self._rows[number].key not in wanted:
                self.beginRemoveRows(QModelIndex(), number, number)
                del self._rows[number]
                self._places = None
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
            self._places = None
            self.endInsertRows()
            return
        if found != number:
            self.beginMoveRows(root, found, found, root, number)
            self._rows.insert(number, self._rows.pop(found))
            self._places = None
            self.endMoveRows()
        if self._rows[number] != row:
            self._rows[number] = row
            self.dataChanged.emit(self.index(number), self.index(number))

    def _words(self) -> RowWords:
        return RowWords(
            untitled=self.tr("New chat"),
            pinned=self.tr("Pinned"),
            folders=self.tr("Folders"),
            chats=self.tr("Chats"),
            order={
                Sort.RECENT: self.tr("Latest first"),
                Sort.CREATED: self.tr("Newest first"),
                Sort.TITLE: self.tr("By title"),
            }[self._sort],
            heading=self._heading,
        )

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
