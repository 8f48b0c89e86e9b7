"""The sheet that adds models: what was found, what of it is wanted, and what is done with it."""

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.amounts import file_size
from app.library.import_entities import ImportWay
from ui.models.import_list import ImportList
from ui.models.import_list_model import ImportListModel
from ui.models.import_view import ImportView
from ui.models.state_panel import StatePanel
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_HEADING, TEXT_SMALL
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.segmented import Segmented
from ui.widgets.sheet import Sheet

_WIDTH, _HEIGHT, _LOW, _PAD, _HEADER, _FOOT = 680, 576, 320, 24, 56, 64
_FEW = 4
"""Rows of a result that fit into a low sheet."""


class ImportSheet(Sheet):
    """Signals:
    accepted(list, str): keys of the rows that are wanted, and the way of an import.
    """

    accepted = Signal(list, str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "", QSize(_WIDTH, _HEIGHT), parent)
        self._view = ImportView(title="")
        self._way: ImportWay = "leave"
        self._title = ElidedLabel(
            theme, size=TEXT_HEADING, weight=QFont.Weight.DemiBold, parent=self
        )
        self.close_button = IconButton(theme, "x", self.tr("Close"), shortcut="Esc", parent=self)
        self.note = Label(theme, ink="muted", wrap=True, parent=self)
        self.rows = ImportListModel(self)
        self.list = ImportList(theme, self.rows, self)
        self.state = StatePanel(theme, self)
        self.ways = Segmented(
            theme,
            self.tr("What happens to the files"),
            (
                ("leave", self.tr("In place")),
                ("move", self.tr("Move")),
                ("copy", self.tr("Copy")),
                ("link", self.tr("Link")),
            ),
            self,
        )
        self.way_words = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True, parent=self)
        self.all = TextButton(theme, "", look="quiet", parent=self)
        self.cancel = TextButton(theme, "", parent=self)
        self.add = TextButton(theme, "", look="accent", parent=self)
        self.rows.chosen_changed.connect(self._show_sums)
        self.ways.chosen.connect(self._choose_way)
        self.all.clicked.connect(lambda: self.rows.choose_all(not self.rows.chosen))
        for button in (self.close_button, self.cancel):
            button.clicked.connect(self.close_sheet)
        self.add.clicked.connect(self._accept)

    def begin(self, view: ImportView) -> None:
        """Open with nothing chosen otherwise and everything left where it is."""
        self._way = "leave"
        self.ways.set_value("leave")
        is_low = view.is_result and len(view.rows) <= _FEW
        self.set_wanted(QSize(_WIDTH, _LOW if is_low else _HEIGHT))
        self.rows.clear()
        self.list.setCurrentIndex(QModelIndex())
        self.show_found(view)
        self.open_sheet()
        (self.cancel if view.is_result else self.list).setFocus(Qt.FocusReason.TabFocusReason)

    def show_found(self, view: ImportView) -> None:
        """Show what is known by now; what somebody left out stays so."""
        self._view = view
        self.setAccessibleName(view.title)
        self._title.setText(view.title)
        self.note.setText(view.note)
        self.rows.show_rows(view.rows)
        if not view.rows:
            self.state.tell(self.tr("Looking…") if view.is_looking else view.nothing)
        self._show_sums()

    # --- inside ----------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The list takes what is left."""
        super().resizeEvent(event)
        self._arrange()

    def _choose_way(self, way: ImportWay) -> None:
        self._way = way
        self._show_sums()

    def _accept(self) -> None:
        keys = [row.key for row in self.rows.chosen]
        way = self._way
        self.close_sheet()
        self.accepted.emit(keys, way)

    def _show_sums(self) -> None:
        view, chosen = self._view, self.rows.chosen
        has_choices = self.rows.has_choices
        self.list.setVisible(bool(view.rows))
        self.state.setVisible(not view.rows)
        self.note.setVisible(bool(view.note and view.rows))
        self.ways.setVisible(bool(view.folder) and has_choices)
        self.way_words.setVisible(bool(view.folder) and has_choices)
        size = sum(row.size_bytes for row in chosen)
        self.way_words.setText(self._way_sentence(size))
        self.all.setVisible(has_choices and len(view.rows) > 1)
        self.all.setText(self.tr("Choose none") if chosen else self.tr("Choose all"))
        self.add.setVisible(not view.is_result)
        self.add.setEnabled(bool(chosen) and not view.is_looking)
        words = self.tr("Add 1 model, {size}") if len(chosen) == 1 else self.tr(
            "Add {count} models, {size}"
        )  # fmt: skip
        self.add.setText(
            words.format(count=len(chosen), size=file_size(size))
            if chosen
            else self.tr("Looking…") if view.is_looking
            else self.tr("Add")
        )  # fmt: skip
        self.cancel.setText(self.tr("Close") if view.is_result else self.tr("Cancel"))
        self._arrange()

    def _way_sentence(self, size: int) -> str:
        folder = self._view.folder
        return {
            "leave": self.tr("They are used where they are; nothing is copied or changed."),
            "move": self.tr("They go to {folder} and are no longer where they were."),
            "copy": self.tr("{size} are copied to {folder}; the files stay where they are, too."),
            "link": self.tr("They get a second name in {folder}, on the same disk only."),
        }[self._way].format(folder=folder, size=file_size(size))

    def _arrange(self) -> None:
        px = self._theme.px
        width, height, pad = self.width(), self.height(), px(_PAD)
        control, room = px(CONTROL_HEIGHT), self.width() - 2 * px(_PAD)
        step = px(GRID)
        side = (px(_HEADER) - control) // 2
        self._title.setGeometry(pad, 0, width - pad - px(56), px(_HEADER))
        self.close_button.move(width - px(12) - control, side)
        top = px(_HEADER)
        if not self.note.isHidden():
            tall = -(-self.note.heightForWidth(room) // step) * step
            self.note.setGeometry(pad, top, room, tall)
            top += tall + px(8)
        foot = height - px(_FOOT)
        bottom = foot
        if not self.ways.isHidden():
            words = -(-max(px(16), self.way_words.heightForWidth(room)) // step) * step
            bottom -= control + px(8) + words + px(16)
            wide = min(room, self.ways.sizeHint().width())
            self.ways.setGeometry(pad, bottom + px(12), wide, control)
            self.way_words.setGeometry(pad, bottom + px(12) + control + px(8), room, words)
        inset = px(12)
        self.list.setGeometry(inset, top, width - 2 * inset, max(0, bottom - top))
        self.state.setGeometry(pad, top, room, max(0, bottom - top))
        self.state.arrange(room, max(0, bottom - top))
        y = foot + (px(_FOOT) - control) // 2
        x = width - pad
        for button in (self.add, self.cancel):
            if not button.isHidden():
                wide = button.sizeHint().width()
                x -= wide
                button.setGeometry(x, y, wide, control)
                x -= px(8)
        wide = self.all.sizeHint().width()
        self.all.setGeometry(inset, y, wide, control)
