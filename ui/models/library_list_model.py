"""The library for Qt's table: which rows are shown, in which order, and their cells in words."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ui.models.library_words import (
    COLUMNS,
    CONTEXT,
    HERE,
    NAME,
    SIZE,
    USED,
    VERIFIED,
    cell_text,
    cell_tooltip,
    heading,
    second_line,
    trouble,
)
from ui.models.view import LibraryChip, LibraryRow, LibraryView
from ui.models.words import joined
from ui.widgets.tooltips import plain_tooltip

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole + 1
"""The whole LibraryRow."""

_LONG_UNUSED_MS = 60 * 86_400_000
_ARROWS = {Qt.SortOrder.AscendingOrder: " ↑", Qt.SortOrder.DescendingOrder: " ↓"}
_TEXT = Qt.ItemDataRole.DisplayRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole


class LibraryListModel(QAbstractTableModel):
    """Rows stand in the view's order until a heading is pressed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = LibraryView(rows=(), now_ms=0)
        self._shown: list[LibraryRow] = []
        self._chip: LibraryChip = "all"
        self._words: tuple[str, ...] = ()
        self._order: tuple[int, Qt.SortOrder] | None = None

    # --- what is shown ---------------------------------------------------------------------

    def show_library(self, view: LibraryView) -> None:
        """Show these; rows that only changed stay where they are, chosen or not."""
        self._view = view
        self._refill()

    def set_chip(self, chip: LibraryChip) -> None:
        """Show one kind only."""
        self._chip = chip
        self._refill()

    def set_words(self, text: str) -> None:
        """Show what has all of these words in its name, quantization, publisher or kind."""
        self._words = tuple(text.casefold().split())
        self._refill()

    def row_at(self, row: int) -> LibraryRow:
        """The model in a row."""
        return self._shown[row]

    def place_of(self, key: str) -> int:
        """The row of a model, -1 when it is not shown."""
        return next((n for n, row in enumerate(self._shown) if row.key == key), -1)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column; what is unknown comes last."""
        self._order = (column, order)
        self._refill()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, COLUMNS - 1)

    # --- for Qt ----------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Those that pass chip and words."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Seven, the last for the menu."""
        return 0 if parent.isValid() else COLUMNS

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """What a column holds, with an arrow where it gives the order."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(alignment(section))
        if role != _TEXT:
            return None
        words = heading(section)
        if self._order and self._order[0] == section:
            return words + _ARROWS[self._order[1]]
        return words

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell in words; the delegate draws from the whole row."""
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        row = self._shown[index.row()]
        if role == ROW_ROLE:
            return row
        if role == _TEXT:
            return cell_text(row, index.column(), self._view.now_ms)
        if role == _ACCESSIBLE:
            return self._spoken(row, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(cell_tooltip(row, index.column()))
        return None

    # --- inside ----------------------------------------------------------------------------

    def _spoken(self, row: LibraryRow, column: int) -> str:
        words = cell_text(row, column, self._view.now_ms)
        if column == NAME:
            return joined((words, second_line(row), trouble(row)))
        if column == HERE and row.place and row.is_usable:
            return joined((row.place.words, words))
        return words

    def _refill(self) -> None:
        before = [row.key for row in self._shown]
        shown = [row for row in self._view.rows if self._passes(row)]
        if self._order:
            column, order = self._order
            known = [row for row in shown if _rank(row, column) is not None]
            rest = [row for row in shown if _rank(row, column) is None]
            known.sort(key=_ranking(column), reverse=order is Qt.SortOrder.DescendingOrder)
            shown = known + rest
        if [row.key for row in shown] == before:
            self._shown = shown
            if shown:
                last = self.index(len(shown) - 1, COLUMNS - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._shown = shown
        self.endResetModel()

    def _passes(self, row: LibraryRow) -> bool:
        if self._words:
            about = (row.name, row.quantization, row.publisher, row.architecture, row.program)
            text = " ".join(about).casefold()
            if not all(word in text for word in self._words):
                return False
        if self._chip == "moe":
            return row.is_moe
        if self._chip == "gpu":
            return row.place is not None and row.place.verdict == "gpu"
        if self._chip == "unused":
            return self._view.now_ms - row.last_used_ms > _LONG_UNUSED_MS
        return True


def alignment(column: int) -> Qt.AlignmentFlag:
    """Names and words at the left, figures at the right."""
    at_right = column in (SIZE, CONTEXT)
    side = Qt.AlignmentFlag.AlignRight if at_right else Qt.AlignmentFlag.AlignLeft
    if column == VERIFIED:
        side = Qt.AlignmentFlag.AlignHCenter
    return side | Qt.AlignmentFlag.AlignVCenter


def _ranking(column: int) -> Callable[[LibraryRow], Any]:
    return lambda row: _rank(row, column)


def _rank(row: LibraryRow, column: int) -> object:
    """What a column is ordered by; None where a row has nothing in it."""
    if column == NAME:
        return row.name.casefold()
    if column == SIZE:
        return row.size_bytes
    if column == HERE:
        order: Sequence[str] = ("gpu", "hybrid", "cpu", "too_large")
        return order.index(row.place.verdict) if row.place and row.is_usable else None
    if column == CONTEXT:
        return row.place.longest_context if row.place and row.is_usable else None
    if column == USED:
        return row.last_used_ms
    if column == VERIFIED:
        return ("hash", "structure", "no").index(row.verified)
    return None
