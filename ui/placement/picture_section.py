"""The picture with its legend and its line of text, or in its place the table."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.placement.bar_key import BarKey, KeyEntry
from ui.placement.columns import Column, columns_of
from ui.placement.inks import DeviceInks
from ui.placement.layer_table import LayerTable
from ui.placement.layer_words import column_words
from ui.placement.picture import PlacementPicture
from ui.placement.view import PlacementView
from ui.placement.words import device_names, place_sentence
from ui.sentences import say
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

_TABLE_HEIGHT, _LINE = 360, 20
_NARROW_BELOW = 720


class PictureSection(Surface):
    """Shows every layer; a button changes between picture and table."""

    def __init__(self, theme: Theme, inks: DeviceInks, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme, self._inks = theme, inks
        self._columns: tuple[Column, ...] = ()
        self._names: dict[str, str] = {}
        self._heading = Label(theme, self.tr("Layer by layer"), weight=QFont.Weight.DemiBold)
        self.legend = BarKey(theme)
        self.as_table = TextButton(theme, self.tr("Show as table"), look="quiet", icon="list")
        self.picture = PlacementPicture(theme, inks)
        self.table = LayerTable(theme)
        self.table.hide()
        self.line = Label(theme, size=TEXT_SMALL, ink="muted", tabular=True, wrap=True)
        self.line.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._top = QHBoxLayout()
        self._top.addWidget(self._heading)
        self._top.addWidget(self.legend, 1, Qt.AlignmentFlag.AlignVCenter)
        self._top.addWidget(self.as_table)
        self._is_narrow = False
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(self._top)
        self._layout.addWidget(self.picture)
        self._layout.addWidget(self.table)
        self._layout.addWidget(self.line)
        self.as_table.clicked.connect(self._change)
        self.picture.column_chosen.connect(self._tell)
        theme.changed.connect(self._restyle)
        self._restyle()
        self._tell(-1)

    def show_view(self, view: PlacementView) -> None:
        """Show a plan's layers."""
        placement = view.placement
        self._names = device_names(placement.shares)
        self._columns = columns_of(placement, view.facts)
        self.legend.show_entries(
            [
                KeyEntry(self._inks.brush(self._inks.ink_of(share.device.name)), name)
                for share in placement.shares
                for name in [self._names[share.device.name]]
                if share.bytes.total
            ]
        )
        self.picture.show_columns(self._columns, self._names, place_sentence(view))
        self.table.rows.show_columns(
            self._columns, placement.shares, self._names, is_dense=view.is_dense
        )
        self._tell(self.picture.chosen)

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels; the line of text needs more lines when that is little."""
        px = self._theme.px
        is_narrow = width < px(_NARROW_BELOW)
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self._place_legend()
        lines = 3 if is_narrow else 1
        self.line.setFixedHeight(px(_LINE) * lines)
        self.table.setFixedHeight(px(_TABLE_HEIGHT))

    def _place_legend(self) -> None:
        """Beside the heading, or below it where its names would be cut off."""
        if self._is_narrow:
            self._top.removeWidget(self.legend)
            self._top.insertStretch(1, 1)
            self._layout.insertWidget(1, self.legend)
        else:
            self._layout.removeWidget(self.legend)
            self._top.takeAt(1)
            self._top.insertWidget(1, self.legend, 1, Qt.AlignmentFlag.AlignVCenter)

    def _change(self) -> None:
        table = self.table.isHidden()
        self.table.setVisible(table)
        self.picture.setVisible(not table)
        self.line.setVisible(not table)
        self.as_table.setText(self.tr("Show as picture") if table else self.tr("Show as table"))

    def _tell(self, number: int) -> None:
        if 0 <= number < len(self._columns):
            words = column_words(self._columns[number], self._names)
            self.line.set_ink("text")
        else:
            words = say("placement.point_at_layer")
            self.line.set_ink("muted")
        self.line.setText(words)
        self.line.setToolTip(words)

    def _restyle(self) -> None:
        px = self._theme.px
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(px(4))
        self._top.setSpacing(px(16))
