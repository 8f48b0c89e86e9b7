"""The installed LLMs as rows of the model popover."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex

ROW_ROLE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One installed model as the popover shows it."""

    key: str
    name: str
    quantization: str = ""
    size: int = 0
    """Bytes of its files."""
    is_demo: bool = False
    is_loaded: bool = False
    detail: str = ""
    """Where it would run and how fast, for the second line; empty while that is not known."""


class ModelListModel(QAbstractListModel):
    """Rows whose name or quantization has every word of the filter."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[ModelRow, ...] = ()
        self._rows: list[ModelRow] = []
        self._words: list[str] = []

    def set_models(self, rows: Sequence[ModelRow]) -> None:
        """Show these, in this order."""
        self._all = tuple(rows)
        self._apply()

    def set_filter(self, text: str) -> None:
        """Keep rows that have every word of ``text``."""
        self._words = text.casefold().split()
        self._apply()

    def row_at(self, number: int) -> ModelRow:
        """The row shown at ``number``."""
        return self._rows[number]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Rows that pass the filter."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The name, what a screen reader says, or the whole row."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return " ".join(
                part
                for part in (
                    row.name,
                    row.quantization,
                    self.tr("demo model") if row.is_demo else "",
                    self.tr("loaded") if row.is_loaded else "",
                    row.detail,
                )
                if part
            )
        return row if role == ROW_ROLE else None

    def _apply(self) -> None:
        self.beginResetModel()
        self._rows = [
            row
            for row in self._all
            if all(word in (row.name + " " + row.quantization).casefold() for word in self._words)
        ]
        self.endResetModel()
