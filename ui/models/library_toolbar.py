"""Above the library: which models to show, how much they take, and how to add more."""

from typing import get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from ui.models.chip import Chip
from ui.models.flow import Flow
from ui.models.library_words import summary
from ui.models.view import LibraryChip, LibraryView
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, TEXT_SMALL
from ui.widgets.bar import Bar
from ui.widgets.buttons import TextButton
from ui.widgets.labels import ElidedLabel
from ui.widgets.surface import Surface

_SUMMARY, _NEARLY_FULL = 232, 0.9


class LibraryToolbar(Flow):
    """Signals:
    chip_chosen(str): all, moe, gpu or unused.
    view_toggled: cards instead of the table, or the table again.
    import_requested: files or folders are to be chosen.
    """

    chip_chosen = Signal(str)
    view_toggled = Signal()
    import_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        words = {
            "all": self.tr("All"),
            "moe": self.tr("MoE"),
            "gpu": self.tr("Fully on GPU"),
            "unused": self.tr("Unused 60 days"),
        }
        self._group = QButtonGroup(self)
        self.chips: dict[str, Chip] = {}
        for name in get_args(LibraryChip):
            chip = Chip(theme, words[name])
            chip.clicked.connect(lambda _=False, name=name: self.chip_chosen.emit(name))
            self._group.addButton(chip)
            self.chips[name] = chip
            self.add(chip)
        self.chips["all"].setChecked(True)
        self.add_gap()
        self.summary = _Summary(theme)
        self.add(self.summary)
        self.view = TextButton(theme, "", look="quiet")
        self.view.clicked.connect(self.view_toggled)
        self.add(self.view)
        self.set_cards(False)
        self.add_files = TextButton(theme, self.tr("Import…"), icon="folder-open")
        self.add_files.clicked.connect(self.import_requested)
        self.add(self.add_files)

    def set_cards(self, is_cards: bool) -> None:
        """The button names what a press shows."""
        self.view.setText(self.tr("Table") if is_cards else self.tr("Cards"))
        self.view.setAccessibleName(
            self.tr("Show as a table") if is_cards else self.tr("Show as cards")
        )

    def show_library(self, view: LibraryView) -> None:
        """Show the sums."""
        self.summary.show_library(view)


class _Summary(Surface):
    """One line over a thin bar: how full the disk is."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("clear")
        self._theme = theme
        self.label = ElidedLabel(theme, size=TEXT_SMALL, ink="muted", tabular=True, parent=self)
        self.bar = Bar(theme, parent=self)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_library(self, view: LibraryView) -> None:
        """Sums of what is here, and of the disk."""
        self.label.setText(summary(view))
        self.bar.setVisible(view.capacity_bytes > 0)
        if view.capacity_bytes:
            used = 1 - view.free_bytes / view.capacity_bytes
            self.bar.set_value(used, "warning" if used > _NEARLY_FULL else "idle")

    def _restyle(self) -> None:
        px = self._theme.px
        width = px(_SUMMARY)
        self.setFixedSize(width, px(CONTROL_HEIGHT))
        self.label.setGeometry(0, px(4), width - px(8), px(16))
        self.bar.setGeometry(0, px(24), width - px(8), px(4))
