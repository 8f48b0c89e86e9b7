"""What a person wants to see in Discover: chips, a range of sizes, licence, order."""

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSpinBox, QWidget

from ui.models.chip import Chip
from ui.models.flow import Flow
from ui.models.view import Filters, Sort
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID
from ui.widgets.choice import Choice
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

_LICENCES = (
    "apache-2.0", "mit", "gemma", "llama3.1", "llama3.3", "cc-by-nc-4.0", "bsd-3-clause", "other",
)  # fmt: skip
"""As the Hub tags them; what is chosen is sent there."""
_MOST_GB, _SPIN, _GAP = 2000, 72, 8


class FilterBar(Flow):
    """``changed(Filters)`` tells what is wanted now."""

    changed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._filters = Filters()
        self.runs_here = Chip(theme, self.tr("Runs here"))
        self.moe = Chip(theme, self.tr("MoE"))
        self.sizes = _SizeRange(theme)
        self.licence = Choice(
            theme,
            self.tr("Licence"),
            [("", self.tr("Any licence")), *((each, each) for each in _LICENCES)],
        )
        self.architecture = Choice(
            theme, self.tr("Architecture"), [("", self.tr("Any architecture"))]
        )
        words = {
            "trending": self.tr("Popular now"),
            "downloads": self.tr("Most downloaded"),
            "likes": self.tr("Most liked"),
            "updated": self.tr("Newest"),
        }
        self.order = Choice(
            theme, self.tr("Order"), [(each, words[each]) for each in get_args(Sort)]
        )
        for part in (self.runs_here, self.moe, self.sizes):
            self.add(part)
        self.add_gap()
        self.add(self.architecture)
        self.add(self.licence)
        self.add(self.order)
        self.runs_here.clicked.connect(lambda on: self._change(runs_here=on))
        self.moe.clicked.connect(lambda on: self._change(moe=on))
        self.sizes.chosen.connect(lambda low, high: self._change(least_gb=low, most_gb=high))
        self.licence.chosen.connect(lambda value: self._change(licence=value))
        self.architecture.chosen.connect(lambda value: self._change(architecture=value))
        self.order.chosen.connect(lambda value: self._change(sort=value))
        self.set_filters(self._filters)

    @property
    def filters(self) -> Filters:
        """What is wanted."""
        return self._filters

    def set_filters(self, filters: Filters) -> None:
        """Show these, without a signal."""
        self._filters = filters
        self.runs_here.setChecked(filters.runs_here)
        self.moe.setChecked(filters.moe)
        self.sizes.set_range(filters.least_gb, filters.most_gb)
        self.licence.set_value(filters.licence)
        self.architecture.set_value(filters.architecture, filters.architecture)
        self.order.set_value(filters.sort)

    def set_architectures(self, names: Sequence[str]) -> None:
        """Offer these; the one that is wanted stays, also when nothing of it was found."""
        wanted = self._filters.architecture
        known = [*names, wanted] if wanted and wanted not in names else list(names)
        options = [("", self.tr("Any architecture")), *((each, each) for each in known)]
        self.architecture.set_options(options)
        self.architecture.set_value(wanted)

    def _change(self, **changes: object) -> None:
        wanted = replace(self._filters, **changes)  # type: ignore[arg-type]
        if wanted != self._filters:
            self._filters = wanted
            self.changed.emit(wanted)


class _SizeRange(Surface):
    """``chosen(int, int)``: from and to, in GB; 0 for no bound."""

    chosen = Signal(int, int)

    def __init__(self, theme: Theme) -> None:
        super().__init__("clear")
        self._theme = theme
        self._before = Label(theme, self.tr("Size"), ink="muted", parent=self)
        self._between = Label(theme, self.tr("to"), ink="muted", parent=self)
        self._after = Label(theme, self.tr("GB"), ink="muted", parent=self)
        self.least, self.most = _Spin(self), _Spin(self)
        self.least.setAccessibleName(self.tr("Smallest size, in GB"))
        self.most.setAccessibleName(self.tr("Largest size, in GB"))
        self.most.setSpecialValueText(self.tr("any"))
        for spin in (self.least, self.most):
            spin.valueChanged.connect(
                lambda _value: self.chosen.emit(self.least.value(), self.most.value())
            )
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_range(self, least: int, most: int) -> None:
        """Show these, without a signal."""
        for spin, value in ((self.least, least), (self.most, most)):
            spin.blockSignals(True)
            spin.setValue(value)
            spin.blockSignals(False)

    def _restyle(self) -> None:
        theme, px = self._theme, self._theme.px
        step, control, x = px(GRID), px(CONTROL_HEIGHT), px(_GAP)
        font = theme.font(tabular=True)
        for part in (self._before, self.least, self._between, self.most, self._after):
            if isinstance(part, QSpinBox):
                part.setFont(font)
                part.lineEdit().setFont(font)
                wide = px(_SPIN)
            else:
                wide = -(-part.sizeHint().width() // step) * step
            part.setGeometry(x, 0, wide, control)
            x += wide + px(_GAP)
        self.setFixedSize(x, control)


class _Spin(QSpinBox):
    """Scrolling the page must not change it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setRange(0, _MOST_GB)
        self.setKeyboardTracking(False)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The page's."""
        event.ignore()
