"""The picture as a table: a row per column of the picture, then a total per device."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from app.amounts import memory_size
from app.placement.entities import DeviceShare
from ui.placement.columns import PART_KINDS, Column, PartKind
from ui.placement.layer_words import column_title
from ui.theme.theme import Theme

Index = QModelIndex | QPersistentModelIndex

_FIRST_AMOUNT = 3
_NOTHING = "–"


@dataclass(frozen=True, slots=True)
class _Row:
    title: str
    device: str
    experts: str
    amounts: tuple[int, ...]
    """As the headings after the third say."""
    is_total: bool = False


class LayerTableModel(QAbstractTableModel):
    """Texts only; amounts stand at the right of their cells."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[_Row, ...] = ()
        self._is_dense = False

    def show_columns(
        self,
        columns: Sequence[Column],
        shares: Sequence[DeviceShare],
        names: Mapping[str, str],
        *,
        is_dense: bool,
    ) -> None:
        """Show these; ``names`` are the devices'."""
        self.beginResetModel()
        self._is_dense = is_dense
        layers = [_layer_row(column, names) for column in columns]
        totals = [self._total_row(columns, share, names) for share in shares if share.bytes.total]
        self._rows = (*layers, *totals)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Token embedding, layers, output head, devices that hold something."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Title, two devices, and the amounts."""
        return 0 if parent.isValid() else len(self._headings())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """What a column holds."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headings()[section]
        return _alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text, its side, its weight."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        if role == Qt.ItemDataRole.FontRole:
            weight = QFont.Weight.DemiBold if row.is_total else QFont.Weight.Normal
            return self._theme.font(weight=weight, tabular=True)
        return None

    def _headings(self) -> tuple[str, ...]:
        experts = self.tr("Feed-forward") if self._is_dense else self.tr("Experts")
        where = self.tr("Feed-forward on") if self._is_dense else self.tr("Experts on")
        return (
            self.tr("Part"),
            self.tr("Computed on"),
            where,
            self.tr("Attention"),
            self.tr("Shared"),
            experts,
            self.tr("Other"),
            self.tr("KV cache"),
            self.tr("Work space"),
            self.tr("Total"),
        )

    @staticmethod
    def _text(row: _Row, column: int) -> str:
        if column < _FIRST_AMOUNT:
            return (row.title, row.device, row.experts)[column]
        size = row.amounts[column - _FIRST_AMOUNT]
        return memory_size(size) if size else _NOTHING

    def _total_row(
        self, columns: Sequence[Column], share: DeviceShare, names: Mapping[str, str]
    ) -> _Row:
        """As the plan has it; feed-forward parts of a dense model are among its other weights."""
        name, parts = share.device.name, share.bytes
        forward = sum(
            part.bytes
            for column in columns
            if (part := column.parts.get("experts")) and part.device == name
            and not column.has_experts
        )  # fmt: skip
        amounts = (
            parts.attention,
            parts.shared_experts,
            parts.routed_experts + forward,
            max(0, parts.other_weights - forward),
            parts.kv_cache,
            parts.compute,
            parts.total,
        )
        title = self.tr("Total: {device}").format(device=names[name])
        return _Row(title, names[name], _NOTHING, amounts, is_total=True)


def _layer_row(column: Column, names: Mapping[str, str]) -> _Row:
    sizes: dict[PartKind, int] = {kind: column.bytes_of(kind) for kind in PART_KINDS}
    experts = column.parts.get("experts")
    return _Row(
        column_title(column),
        names.get(column.device, column.device),
        names.get(experts.device, experts.device) if experts else _NOTHING,
        (*sizes.values(), 0, sum(sizes.values())),
    )


def _alignment(column: int) -> int:
    side = Qt.AlignmentFlag.AlignLeft if column < _FIRST_AMOUNT else Qt.AlignmentFlag.AlignRight
    return int(side | Qt.AlignmentFlag.AlignVCenter)
