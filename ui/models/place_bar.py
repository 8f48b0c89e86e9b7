"""A small bar of a model's bytes by device: painted in rows of lists, or a widget of its own."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.models.view import PlaceView, Stretch
from ui.models.words import place_tooltip
from ui.placement.inks import DeviceInks
from ui.theme.theme import Theme
from ui.widgets.tooltips import plain_tooltip

HEIGHT = 8


class BarPainter(QObject):
    """Paints bars; its brushes are made once for each look of the theme."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._inks = DeviceInks(theme)
        self._brushes: dict[str, QBrush] = {}
        theme.changed.connect(self._forget)

    def paint(self, painter: QPainter, area: QRectF, stretches: Sequence[Stretch]) -> None:
        """Fill ``area``, one stretch beside the other, the whole width being all bytes."""
        painter.save()
        shape = QPainterPath()
        radius = area.height() / 2
        shape.addRoundedRect(area, radius, radius)
        painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
        painter.fillRect(area, self._theme.color("device_free"))
        whole = max(1, sum(stretch.bytes for stretch in stretches))
        x = area.left()
        painter.setBrushOrigin(area.topLeft())
        for number, stretch in enumerate(stretches):
            width = stretch.bytes / whole * area.width()
            gap = min(self._theme.zoom, width / 3) if number + 1 < len(stretches) else 0.0
            painter.fillRect(
                QRectF(x, area.top(), width - gap, area.height()), self._brush(stretch.ink)
            )
            x += width
        painter.restore()

    def _brush(self, ink: str) -> QBrush:
        if ink not in self._brushes:
            is_device = ink.startswith("device_")
            plain = QBrush(self._theme.color(ink))
            self._brushes[ink] = self._inks.brush(ink) if is_device else plain
        return self._brushes[ink]

    def _forget(self) -> None:
        self._brushes.clear()


class PlaceBar(QWidget):
    """Eight pixels high; screen readers and a tooltip get the words."""

    def __init__(self, theme: Theme, painter: BarPainter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._painter = theme, painter
        self._place: PlaceView | None = None

    def show_place(self, place: PlaceView | None) -> None:
        """Show these shares; None shows an empty track."""
        if place == self._place:
            return
        self._place = place
        words = place_tooltip(place) if place else ""
        self.setToolTip(plain_tooltip(words))
        self.setAccessibleName(words)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The bar, in the middle."""
        tall = self._theme.px(HEIGHT)
        top = (self.height() - tall) / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(0, top, self.width(), tall)
        self._painter.paint(painter, area, self._place.stretches if self._place else ())
