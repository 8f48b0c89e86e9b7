"""A device's memory as a bar whose limit can be dragged, or moved with the arrow keys."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from app.amounts import memory_size, memory_sizes
from app.placement.entities import DeviceShare
from ui.placement.inks import DeviceInks
from ui.placement.segments import STRENGTHS, BarContent, Segment, bar_content
from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH
from ui.widgets.tooltips import plain_tooltip

_MIB = 1 << 20
_STEP_MIB, _PAGE_MIB = 256, 1024
_BAR, _HEIGHT = 24, 36
_RADIUS = 6
_KNOB = 5
_CATCH = 10
"""Pixels at either side of the mark where a drag begins."""


class DeviceBar(QSlider):
    """24 high, its limit mark reaching over it. A slider in MiB to screen readers.

    Signals:
        limit_chosen: bytes that the plan may take at most, or None for the automatic limit
            (Delete, Backspace, or a double click on the mark).
    """

    limit_chosen = Signal(object)

    def __init__(self, theme: Theme, inks: DeviceInks, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme, self._inks = theme, inks
        self._content = BarContent((), 1, 0, 0)
        self._ink = "device_ram"
        self._is_dragged = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSingleStep(_STEP_MIB)
        self.setPageStep(_PAGE_MIB)
        self.setMouseTracking(True)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def content(self) -> BarContent:
        """What is drawn."""
        return self._content

    def show_share(
        self, share: DeviceShare, name: str, other_bytes: int, *, is_dense: bool
    ) -> None:
        """Draw a device's part of a plan with its limit, without a signal."""
        self._content = bar_content(share, other_bytes, is_dense=is_dense)
        self._ink = self._inks.ink_of(share.device.name)
        if not self._is_dragged:
            self.blockSignals(True)
            self.setRange(0, share.device.memory_bytes // _MIB)
            self.setValue(share.device.budget_bytes // _MIB)
            self.blockSignals(False)
        self.setAccessibleName(self.tr("Limit on {device}, in MiB").format(device=name))
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as it gets."""
        return QSize(self._theme.px(320), self._theme.px(_HEIGHT))

    # --- pointer and keys ------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the mark; a press elsewhere on the bar does nothing."""
        near = abs(event.position().x() - self._mark()) <= self._theme.px(_CATCH)
        self._is_dragged = near and event.button() == Qt.MouseButton.LeftButton
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the mark, or show that it can be moved."""
        x = event.position().x()
        if self._is_dragged:
            share = min(1.0, max(0.0, x / max(1, self.width())))
            self._choose(round(share * self._content.capacity / _MIB))
        near = abs(x - self._mark()) <= self._theme.px(_CATCH)
        shape = Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._is_dragged = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On the mark: back to the automatic limit."""
        if abs(event.position().x() - self._mark()) <= self._theme.px(_CATCH):
            self._is_dragged = False
            self.limit_chosen.emit(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolling the page must not change a limit on its way."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows by 256 MiB, Page by 1 GiB; Delete goes back to the automatic limit."""
        key = Qt.Key(event.key())
        steps = {
            Qt.Key.Key_Left: -_STEP_MIB,
            Qt.Key.Key_Down: -_STEP_MIB,
            Qt.Key.Key_Right: _STEP_MIB,
            Qt.Key.Key_Up: _STEP_MIB,
            Qt.Key.Key_PageDown: -_PAGE_MIB,
            Qt.Key.Key_PageUp: _PAGE_MIB,
            Qt.Key.Key_Home: -self.maximum(),
            Qt.Key.Key_End: self.maximum(),
        }
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.limit_chosen.emit(None)
        elif key in steps:
            self._choose(self.value() + steps[key])
        else:
            super().keyPressEvent(event)

    def _choose(self, mib: int) -> None:
        mib = min(max(mib, 0), self.maximum())
        if mib != self.value():
            self.setValue(mib)
            self._describe()
            self.limit_chosen.emit(mib * _MIB)

    def _describe(self) -> None:
        limit, memory = memory_sizes(self.value() * _MIB, self._content.memory)
        words = self.tr("The plan may take {limit} of {memory}; it takes {planned}.").format(
            limit=limit, memory=memory, planned=memory_size(self._content.planned)
        )
        hint = self.tr("Drag the mark, or use the arrow keys; Delete makes it automatic again.")
        self.setAccessibleDescription(" ".join((words, hint)))
        self.setToolTip(plain_tooltip("\n".join((words, hint))))

    # --- painting --------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The stretches with hairlines between them, then the mark."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px = self._theme.px
        area = QRectF(0, px((_HEIGHT - _BAR) / 2), self.width(), px(_BAR))
        shape = QPainterPath()
        shape.addRoundedRect(area, px(_RADIUS), px(_RADIUS))
        painter.setClipPath(shape)
        painter.fillRect(area, self._theme.color("device_free"))
        x = 0.0
        for segment in self._content.segments:
            width = segment.bytes / self._content.capacity * area.width()
            if segment.kind != "free":
                gap = min(self._theme.zoom, width / 3)
                painter.fillRect(
                    QRectF(x, area.top(), width, area.height()), self._theme.color("page")
                )
                painter.fillRect(
                    QRectF(x, area.top(), width - gap, area.height()), self._fill(segment)
                )
            x += width
        if self._content.overfull:
            edge = self._content.memory / self._content.capacity * area.width()
            beyond = QRectF(edge, area.bottom() - px(4), area.width() - edge, px(4))
            painter.fillRect(beyond, self._theme.color("bad"))
        painter.setClipping(False)
        self._paint_mark(painter)

    def _fill(self, segment: Segment) -> QBrush:
        if segment.kind == "programs":
            return self._inks.brush("device_other", 0.7)
        return self._inks.brush(self._ink, STRENGTHS[segment.kind])

    def _paint_mark(self, painter: QPainter) -> None:
        """A line across the bar with a knob above, ringed while the keyboard is here."""
        theme, px = self._theme, self._theme.px
        x = min(max(self._mark(), px(_KNOB + 1)), self.width() - px(_KNOB + 1))
        ink = theme.color("text")
        painter.setPen(QPen(theme.color("page"), px(4)))
        painter.drawLine(QPointF(x, px(6)), QPointF(x, px(_HEIGHT - 6)))
        painter.setPen(QPen(ink, px(2)))
        painter.drawLine(QPointF(x, px(6)), QPointF(x, px(_HEIGHT - 5)))
        focused = self.hasFocus()
        painter.setPen(QPen(theme.color("accent" if focused else "page"), px(FOCUS_WIDTH)))
        painter.setBrush(ink)
        radius = px(_KNOB)
        painter.drawEllipse(QPointF(x, px(6)), radius, radius)

    def _mark(self) -> float:
        return self.value() * _MIB / self._content.capacity * self.width()

    def _restyle(self) -> None:
        self.setFixedHeight(self._theme.px(_HEIGHT))
        self.update()
