"""This computer: what models can run on here, how fast it is, and what is missing."""

from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from ui.computer.device_grid import DeviceGrid
from ui.computer.engine_section import EngineSection
from ui.computer.hosts_section import HostsSection
from ui.computer.speed_section import SpeedSection
from ui.computer.trouble_card import TroubleCard
from ui.computer.view import ComputerView
from ui.computer.words import summary
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, TEXT_CHAT, TEXT_HEADING
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import Label
from ui.widgets.styling import set_style
from ui.widgets.surface import Surface

_HEADER, _COLUMN, _SIDE = 48, 968, 24


class ComputerPage(Surface):
    """Shows what it is told.

    Signals:
        back_requested: by the button or Esc.
        refresh_requested: the engine is to be asked again.
        measure_requested, stop_measuring_requested: the measurement of about 10 seconds.
        get_engine_requested(str): an engine for this backend ("cuda").
        stop_build_requested: stop making that engine.
    """

    back_requested = Signal()
    refresh_requested = Signal()
    measure_requested = Signal()
    stop_measuring_requested = Signal()
    get_engine_requested = Signal(str)
    stop_build_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self._theme = theme
        self._view: ComputerView | None = None
        self._back = IconButton(
            theme, "arrow-left", self.tr("Back to the chat"), shortcut="Esc", parent=self
        )
        self._title = Label(
            theme, self.tr("This computer"), size=TEXT_CHAT, weight=QFont.Weight.Medium, parent=self
        )
        self.refresh = TextButton(
            theme, self.tr("Look again"), look="quiet", icon="refresh-cw", parent=self
        )
        self.summary = Label(theme, size=TEXT_HEADING, weight=QFont.Weight.DemiBold, wrap=True)
        self.trouble = TroubleCard(theme)
        self.grid = DeviceGrid(theme)
        self.speed = SpeedSection(theme)
        self.engine = EngineSection(theme)
        self.hosts = HostsSection(theme)
        self._content = Surface("clear")
        self._layout = QVBoxLayout(self._content)
        self._area = QScrollArea(self)
        self._build()
        self._connect()
        self.show_waiting()
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_computer(self, view: ComputerView) -> None:
        """Show this. What it told before is replaced; nothing moves that did not change."""
        self._view = view
        wanting = [n for n, each in enumerate(view.devices) if each.get_engine and not each.build]
        self.trouble.hide()
        self._set_asking(False)
        self.summary.setText(summary(view))
        self.summary.show()
        self.grid.show_devices(view.devices, wanting[0] if wanting else None)
        has_other = any(each.get_engine for each in view.devices) or view.measuring is not None
        self.speed.show_computer(view, accent=view.speeds is None and not has_other)
        self.engine.show_computer(view)
        self.hosts.show_hosts(view.hosts)
        self._show_parts(True)
        self._order_focus()
        self._arrange()

    def set_measuring(self, fraction: float | None) -> None:
        """How far the measurement is, 0 to 1; None: it is over. Cheap."""
        self.speed.set_measuring(fraction)

    def show_waiting(self) -> None:
        """The engine is being asked; what is known stays."""
        self._set_asking(True)
        self.trouble.hide()
        if self._view is None:
            self.summary.setText(self.tr("Asking the engine…"))
            self.summary.show()
            self._show_parts(False)

    def show_trouble(self, sentence: str) -> None:
        """The engine did not answer; what is known stays below."""
        self._set_asking(False)
        self.trouble.tell(sentence)
        if self._view is None:
            self.summary.hide()
            self._show_parts(False)
        self._area.verticalScrollBar().setValue(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back; arrows and Page keys scroll."""
        bar = self._area.verticalScrollBar()
        steps = {
            Qt.Key.Key_Down: self._theme.px(40),
            Qt.Key.Key_Up: -self._theme.px(40),
            Qt.Key.Key_PageDown: bar.pageStep(),
            Qt.Key.Key_PageUp: -bar.pageStep(),
            Qt.Key.Key_Home: -bar.maximum(),
            Qt.Key.Key_End: bar.maximum(),
        }
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.back_requested.emit()
        elif key in steps:
            bar.setValue(bar.value() + steps[key])
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One column, at most 968 wide, in the middle."""
        super().resizeEvent(event)
        self._arrange()

    def _build(self) -> None:
        for part in (self.summary, self.trouble, self.grid, self.hosts, self.speed, self.engine):
            self._layout.addWidget(part)
        self._layout.addStretch(1)
        set_style(self._area, look="clear")
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._content)

    def _connect(self) -> None:
        self._back.clicked.connect(self.back_requested)
        for source in (self.refresh.clicked, self.engine.check_requested, self.trouble.try_again):
            source.connect(self.refresh_requested)
        self.speed.measure_requested.connect(self.measure_requested)
        self.speed.stop_measuring_requested.connect(self.stop_measuring_requested)
        self.grid.get_engine_requested.connect(self.get_engine_requested)
        self.grid.stop_build_requested.connect(self.stop_build_requested)

    def _set_asking(self, asking: bool) -> None:
        self.refresh.setEnabled(not asking)
        self.engine.set_asking(asking)

    def _show_parts(self, shown: bool) -> None:
        for part in (self.grid, self.speed, self.engine):
            part.setVisible(shown)
        self.hosts.setVisible(shown and self._view is not None and bool(self._view.hosts))

    def _order_focus(self) -> None:
        """Cards that came later are visited where they stand."""
        chain: list[QWidget] = [self._back, self.refresh]
        for card in self.grid.cards:
            chain += card.buttons
        chain += [*self.speed.buttons, *self.engine.buttons]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    def _arrange(self) -> None:
        px = self._theme.px
        top, side, step = px(_HEADER), px(_SIDE), px(GRID)
        self._back.move(px(12), px(8))
        self._title.setGeometry(px(52), 0, px(240), top)
        wide = self.refresh.sizeHint().width()
        self.refresh.setGeometry(self.width() - px(12) - wide, px(8), wide, px(32))
        column = min(px(_COLUMN), self.width() - 2 * side) // step * step
        left = max(side, (self.width() - column) // 2 // step * step)
        self._content.setFixedWidth(column)
        # The scroll bar stands beside the column, not in it.
        self._area.setGeometry(left, top, self.width() - left, self.height() - top)
        self.grid.set_column(column)
        self.speed.set_column(column)

    def _restyle(self) -> None:
        px = self._theme.px
        self._layout.setContentsMargins(0, px(16), 0, px(32))
        self._layout.setSpacing(0)
        self.summary.setContentsMargins(0, 0, 0, px(16))
        self._arrange()
