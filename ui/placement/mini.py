"""A plan in little room: one bar and two lines of words, for the popover and the panel."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.amounts import memory_size
from app.placement.entities import Placement
from ui.placement.bar_key import BarKey, KeyEntry
from ui.placement.inks import DeviceInks
from ui.placement.words import device_names, place_words, speed_words
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

_BAR, _RADIUS = 24, 6


class PlacementStrip(Surface):
    """All bytes of a plan in one bar, coloured by device, with the words for it below."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._inks = DeviceInks(theme)
        self._placement: Placement | None = None
        self.bar = _SharesBar(theme, self._inks)
        self.key = BarKey(theme)
        self._words = Label(theme, wrap=True)
        self._speed = Label(theme, size=TEXT_SMALL, ink="muted", tabular=True, wrap=True)
        self._layout = QVBoxLayout(self)
        for widget in (self.bar, self.key, self._words, self._speed):
            self._layout.addWidget(widget)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def text(self) -> str:
        """Where the model is, as shown."""
        return self._words.text()

    def show_placement(self, placement: Placement | None) -> None:
        """Show a plan; None shows nothing."""
        self._placement = placement
        self.setVisible(placement is not None)
        if placement is None:
            return
        used = [share for share in placement.shares if share.bytes.total]
        names = device_names(placement.shares)
        self._inks.set_devices([share.device.name for share in placement.shares])
        self.bar.show_amounts([(s.device.name, s.bytes.total) for s in used])
        self.key.show_entries(
            [
                KeyEntry(
                    self._inks.brush(self._inks.ink_of(share.device.name)),
                    self.tr("{device} {size}").format(
                        device=names[share.device.name], size=memory_size(share.bytes.total)
                    ),
                )
                for share in used
            ]
        )
        self._words.setText(place_words(placement))
        self._speed.setText(speed_words(placement.predicted))
        self.setAccessibleName(self._words.text() + ", " + self._speed.text())

    def _restyle(self) -> None:
        px = self._theme.px
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(px(4))
        if self._placement:
            self.show_placement(self._placement)


class _SharesBar(QWidget):
    """One stretch per device."""

    def __init__(self, theme: Theme, inks: DeviceInks) -> None:
        super().__init__()
        self._theme, self._inks = theme, inks
        self._amounts: list[tuple[str, int]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def show_amounts(self, amounts: list[tuple[str, int]]) -> None:
        """Bytes by device, from the left."""
        self._amounts = amounts
        self.update()

    def sizeHint(self) -> QSize:
        """24 high."""
        return QSize(self._theme.px(160), self._theme.px(_BAR))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Hairlines between the stretches."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        shape = QPainterPath()
        shape.addRoundedRect(area, self._theme.px(_RADIUS), self._theme.px(_RADIUS))
        painter.setClipPath(shape)
        painter.fillRect(area, self._theme.color("device_free"))
        whole = max(1, sum(size for _device, size in self._amounts))
        x = 0.0
        for device, size in self._amounts:
            width = size / whole * area.width()
            gap = min(self._theme.zoom, width / 3)
            stretch = QRectF(x, 0, width - gap, area.height())
            painter.fillRect(stretch, self._inks.brush(self._inks.ink_of(device)))
            x += width
