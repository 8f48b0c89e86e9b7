"""The picture of a plan: a column per layer, its parts in the colours of their devices."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.placement.columns import Column, PartKind
from ui.placement.inks import DeviceInks
from ui.placement.layer_words import column_words
from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, RADIUS, TEXT_SMALL

HEIGHT = 232
_ATTENTION, _SHARED, _EXPERTS, _KV, _AXIS = 40, 16, 140, 12, 24
_GUTTER, _GUTTER_FROM = 88, 600
"""Room for the names of the bands, where the picture is at least so wide."""
_EDGE_GAP = 8
"""Between the layers and what stands before and after them."""
_QUIET = 0.62
"""Strength of what cannot move: feed-forward parts of layers without experts, and the ends."""
_LEAST_COLUMN = 3
_JUMP = 10
_NONE = -1


class PlacementPicture(QWidget):
    """Shows columns; pointer and arrow keys choose one.

    Signals:
        column_chosen: its number, or -1 for none.
    """

    column_chosen = Signal(int)

    def __init__(self, theme: Theme, inks: DeviceInks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._inks = theme, inks
        self._columns: tuple[Column, ...] = ()
        self._names: Mapping[str, str] = {}
        self._chosen = _NONE
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def chosen(self) -> int:
        """Number of the framed column, -1 for none."""
        return self._chosen

    def show_columns(
        self, columns: tuple[Column, ...], names: Mapping[str, str], sentence: str
    ) -> None:
        """Draw ``columns``; ``names`` are the devices' and ``sentence`` says what is seen."""
        self._columns, self._names = columns, names
        self.setAccessibleName(
            self.tr("Picture of the layers: {sentence}").format(sentence=sentence)
        )
        if self._chosen >= len(columns):
            self._choose(_NONE)
        self._describe()
        self.update()

    def choose(self, number: int) -> None:
        """Frame a column and tell it; -1 frames none."""
        self._choose(number)

    def sizeHint(self) -> QSize:
        """232 high; as wide as it gets."""
        return QSize(self._theme.px(320), self._theme.px(HEIGHT))

    # --- pointer and keys ------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The column under the pointer."""
        self._choose(self._column_at(event.position().x()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The same, and the keyboard goes on from there."""
        self._choose(self._column_at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        """What the pointer chose is over; what the keyboard chose stays."""
        super().leaveEvent(event)
        if not self.hasFocus():
            self._choose(_NONE)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard begins at the first layer."""
        super().focusInEvent(event)
        if self._chosen == _NONE and self._columns:
            first = next((i for i, each in enumerate(self._columns) if each.kind == "layer"), 0)
            self._choose(first)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Frame nothing."""
        super().focusOutEvent(event)
        self._choose(_NONE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right go by one, with Ctrl by ten; Home and End to the ends."""
        step = _JUMP if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1
        last = len(self._columns) - 1
        targets = {
            Qt.Key.Key_Left: self._chosen - step,
            Qt.Key.Key_Right: self._chosen + step,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        target = targets.get(Qt.Key(event.key()))
        if target is None or not self._columns:
            super().keyPressEvent(event)
            return
        self._choose(min(max(target, 0), last))

    # --- geometry --------------------------------------------------------------------------

    def column_area(self, number: int) -> QRectF:
        """Where a column is, the axis not included, in pixels of the widget."""
        px, column = self._theme.px, self._columns[number]
        left, width = self._left(), self._column_width()
        x = left + number * width
        if column.kind != "input":
            x += px(_EDGE_GAP)
        if column.kind == "output":
            x += px(_EDGE_GAP)
        begin, end = round(x), round(x + width)
        return QRectF(begin, 0, max(1, end - begin), px(HEIGHT - _AXIS))

    def _gutter(self) -> int:
        px = self._theme.px
        return px(_GUTTER) if self.width() >= px(_GUTTER_FROM) else 0

    def _left(self) -> float:
        """Where columns begin: they end at the right edge, whatever their width leaves over."""
        taken = len(self._columns) * self._column_width() + 2 * self._theme.px(_EDGE_GAP)
        return self.width() - taken if self._gutter() else 0.0

    def _column_width(self) -> float:
        """Whole pixels, as long as columns are wide enough to lose a fraction."""
        room = self.width() - self._gutter() - 2 * self._theme.px(_EDGE_GAP)
        width = room / max(1, len(self._columns))
        return float(int(width)) if width >= _LEAST_COLUMN else width

    def _column_at(self, x: float) -> int:
        for number in range(len(self._columns)):
            area = self.column_area(number)
            if area.left() <= x < area.right():
                return number
        return _NONE

    def _bands(self) -> dict[PartKind, tuple[int, int]]:
        """Top and height of each band; without shared experts the experts take their room."""
        px = self._theme.px
        shared = any("shared" in column.parts for column in self._columns)
        heights: dict[PartKind, int] = {"attention": _ATTENTION}
        if shared:
            heights["shared"] = _SHARED
        heights["experts"] = _EXPERTS + (0 if shared else _SHARED)
        heights["kv"] = _KV
        bands, top = {}, 0
        for kind, height in heights.items():
            bands[kind] = (px(top), px(top + height) - px(top))
            top += height
        return bands

    # --- painting --------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Names of the bands, columns, axis, and the frame of the chosen column."""
        painter = QPainter(self)
        bands = self._bands()
        if self._gutter():
            self._paint_names(painter, bands)
        for number, column in enumerate(self._columns):
            area = self.column_area(number)
            if column.kind == "layer":
                self._paint_layer(painter, column, area, bands)
            else:
                self._paint_end(painter, column, area)
        self._paint_axis(painter)
        if self._chosen != _NONE:
            self._paint_frame(painter, self.column_area(self._chosen))

    def _paint_names(self, painter: QPainter, bands: Mapping[PartKind, tuple[int, int]]) -> None:
        experts = any(column.has_experts for column in self._columns)
        names: dict[PartKind, str] = {
            "attention": self.tr("Attention"),
            "shared": self.tr("Shared"),
            "experts": self.tr("Experts") if experts else self.tr("Feed-forward"),
            "kv": self.tr("KV cache"),
        }
        painter.setFont(self._theme.font(TEXT_SMALL))
        painter.setPen(self._theme.color("muted"))
        for kind, (top, height) in bands.items():
            area = QRectF(0, top, self._gutter(), height)
            painter.drawText(
                area.adjusted(0, -4, 0, 4),
                int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter),
                names[kind],
            )

    def _paint_layer(
        self,
        painter: QPainter,
        column: Column,
        area: QRectF,
        bands: Mapping[PartKind, tuple[int, int]],
    ) -> None:
        for kind, (top, height) in bands.items():
            part = column.parts.get(kind)
            place = self._inner(area, top, height)
            if part is None:
                painter.fillRect(place, self._theme.color("device_free"))
                continue
            is_moving = kind != "experts" or column.has_experts or not self._has_experts
            strength = 1.0 if is_moving else _QUIET
            painter.fillRect(place, self._inks.brush(self._inks.ink_of(part.device), strength))

    def _paint_end(self, painter: QPainter, column: Column, area: QRectF) -> None:
        place = self._inner(area, 0, round(area.height()))
        painter.fillRect(place, self._inks.brush(self._inks.ink_of(column.device), _QUIET))

    @property
    def _has_experts(self) -> bool:
        return any(column.has_experts for column in self._columns)

    def _inner(self, area: QRectF, top: int, height: int) -> QRectF:
        """The painted part of a cell: hairlines stay free, in wide columns wider ones."""
        zoom = self._theme.zoom
        across = 2 * zoom if area.width() >= 12 * zoom else zoom if area.width() >= 4 * zoom else 0
        return QRectF(
            area.left(), top, max(1.0, area.width() - round(across)), height - round(zoom)
        )

    def _paint_axis(self, painter: QPainter) -> None:
        px = self._theme.px
        painter.setFont(self._theme.font(TEXT_SMALL, tabular=True))
        painter.setPen(self._theme.color("muted"))
        top, height = px(HEIGHT - _AXIS), px(_AXIS)
        metrics = QFontMetrics(painter.font())
        baseline = top + height / 2 + metrics.ascent() / 2
        step = self._axis_step(metrics)
        ends = {"input": self.tr("In"), "output": self.tr("Out")}
        texts = {
            number: ends.get(column.kind, str(column.index))
            for number, column in enumerate(self._columns)
            if column.kind != "layer" or column.index % step == 0
        }
        taken: list[tuple[float, float]] = []
        # What stands at the ends is written first: a number gives way to it.
        for number in sorted(texts, key=lambda each: self._columns[each].kind == "layer"):
            width = metrics.horizontalAdvance(texts[number])
            left = max(0.0, self.column_area(number).center().x() - width / 2)
            left = min(left, self.width() - width)
            if all(left > end or left + width < begin for begin, end in taken):
                painter.drawText(QPointF(left, baseline), texts[number])
                taken.append((left - px(4), left + width + px(4)))

    def _axis_step(self, metrics: QFontMetrics) -> int:
        room = metrics.horizontalAdvance("000") + self._theme.px(8)
        width = max(0.1, self._column_width())
        return next((step for step in (1, 2, 4, 8, 16, 32, 64) if step * width >= room), 128)

    def _paint_frame(self, painter: QPainter, area: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = self._theme.px(FOCUS_WIDTH)
        place = self._inner(area, 0, round(area.height()))
        painter.setPen(QPen(QColor(self._theme.color("text")), ring))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = ring / 2
        place.adjust(inset - 1, inset, 1 - inset, -inset)
        painter.drawRoundedRect(place, self._theme.px(RADIUS / 4), self._theme.px(RADIUS / 4))

    # --- choosing --------------------------------------------------------------------------

    def _choose(self, number: int) -> None:
        if number != self._chosen:
            self._chosen = number
            self._describe()
            self.update()
            self.column_chosen.emit(number)
            if number != _NONE and self.hasFocus():
                words = self.accessibleDescription()
                QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def _describe(self) -> None:
        chosen = self._chosen
        words = column_words(self._columns[chosen], self._names) if chosen != _NONE else ""
        self.setAccessibleDescription(words)

    def _restyle(self) -> None:
        self.setFixedHeight(self._theme.px(HEIGHT))
        self.update()
