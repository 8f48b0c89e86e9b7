"""Where is my data: every part with its place and size, what to do with it, and how to end it."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.backups.data_parts import DataPart, DataUse
from ui.data.erase_sheet import EraseSheet
from ui.data.part_row import PartRow
from ui.data.verb_bar import VerbBar
from ui.data.words import size_words
from ui.models.column import Column
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, TEXT_CHAT, TEXT_SMALL
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.surface import Surface

_HEADER = 48
_IF_THERE = frozenset({DataPart.ASIDE, DataPart.STATES, DataPart.OTHER, DataPart.CACHE})
"""Shown only where there is something of it."""


class DataPage(Surface):
    """Shows what it is told.

    Signals:
        open_requested(str): a path that is to be shown in the file manager.
        backups_requested, save_requested, move_requested, move_models_requested: the verbs.
        import_requested, mirror_requested: chats of other programs; Markdown copies.
        erase_requested(bool): delete everything, with the models or without.
        back_requested: by the button or Esc.
    """

    open_requested = Signal(str)
    backups_requested = Signal()
    save_requested = Signal()
    move_requested = Signal()
    move_models_requested = Signal()
    import_requested = Signal()
    mirror_requested = Signal()
    erase_requested = Signal(bool)
    back_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self._theme = theme
        self._use: DataUse | None = None
        self.rows: dict[DataPart, PartRow] = {}
        self._back = IconButton(theme, "arrow-left", self.tr("Back"), shortcut="Esc", parent=self)
        self._title = Label(
            theme, self.tr("Your data"), size=TEXT_CHAT, weight=QFont.Weight.Medium, parent=self
        )
        self.area = Column(theme, gap=12, parent=self)
        self.summary = Label(theme, tabular=True, wrap=True)
        self.place = ElidedLabel(theme, size=TEXT_SMALL, ink="muted")
        self.folder = TextButton(theme, self.tr("Open folder"), icon="folder-open")
        self.folder.setAccessibleName(self.tr("Open the data folder"))
        self.save = TextButton(theme, self.tr("Save everything to a file…"), look="quiet")
        self.move_all = TextButton(theme, self.tr("Move…"), look="quiet")
        self.move_all.setAccessibleName(self.tr("Move the data folder"))
        self.incoming = TextButton(theme, self.tr("Import chats…"), look="quiet")
        self.mirror = TextButton(theme, self.tr("Markdown copies…"), look="quiet")
        self._verbs = VerbBar(
            theme, (self.folder, self.move_all, self.save, self.incoming, self.mirror)
        )
        self._parts = Surface("clear")
        self.erase = TextButton(theme, self.tr("Delete everything…"), look="danger", icon="trash-2")
        self._end = VerbBar(theme, (self.erase,))
        self.sheet = EraseSheet(theme, self)
        self.area.set_parts((self.summary, self.place, self._verbs, self._parts, self._end))
        self._connect()
        self.show_use(None)

    def show_use(self, use: DataUse | None) -> None:
        """Show where everything is; None while it is being found out."""
        self._use = use
        self._parts.setVisible(use is not None)
        self.erase.setEnabled(use is not None)
        self.place.setVisible(use is not None)
        if use is None:
            self.summary.setText(self.tr("Being measured…"))
            self._arrange()
            return
        self.place.setText(str(use.root))
        free = self.tr(" {size} are free on its disk.").format(size=size_words(use.free_bytes))
        self.summary.setText(
            self.tr(
                "Everything lies on this computer, {size} in all; nothing of it is sent anywhere."
            ).format(size=size_words(use.size_bytes))
            + (free if use.free_bytes else "")
        )
        for part in use.parts:
            row = self.rows.get(part.part)
            if row is None:
                row = self.rows[part.part] = self._row(use, part.part)
            row.show_use(part)
            row.setVisible(bool(part.files) or part.part not in _IF_THERE)
        self._arrange()

    def ask_to_erase(self) -> None:
        """Open the sheet that lists what goes."""
        if self._use is not None:
            self.sheet.begin(self._use)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back; other keys scroll."""
        if event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        elif not self.area.scroll_by_key(event):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """All below the header scrolls."""
        super().resizeEvent(event)
        self._arrange()

    def _row(self, use: DataUse, part: DataPart) -> PartRow:
        verbs = {DataPart.MODELS: self.tr("Move…"), DataPart.BACKUPS: self.tr("Restore…")}
        row = PartRow(self._theme, use.of(part), verbs.get(part, ""))
        row.setParent(self._parts)
        row.open_requested.connect(lambda: self.open_requested.emit(str(_folder(row.use.path))))
        signals = {
            DataPart.MODELS: self.move_models_requested, DataPart.BACKUPS: self.backups_requested,
        }  # fmt: skip
        if part in signals:
            row.verb_requested.connect(signals[part])
        return row

    def _connect(self) -> None:
        self._back.clicked.connect(self.back_requested)
        self.folder.clicked.connect(
            lambda: self.open_requested.emit(str(self._use.root)) if self._use else None
        )
        self.save.clicked.connect(self.save_requested)
        self.move_all.clicked.connect(self.move_requested)
        self.incoming.clicked.connect(self.import_requested)
        self.mirror.clicked.connect(self.mirror_requested)
        self.erase.clicked.connect(self.ask_to_erase)
        self.sheet.accepted.connect(self.erase_requested)
        self.area.column_changed.connect(self._set_column)
        self._theme.changed.connect(self._arrange)

    def _arrange(self) -> None:
        px = self._theme.px
        side, top = px(12), px(_HEADER)
        self._back.move(side, px(8))
        self._title.setGeometry(side + px(40), 0, px(200), top)
        self.area.setGeometry(0, top, self.width(), max(1, self.height() - top))
        self.area.arrange()

    def _set_column(self, width: int) -> None:
        px, step = self._theme.px, self._theme.px(GRID)
        # Not a fixed size: that would count as the least height from then on.
        self.summary.resize(width, -(-self.summary.heightForWidth(width) // step) * step)
        self.place.resize(width, px(16))
        self._verbs.set_column(width)
        self._end.set_column(width)
        y = 0
        for part in DataPart:
            row = self.rows.get(part)
            if row is not None and not row.isHidden():
                row.set_column(width)
                row.move(0, y)
                y += row.height()
        self._parts.setFixedSize(width, max(step, y))


def _folder(path: Path) -> Path:
    """What a file manager can show: the folder itself, or the one that a file lies in."""
    return path if path.is_dir() else path.parent
