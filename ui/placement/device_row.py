"""One device of a plan: its name, its figures, its bar with the limit, and what fills it."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.amounts import memory_size, memory_sizes
from app.placement.entities import PROCESSOR, DeviceShare
from ui.placement.bar_key import BarKey, KeyEntry
from ui.placement.device_bar import DeviceBar
from ui.placement.inks import DeviceInks
from ui.placement.segments import STRENGTHS, Segment, segment_title
from ui.placement.view import PlacementView
from ui.sentences import say
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.surface import Surface


class DeviceRow(Surface):
    """Signals:
    budget_changed: the device's name, and bytes or None for the automatic limit.
    """

    budget_changed = Signal(str, object)

    def __init__(self, theme: Theme, inks: DeviceInks, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme, self._inks = theme, inks
        self._device = ""
        self._name = Label(theme, weight=QFont.Weight.Medium)
        self._figures = ElidedLabel(theme, tabular=True)
        self._limit = Label(theme, size=TEXT_SMALL, ink="muted", tabular=True)
        self._reset = TextButton(theme, self.tr("Automatic limit"), look="quiet")
        self._warning = Label(theme, size=TEXT_SMALL, ink="bad", wrap=True)
        self.bar = DeviceBar(theme, inks)
        self.key = BarKey(theme)
        self._line = QHBoxLayout()
        self._line.addWidget(self._name)
        self._line.addWidget(self._figures, 1)
        self._line.addWidget(self._limit)
        self._line.addWidget(self._reset)
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(self._line)
        self._layout.addWidget(self.bar)
        self._layout.addWidget(self.key)
        self._layout.addWidget(self._warning)
        self.bar.limit_chosen.connect(self._limit_chosen)
        self._reset.clicked.connect(lambda: self._limit_chosen(None))
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def summary(self) -> str:
        """The figures in words."""
        return self._figures.text()

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """What the keyboard stops at, in order."""
        return (self._reset, self.bar)

    def show_share(self, share: DeviceShare, name: str, view: PlacementView) -> None:
        """Show a device's part of the plan; ``name`` is what people call it."""
        device = share.device
        self._device = device.name
        other = view.other_bytes.get(device.name, 0)
        self._name.setText(name[:1].upper() + name[1:])
        full = device.description if device.name != PROCESSOR else ""
        self._name.setToolTip(full)
        self._figures.setText(self._figures_of(share, view))
        chosen = device.name in view.limits
        text = self.tr("your limit {limit}") if chosen else self.tr("limit {limit}")
        self._limit.setText(text.format(limit=memory_size(device.budget_bytes)))
        self._reset.setVisible(chosen)
        self._reset.setAccessibleName(self.tr("Automatic limit on {device}").format(device=name))
        self.bar.show_share(share, name, other, is_dense=view.is_dense)
        self.key.show_entries([self._entry(each) for each in self.bar.content.segments])
        excess = share.excess_bytes
        self._warning.setVisible(excess > 0)
        if excess:
            self._warning.setText(
                say("placement.over_ram", {"needed": memory_size(excess)})
                if device.name == PROCESSOR
                else say("placement.over_limit", {"needed": memory_size(excess), "device": name})
            )

    def _figures_of(self, share: DeviceShare, view: PlacementView) -> str:
        planned, memory = memory_sizes(share.bytes.total, share.device.memory_bytes)
        facts = {"planned": planned, "memory": memory}
        measured = view.measured_bytes.get(share.device.name)
        if measured is None:
            return self.tr("{planned} of {memory}").format(**facts)
        text = self.tr("{planned} of {memory}, measured {measured}")
        return text.format(**facts, measured=memory_size(measured))

    def _entry(self, segment: Segment) -> KeyEntry:
        if segment.kind == "programs":
            brush = self._inks.brush("device_other", 0.7)
        elif segment.kind == "free":
            brush = self._inks.brush("device_free")
        else:
            ink = self._inks.ink_of(self._device)
            brush = self._inks.brush(ink, STRENGTHS[segment.kind])
        text = self.tr("{part} {size}").format(
            part=segment_title(segment.kind), size=memory_size(segment.bytes)
        )
        return KeyEntry(brush, text)

    def _limit_chosen(self, limit: object) -> None:
        self.budget_changed.emit(self._device, limit)

    def _restyle(self) -> None:
        px = self._theme.px
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._line.setSpacing(px(8))
        self._name.setFixedHeight(px(CONTROL_HEIGHT))
