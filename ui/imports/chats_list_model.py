"""What could be taken over, for Qt's list: chats under their headings, and which are chosen."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from ui.imports.view import ChatRow, Row, Standing, TroubleRow
from ui.models.words import joined
from ui.widgets.tooltips import plain_tooltip

Index = QModelIndex | QPersistentModelIndex

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
"""The whole row, or the words of a heading."""

CHOSEN_ROLE = Qt.ItemDataRole.UserRole + 2
"""Whether the chat is to be taken over."""


class ImportedChatsListModel(QAbstractListModel):
    """Chats in groups: what would grow, what is new, what is here, what could not be read.

    ``chosen_changed()`` tells that another set of chats is chosen.
    """

    chosen_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown: list[Row | str] = []
        self._choices: list[str] = []
        self._left_out: set[str] = set()
        self._query = ""
        self._rows: tuple[Row, ...] = ()

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these; every chat that would add something is chosen."""
        self._rows = tuple(rows)
        self._choices = [
            row.id for row in self._rows if isinstance(row, ChatRow) and row.can_choose
        ]
        self._left_out = set()
        self._lay_out()
        self.chosen_changed.emit()

    def set_query(self, query: str) -> None:
        """Show only chats with these words in their titles; what is chosen stays so."""
        if query.casefold().split() != self._query.casefold().split():
            self._query = query
            self._lay_out()

    @property
    def chosen(self) -> list[str]:
        """Ids of the chats that are to be taken over, also of those that are not shown now."""
        return [each for each in self._choices if each not in self._left_out]

    @property
    def chosen_count(self) -> int:
        """How many these are."""
        return len(self._choices) - len(self._left_out)

    @property
    def choice_count(self) -> int:
        """How many could be chosen."""
        return len(self._choices)

    def toggle(self, index: Index) -> None:
        """Take a chat in, or leave it out."""
        row = index.data(ROW_ROLE)
        if isinstance(row, ChatRow) and row.can_choose:
            self._left_out ^= {row.id}
            self.dataChanged.emit(index, index)
            self.chosen_changed.emit()

    def choose_all(self, chosen: bool) -> None:
        """All chats that are shown now, or none of them."""
        shown = {row.id for row in self._shown if isinstance(row, ChatRow) and row.can_choose}
        self._left_out = self._left_out - shown if chosen else self._left_out | shown
        if self._shown:
            self.dataChanged.emit(self.index(0), self.index(len(self._shown) - 1))
        self.chosen_changed.emit()

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
        if isinstance(row, TroubleRow):
            words = joined((row.where, row.words))
            shown = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
            return plain_tooltip(words) if shown else None
        return self._chat_data(row, role)

    def _chat_data(self, row: ChatRow, role: int) -> Any:
        is_chosen = row.can_choose and row.id not in self._left_out
        if role == CHOSEN_ROLE:
            return is_chosen
        if role == Qt.ItemDataRole.CheckStateRole and row.can_choose:
            return Qt.CheckState.Checked if is_chosen else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DisplayRole:
            return joined((row.title, row.detail, row.note))
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(row.title)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings cannot be reached."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if not isinstance(self._shown[index.row()], str):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.ItemNeverHasChildren

    def _lay_out(self) -> None:
        parts = self._query.casefold().split()
        groups: dict[str, list[Row]] = {words: [] for words in self._headings().values()}
        headings = self._headings()
        for row in self._rows:
            if isinstance(row, TroubleRow):
                found, group = row.where.casefold(), headings["trouble"]
            else:
                found, group = row.title.casefold(), headings[row.standing.value]
            if all(part in found for part in parts):
                groups[group].append(row)
        self.beginResetModel()
        self._shown = []
        for words, members in groups.items():
            if members:
                self._shown += [words, *members]
        self.endResetModel()

    def _headings(self) -> dict[str, str]:
        """In the order in which they are shown."""
        return {
            Standing.GROWN.value: self.tr("Here with fewer messages"),
            Standing.NEW.value: self.tr("New"),
            "trouble": self.tr("Could not be read"),
            Standing.IN_TRASH.value: self.tr("In the trash; they stay there"),
            Standing.HERE.value: self.tr("Here already; nothing is added"),
        }
