"""The backups for Qt's list, newest first; what was checked meanwhile changes in its row."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.backups.desk import Listed
from ui.data.words import moment_words, row_words, state_words
from ui.models.words import joined
from ui.widgets.tooltips import plain_tooltip

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole + 1
"""The whole Listed."""


class BackupListModel(QAbstractListModel):
    """Words are made for the rows on the screen only."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Listed, ...] = ()

    def show_backups(self, rows: Sequence[Listed]) -> None:
        """Show these; while they are the same files, rows keep their place and selection."""
        fresh = tuple(rows)
        if [each.file for each in fresh] != [each.file for each in self._rows]:
            self.beginResetModel()
            self._rows = fresh
            self.endResetModel()
            return
        before, self._rows = self._rows, fresh
        for place, (old, new) in enumerate(zip(before, fresh, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(place, 0), self.index(place, 0))

    def row_at(self, row: int) -> Listed:
        """The backup in a row."""
        return self._rows[row]

    def place_of(self, name: str) -> int:
        """The row of the backup with this file name, -1 when it is not there."""
        return next((n for n, each in enumerate(self._rows) if each.file.name == name), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """All of them."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """When it was made; spoken with all the rest, which the delegate draws."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return moment_words(row.file.made)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return joined((moment_words(row.file.made), state_words(row), row_words(row)))
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(row_words(row) + "\n" + row.file.name)
        return None
