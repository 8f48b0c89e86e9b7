"""Presets in the panel of a conversation: choose one, keep what is set as one, and the rest."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.history.presets import Preset
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE
from ui.widgets.buttons import IconButton
from ui.widgets.choice import Choice
from ui.widgets.labels import Label, Weight
from ui.widgets.menu import Menu


class PresetRow(QWidget):
    """Signals:
    chosen(str): id of the preset to apply.
    save_requested(): what is set here is to become a new preset.
    update_requested(str), remove_requested(str): of the preset that was chosen last.
    import_requested(), export_requested(): from or to a file.
    """

    chosen = Signal(str)
    save_requested = Signal()
    update_requested = Signal(str)
    remove_requested = Signal(str)
    import_requested = Signal()
    export_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._presets: dict[str, str] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        name = self.tr("Preset")
        layout.addWidget(Label(theme, name, size=TEXT_INTERFACE, weight=Weight.DemiBold))
        self.choice = Choice(theme, name, [("", self.tr("None"))])
        self.choice.setSizeAdjustPolicy(
            Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.more = IconButton(theme, "ellipsis", self.tr("More about presets"))
        line = QHBoxLayout()
        line.setSpacing(theme.px(8))
        line.addWidget(self.choice, 1)
        line.addWidget(self.more)
        layout.addLayout(line)
        self.choice.chosen.connect(self._chosen)
        self.more.clicked.connect(self._open_menu)

    @property
    def current(self) -> str:
        """Id of the preset that is shown, "" for none."""
        return str(self.choice.currentData() or "")

    def show_presets(self, presets: Sequence[Preset], current: str) -> None:
        """Offer these; ``current`` is the one that holds, "" for none."""
        self._presets = {each.id: each.name for each in presets}
        self.choice.set_options([("", self.tr("None")), *self._presets.items()])
        self.choice.set_value(current if current in self._presets else "")

    def _chosen(self, identity: object) -> None:
        if identity:
            self.chosen.emit(str(identity))

    def menu(self) -> Menu:
        """What can be done with presets now."""
        menu = Menu(self)
        menu.entry(self.tr("Save as preset…")).triggered.connect(self.save_requested)
        current = self.current
        if current:
            name = self._presets[current][:40].replace("&", "&&")
            update = menu.entry(self.tr("Save into “{name}”").format(name=name))
            update.triggered.connect(lambda: self.update_requested.emit(current))
            remove = menu.entry(self.tr("Delete “{name}”").format(name=name))
            remove.triggered.connect(lambda: self.remove_requested.emit(current))
        menu.addSeparator()
        menu.entry(self.tr("Import…")).triggered.connect(self.import_requested)
        export = menu.entry(self.tr("Export…"))
        export.setEnabled(bool(self._presets))
        export.triggered.connect(self.export_requested)
        return menu

    def _open_menu(self) -> None:
        self.menu().open_below(self.more, right=True)
