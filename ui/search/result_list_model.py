"""What was found, for Qt's views."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from ui.search.view import ResultRow

Index = QModelIndex | QPersistentModelIndex

ROW_ROLE = Qt.ItemDataRole.UserRole + 1


class FoundListModel(QAbstractListModel):
    """Conversations, each followed by its places; replaced as a whole."""

    _rows: tuple[ResultRow, ...] = ()

    def set_rows(self, rows: Sequence[ResultRow]) -> None:
        """Show these; nothing happens when they are shown already."""
        if tuple(rows) == self._rows:
            return
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    @property
    def best(self) -> int:
        """The row that Enter opens first: the first place, or a title that was found itself."""
        if not self._rows:
            return -1
        named = bool(self._rows[0].snippet.places)
        return 1 if not named and self._rows[1:] and self._rows[1].label else 0

    def row_at(self, number: int) -> ResultRow | None:
        """One of them, counted from 0."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """All of them."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row, its text, and what screen readers say."""
        row = self.row_at(index.row())
        if row is None:
            return None
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.snippet.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (row.label, row.snippet.text, row.note, row.when)))
        return None
