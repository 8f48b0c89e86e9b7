"""The palette's rows: headings and entries. What comes late is appended, so that nothing moves."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ui.palette.entries import Entry, Kind, Section

Index = QModelIndex | QPersistentModelIndex
Row = Entry | str
"""An entry, or the words of a heading."""

ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1


class PaletteListModel(QAbstractListModel):
    """Sections in the order that they are given."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    def set_sections(self, sections: Sequence[Section]) -> None:
        """Show these; where the rows only became more, the others stay as they are."""
        new: list[Row] = []
        for section in sections:
            if section.entries:
                new += [section.title, *section.entries]
        old = self._rows
        if old and len(new) >= len(old) and new[: len(old)] == old:
            if len(new) > len(old):
                self.beginInsertRows(QModelIndex(), len(old), len(new) - 1)
                self._rows = new
                self.endInsertRows()
            return
        self.beginResetModel()
        self._rows = new
        self.endResetModel()

    @property
    def entries(self) -> list[Entry]:
        """Without the headings."""
        return [row for row in self._rows if isinstance(row, Entry)]

    def entry_at(self, number: int) -> Entry | None:
        """What stands in a row; None for a heading, and beside the list."""
        row = self._rows[number] if 0 <= number < len(self._rows) else None
        return row if isinstance(row, Entry) else None

    def next_entry(self, number: int, step: int) -> int:
        """The row of the next entry from ``number`` on, round the ends; -1 without any."""
        count = len(self._rows)
        for moved in range(1, count + 1):
            at = (number + step * moved) % count
            if self.entry_at(at) is not None:
                return at
        return -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Headings included."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The title or heading; ENTRY_ROLE gives the entry itself."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ENTRY_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row if isinstance(row, str) else row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row if isinstance(row, str) else self.spoken(row)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings are only text."""
        if self.entry_at(index.row()) is None:
            return Qt.ItemFlag.NoItemFlags
        enabled = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return enabled | Qt.ItemFlag.ItemNeverHasChildren

    def spoken(self, entry: Entry) -> str:
        """What a screen reader says."""
        kinds = {
            Kind.CHAT: self.tr("Chat"),
            Kind.COMMAND: self.tr("Command"),
            Kind.MODEL: self.tr("Model"),
            Kind.MESSAGE: self.tr("Message"),
        }
        parts = (entry.title, entry.detail, kinds[entry.kind], entry.keys)
        return ", ".join(part for part in parts if part)
