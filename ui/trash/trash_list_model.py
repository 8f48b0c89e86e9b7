"""What is in the trash, for Qt's views."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from app.history.organised import Deleted, DeletedKind
from ui.trash.words import deleted_words, kind_words, name_words, until_words

Index = QModelIndex | QPersistentModelIndex

ITEM_ROLE = Qt.ItemDataRole.UserRole + 1
DETAIL_ROLE = Qt.ItemDataRole.UserRole + 2


class TrashListModel(QAbstractListModel):
    """The latest first; replaced as a whole."""

    _items: tuple[Deleted, ...] = ()
    _now_ms = 0

    def set_items(self, items: Sequence[Deleted], now_ms: int) -> None:
        """Show these; ``now_ms`` tells how long they have still."""
        self._now_ms = now_ms
        if tuple(items) == self._items:
            if self._items:
                self.dataChanged.emit(self.index(0), self.index(len(self._items) - 1))
            return
        self.beginResetModel()
        self._items = tuple(items)
        self.endResetModel()

    @property
    def items(self) -> Sequence[Deleted]:
        """All of them."""
        return self._items

    def rows_of(self, wanted: Sequence[tuple[DeletedKind, str]]) -> list[int]:
        """Where these are."""
        keys = set(wanted)
        return [n for n, item in enumerate(self._items) if (item.kind, item.id) in keys]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """All of them."""
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The name, the line below it, the item, and what screen readers say."""
        if not index.isValid() or index.row() >= len(self._items):
            return None
        item = self._items[index.row()]
        if role == ITEM_ROLE:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return name_words(item)
        if role in (DETAIL_ROLE, Qt.ItemDataRole.AccessibleTextRole):
            detail = " · ".join(
                (kind_words(item), deleted_words(item), until_words(item, self._now_ms))
            )
            return detail if role == DETAIL_ROLE else name_words(item) + ", " + detail
        return None
