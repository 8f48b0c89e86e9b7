"""What a search found, for Qt's list, and its rows in words."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from ui.models.view import ResultRow
from ui.models.words import (
    about,
    count_words,
    joined,
    parameters_words,
    sizes_words,
    verdict_words,
)

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole + 1
"""The whole ResultRow."""
translate = QCoreApplication.translate
"""Named as ``lupdate`` looks for it."""


class ResultListModel(QAbstractListModel):
    """Rows in the order of the search. More of them, or more known of them, moves none."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[ResultRow, ...] = ()

    def show_results(self, rows: Sequence[ResultRow]) -> None:
        """Show these; what stays at its place stays chosen."""
        before, after = [row.key for row in self._rows], [row.key for row in rows]
        known = len(before)
        if before and after[:known] == before:
            if len(after) > known:
                self.beginInsertRows(QModelIndex(), known, len(after) - 1)
                self._rows = tuple(rows)
                self.endInsertRows()
            self._rows = tuple(rows)
            self.dataChanged.emit(self.index(0), self.index(known - 1))
        elif before != after:
            self.beginResetModel()
            self._rows = tuple(rows)
            self.endResetModel()

    def row_at(self, row: int) -> ResultRow:
        """The result in a row."""
        return self._rows[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """All of them."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The name; everything to screen readers; the row to the delegate."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(row)
        return None


def detail_words(row: ResultRow) -> str:
    """Below the name: who offers it, how large it is, its licence, how often it was fetched."""
    who = (
        row.publishers[0]
        if len(row.publishers) == 1
        else translate("models", "{count} publishers").format(count=len(row.publishers))
    )
    fetched = (
        translate("models", "{count} downloads").format(count=count_words(row.downloads))
        if row.downloads
        else ""
    )
    size = parameters_words(row.total_parameters, row.active_parameters)
    return joined((who if row.publishers else "", size, row.licence, fetched))


def mark_words(row: ResultRow) -> str:
    """Beside the name: what is special about it."""
    here = {
        "here": translate("models", "In your library"),
        "coming": translate("models", "Downloading"),
        "absent": "",
    }[row.fetch]
    return joined(
        (
            here,
            translate("models", "MoE") if row.is_moe else "",
            translate("models", "Gated") if row.is_gated else "",
        )
    )


def spoken(row: ResultRow) -> str:
    """All of a row in one line."""
    verdict = verdict_words(row.verdict) if row.verdict else ""
    speed = about(row.speed, is_exact=row.is_exact)
    sizes = about(sizes_words(row.least_bytes, row.most_bytes), is_exact=row.is_exact)
    return joined((row.name, mark_words(row), detail_words(row), sizes, speed, verdict))
