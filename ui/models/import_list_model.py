"""What could be added, for Qt's list: rows under their headings, and which of them are chosen."""

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from app.amounts import file_size
from ui.models.import_view import ImportRow
from ui.models.words import joined
from ui.widgets.tooltips import plain_tooltip

Index = QModelIndex | QPersistentModelIndex

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
"""The whole ImportRow, or the words of a heading."""


class ImportListModel(QAbstractListModel):
    """Rows in their groups' order, each group under its heading.

    ``chosen_changed`` tells that another set of rows is chosen.
    """

    chosen_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown: list[ImportRow | str] = []
        self._left_out: set[str] = set()

    def show_rows(self, rows: tuple[ImportRow, ...]) -> None:
        """Show these; what somebody left out stays so."""
        groups: dict[str, list[ImportRow]] = {}
        for row in rows:
            groups.setdefault(row.group, []).append(row)
        shown: list[ImportRow | str] = []
        for group, members in groups.items():
            shown += [group, *members] if group else members
        if shown == self._shown:
            return
        self.beginResetModel()
        self._shown = shown
        self.endResetModel()
        self.chosen_changed.emit()

    def clear(self) -> None:
        """Forget everything, also what was left out."""
        self._left_out.clear()
        self.show_rows(())

    @property
    def chosen(self) -> list[ImportRow]:
        """Rows that are to be added."""
        return [row for row in self._choices() if row.key not in self._left_out]

    @property
    def has_choices(self) -> bool:
        """Whether there is anything to choose."""
        return any(True for _row in self._choices())

    def toggle(self, index: Index) -> None:
        """Take the row in, or leave it out."""
        row = index.data(ROW_ROLE)
        if isinstance(row, ImportRow) and row.can_choose:
            self._left_out ^= {row.key}
            self._changed()

    def choose_all(self, chosen: bool) -> None:
        """All rows, or none."""
        self._left_out = set() if chosen else {row.key for row in self._choices()}
        self._changed()

    def is_chosen(self, row: ImportRow) -> bool:
        """Whether it is to be added."""
        return row.can_choose and row.key not in self._left_out

    # --- for Qt ----------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Rows and headings."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A row in words; the delegate draws from the whole row."""
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        row = self._shown[index.row()]
        if role == ROW_ROLE:
            return row
        if isinstance(row, str):
            return row if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.CheckStateRole and row.can_choose:
            return Qt.CheckState.Checked if self.is_chosen(row) else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DisplayRole:
            size = file_size(row.size_bytes) if row.size_bytes else ""
            return joined((row.name, row.quantization, size, row.trouble))
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip("\n".join(part for part in (row.name, row.detail) if part))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings cannot be reached."""
        if index.isValid() and isinstance(self._shown[index.row()], ImportRow):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.ItemNeverHasChildren

    def _choices(self) -> list[ImportRow]:
        return [row for row in self._shown if isinstance(row, ImportRow) and row.can_choose]

    def _changed(self) -> None:
        if self._shown:
            self.dataChanged.emit(self.index(0), self.index(len(self._shown) - 1))
        self.chosen_changed.emit()
