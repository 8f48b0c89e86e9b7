"""The list of requests for Qt's table, newest first; what is new is inserted above."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.logged_request import LoggedRequest
from ui.settings.requests_words import BYTES, COLUMNS, cell_text, heading, tooltip
from ui.widgets.tooltips import plain_tooltip

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole + 1
"""The whole LoggedRequest."""


class RequestsListModel(QAbstractTableModel):
    """Words are made for the rows on the screen only, so thousands of rows cost nothing."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[LoggedRequest] = []

    def show_requests(self, requests: Sequence[LoggedRequest]) -> None:
        """Show these, given the oldest first. Rows that stay keep their place and selection."""
        rows = list(reversed(requests))
        fresh = self._fresh_in(rows)
        if fresh is None:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return
        if fresh:
            self.beginInsertRows(QModelIndex(), 0, fresh - 1)
            self._rows = rows[:fresh] + self._rows
            self.endInsertRows()
        pairs = enumerate(zip(rows, self._rows, strict=True))
        # Most are the very same objects; comparing thousands of others would be felt.
        changed = [n for n, (new, old) in pairs if new is not old and new != old]
        self._rows = rows
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], COLUMNS - 1))

    def row_at(self, row: int) -> LoggedRequest:
        """The request in a row."""
        return self._rows[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """All of them."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """When, whom, what for, how much, how it ended."""
        return 0 if parent.isValid() else COLUMNS

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """What a column holds."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(alignment(section))
        return heading(section) if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell in words."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return cell_text(row, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(tooltip(row))
        return None

    def _fresh_in(self, rows: Sequence[LoggedRequest]) -> int | None:
        """How many of ``rows`` stand above those shown now; None when other ones differ."""
        fresh = len(rows) - len(self._rows)
        if fresh < 0 or not self._rows:
            return None
        same = all(new.id == old.id for new, old in zip(rows[fresh:], self._rows, strict=True))
        return fresh if same else None


def alignment(column: int) -> Qt.AlignmentFlag:
    """Words at the left, figures at the right."""
    side = Qt.AlignmentFlag.AlignRight if column == BYTES else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
