"""The model popover, 480 wide: which model answers, without leaving the keyboard."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.amounts import memory_size
from ui.chat.model_list import ModelList
from ui.chat.model_row import PLACEMENT_KEY, ROW_HEIGHT
from ui.item_models.model_list_model import ModelListModel, ModelRow
from ui.shortcuts.named import Place, add_shortcut
from ui.theme.theme import Theme
from ui.theme.tokens import SCROLL_BAR
from ui.widgets.buttons import TextButton
from ui.widgets.fields import SearchField
from ui.widgets.labels import Label
from ui.widgets.popover import Popover
from ui.widgets.surface import Line

WIDTH, MOST_HEIGHT = 480, 520


class ModelPopover(Popover):
    """Arrows choose, Enter loads, Ctrl+P shows the placement, Esc closes.

    Signals:
        load_requested: key of the model.
        placement_requested: key of the model whose placement is to be shown.
        open_file_requested: a GGUF file is to be chosen.
        unload_requested: free the memory of the loaded model.
    """

    load_requested = Signal(str)
    placement_requested = Signal(str)
    open_file_requested = Signal()
    unload_requested = Signal()

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(theme, "", window)
        self.setAccessibleName(self.tr("Models"))
        self._models = ModelListModel(self)
        self._filter = SearchField(
            theme, self.tr("Filter models"), placeholder=self.tr("Filter models")
        )
        self._list = ModelList(theme)
        self._list.setModel(self._models)
        self._list.setAccessibleName(self.tr("Installed models"))
        self._nothing = Label(theme, ink="muted", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._open = TextButton(theme, self.tr("Open GGUF file…"), look="quiet", icon="folder-open")
        self._unload = TextButton(theme, "", look="quiet", icon="power")
        self._unload.hide()
        self._foot = QHBoxLayout()
        self._foot.addWidget(self._open)
        self._foot.addStretch(1)
        self._foot.addWidget(self._unload)
        self._top = QVBoxLayout()
        self._top.addWidget(self._filter)
        self.body.addLayout(self._top)
        self.body.addWidget(self._list, 1)
        self.body.addWidget(self._nothing, 1)
        self._bottom = QVBoxLayout()
        self._bottom.addWidget(Line(theme))
        self._bottom.addLayout(self._foot)
        self.body.addLayout(self._bottom)
        self._connect()
        self.set_models(())
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_models(self, rows: Sequence[ModelRow]) -> None:
        """The installed models in this order."""
        self._models.set_models(rows)
        self._show_rows()

    def update_models(self, rows: Sequence[ModelRow]) -> None:
        """The same models, of which more is known; the chosen row stays the chosen one."""
        row = self._list.currentIndex().row()
        self._models.set_models(rows)
        self._list.setCurrentIndex(self._models.index(max(0, row)))

    def set_unload(self, freed_bytes: int | None) -> None:
        """Offer to free this much memory; None when nothing is loaded."""
        self._unload.setVisible(freed_bytes is not None)
        if freed_bytes is not None:
            self._unload.setText(
                self.tr("Unload (frees {amount})").format(amount=memory_size(freed_bytes))
            )

    def open_below(self, anchor: QWidget) -> None:
        """Open under the model button with the filter empty and ready to type."""
        self._filter.clear()
        rows = max(2, min(7, self._models.rowCount()))
        height = min(MOST_HEIGHT, 12 + 32 + 8 + rows * ROW_HEIGHT + 8 + 8 + 32 + 8)
        self.open_at(anchor, QSize(self._theme.px(WIDTH), self._theme.px(height)))
        self._filter.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows and Enter in the filter act on the list."""
        if (
            watched is self._filter
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and self._steer(event)
        ):
            return True
        return super().eventFilter(watched, event)

    def _connect(self) -> None:
        self._filter.textChanged.connect(self._filter_changed)
        self._list.clicked.connect(self._choose)
        self._list.activated.connect(self._choose)
        self._list.placement_chosen.connect(self._show_placement)
        add_shortcut(
            self, (PLACEMENT_KEY,), self.tr("Placement of the model, in the list of models"),
            lambda: self._show_placement(self._list.currentIndex()), Place.GENERAL,
            Qt.ShortcutContext.WidgetWithChildrenShortcut,
        )  # fmt: skip
        self._list.verticalScrollBar().rangeChanged.connect(self._keep_rows_in_line)
        self._open.clicked.connect(self._open_file)
        self._unload.clicked.connect(self._unload_model)

    def _steer(self, event: QKeyEvent) -> bool:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        key = Qt.Key(event.key())
        if key in steps:
            last = self._models.rowCount() - 1
            row = min(max(0, self._list.currentIndex().row() + steps[key]), last)
            self._list.setCurrentIndex(self._models.index(row))
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self._list.currentIndex())
            return True
        return False

    def _filter_changed(self, text: str) -> None:
        self._models.set_filter(text)
        self._show_rows()

    def _show_rows(self) -> None:
        count = self._models.rowCount()
        self._list.setVisible(count > 0)
        self._nothing.setVisible(count == 0)
        self._nothing.setText(
            self.tr("No model has “{words}” in its name.").format(words=self._filter.text())
            if self._filter.text()
            else self.tr("There is no model yet. Open a GGUF file to begin.")
        )
        loaded = next((n for n in range(count) if self._models.row_at(n).is_loaded), 0)
        self._list.setCurrentIndex(self._models.index(loaded))

    def _choose(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        row = self._models.row_at(index.row())
        self.close_popover()
        if not row.is_loaded:
            self.load_requested.emit(row.key)

    def _show_placement(self, index: QModelIndex) -> None:
        if index.isValid():
            key = self._models.row_at(index.row()).key
            self.close_popover()
            self.placement_requested.emit(key)

    def _open_file(self) -> None:
        self.close_popover()
        self.open_file_requested.emit()

    def _unload_model(self) -> None:
        self.close_popover()
        self.unload_requested.emit()

    def _restyle(self) -> None:
        px = self._theme.px
        # The list reaches to the edge: its scroll bar stands in the padding.
        self.body.setContentsMargins(px(12) - 1, px(12) - 1, 0, px(8) - 1)
        self.body.setSpacing(px(8))
        for part in (self._top, self._bottom):
            part.setContentsMargins(0, 0, px(12) - 1, 0)
        self._bottom.setSpacing(px(8) - 1)
        self._keep_rows_in_line(0, self._list.verticalScrollBar().maximum())

    def _keep_rows_in_line(self, _least: int, most: int) -> None:
        margin = 0 if most > 0 else self._theme.px(SCROLL_BAR) - 1
        self._list.setViewportMargins(0, 0, margin, 0)
