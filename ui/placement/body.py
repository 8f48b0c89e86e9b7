"""The scrolled part of the placement page: picture, devices, choices, figures."""

import itertools

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.placement.cache_choice import CacheChoice
from ui.placement.context_choice import ContextChoice
from ui.placement.device_row import DeviceRow
from ui.placement.expert_choice import ExpertChoice
from ui.placement.figures_line import figures_line
from ui.placement.inks import DeviceInks
from ui.placement.picture_section import PictureSection
from ui.placement.remarks import Remarks
from ui.placement.view import PlacementView
from ui.placement.words import device_names
from ui.theme.theme import Theme
from ui.theme.tokens import GRID
from ui.widgets.buttons import IconButton
from ui.widgets.labels import Label
from ui.widgets.menu import Menu
from ui.widgets.surface import Surface

_BESIDE_FROM, _GAP = 720, 16


class PlacementBody(Surface):
    """Signals:
    budget_changed: a device's name, and bytes or None for its automatic limit.
    copy_command_requested, reset_requested, measure_requested: from the menu.
    """

    budget_changed = Signal(str, object)
    copy_command_requested = Signal()
    reset_requested = Signal()
    measure_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._inks = DeviceInks(theme)
        self.remarks = Remarks(theme)
        self.section = PictureSection(theme, self._inks)
        self._rows: dict[str, DeviceRow] = {}
        self._devices = QVBoxLayout()
        self.experts = ExpertChoice(theme)
        self.context = ContextChoice(theme)
        self.cache = CacheChoice(theme)
        self._cards = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        for card in (self.experts, self.context, self.cache):
            self._cards.addWidget(card)
        self._figures = Label(theme, ink="muted", tabular=True, wrap=True)
        self.more = IconButton(theme, "ellipsis", self.tr("More"))
        self._foot = QHBoxLayout()
        self._foot.addWidget(self._figures, 1)
        self._foot.addWidget(self.more)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self.remarks)
        self._layout.addWidget(self.section)
        self._layout.addLayout(self._devices)
        self._layout.addLayout(self._cards)
        self._layout.addLayout(self._foot)
        self._layout.addStretch(1)
        self.more.clicked.connect(self._open_menu)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def device_rows(self) -> tuple[DeviceRow, ...]:
        """One for each device, the processor's last."""
        return tuple(self._rows.values())

    @property
    def figures(self) -> str:
        """Planned against measured, in words."""
        return self._figures.text()

    def show_view(self, view: PlacementView) -> None:
        """Show a plan."""
        shares = view.placement.shares
        names = device_names(shares)
        self._inks.set_devices([share.device.name for share in shares])
        self._set_devices([share.device.name for share in shares])
        self.remarks.show_remarks(view.repairs, view.notes)
        self.section.show_view(view)
        for share in shares:
            self._rows[share.device.name].show_share(share, names[share.device.name], view)
        for card in (self.experts, self.context, self.cache):
            card.show_view(view)
        self._figures.setText(figures_line(view))
        self._order_focus()

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels; where that is little, choices stand under each other."""
        px = self._theme.px
        beside = width >= px(_BESIDE_FROM)
        across = QBoxLayout.Direction.LeftToRight
        self._cards.setDirection(across if beside else QBoxLayout.Direction.TopToBottom)
        step = px(GRID)
        third = (width - 2 * px(_GAP)) // 3 // step * step
        rest = width - 2 * (third + px(_GAP))
        widths = (third, third, rest) if beside else (width, width, width)
        for card, wide in zip((self.experts, self.context, self.cache), widths, strict=True):
            card.setFixedWidth(wide)
        self.section.set_column(width)
        self.setFixedWidth(width)

    def _set_devices(self, names: list[str]) -> None:
        if list(self._rows) == names:
            return
        for row in self._rows.values():
            self._devices.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = {name: DeviceRow(self._theme, self._inks, self) for name in names}
        for row in self._rows.values():
            row.budget_changed.connect(self.budget_changed)
            self._devices.addWidget(row)
        # Screen readers go by the order of widgets, in which the rows are the last ones now.
        for part in (self.experts, self.context, self.cache, self._figures, self.more):
            part.raise_()

    def _order_focus(self) -> None:
        """By the keyboard from top to bottom, whenever the rows were made."""
        order: list[QWidget] = [self.section.as_table, self.section.picture, self.section.table]
        for row in self._rows.values():
            order += row.stops
        order += self.experts.stops
        order += [*self.context.rows, self.context.longest, *self.cache.rows, self.more]
        # Qt leaves pairs alone of which one takes no focus, so those must not part the others.
        stops = [each for each in order if each.focusPolicy() != Qt.FocusPolicy.NoFocus]
        for before, after in itertools.pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _open_menu(self) -> None:
        menu = Menu(self)
        copy = menu.entry(self.tr("Copy llama-server command"))
        copy.triggered.connect(self.copy_command_requested)
        measure = menu.entry(self.tr("Measure this computer again"))
        measure.triggered.connect(self.measure_requested)
        menu.addSeparator()
        forget = menu.entry(self.tr("Forget this plan"))
        forget.triggered.connect(self.reset_requested)
        menu.open_below(self.more, right=True)

    def _restyle(self) -> None:
        px = self._theme.px
        self._layout.setContentsMargins(0, px(8), 0, px(24))
        self._layout.setSpacing(px(16))
        self._devices.setSpacing(px(12))
        self._cards.setSpacing(px(_GAP))
        self._foot.setSpacing(px(8))
