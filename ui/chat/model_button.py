"""The button in the header's centre: which model, and what state it is in."""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, RADIUS, TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.buttons import Button
from ui.widgets.tooltips import plain_tooltip

WIDTH, HEIGHT = 360, 36

Kind = Literal["none", "unloaded", "loading", "ready", "failed"]
_INKS: dict[Kind, str] = {
    "none": "idle",
    "unloaded": "idle",
    "loading": "warning",
    "ready": "good",
    "failed": "bad",
}


@dataclass(frozen=True, slots=True)
class ModelState:
    """What the model button shows."""

    kind: Kind = "none"
    name: str = ""
    quantization: str = ""
    progress: float = 0.0
    """0 to 1 while loading."""
    seconds_left: int | None = None
    """While loading; None when nothing is known yet."""
    reason: str = ""
    """The whole sentence when it did not load; becomes the tooltip."""


class ModelButton(Button):
    """360×36 (the header may give less), whatever it says; at its right the state in words."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = ModelState()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def state(self) -> ModelState:
        """What is shown."""
        return self._state

    @property
    def is_elided(self) -> bool:
        """Whether part of the name is not shown."""
        return self._name_metrics().horizontalAdvance(self._name()) > self._name_area().width()

    @property
    def state_words(self) -> str:
        """What is said at the right."""
        state = self._state
        if state.kind == "loading":
            percent = round(state.progress * 100)
            if state.seconds_left is None:
                return self.tr("Loading {percent} %").format(percent=percent)
            return self.tr("Loading {percent} %, {seconds} s").format(
                percent=percent, seconds=state.seconds_left
            )
        words = {
            "unloaded": self.tr("loads when you send"),
            "ready": self.tr("ready"),
            "failed": self.tr("did not load"),
        }
        return words.get(state.kind, "")

    def set_state(self, state: ModelState) -> None:
        """Show another model or another state."""
        self._state = state
        self._tell()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Field, dot, name, quantization, state, chevron, and the bar while loading."""
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_field(painter)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(_INKS[self._state.kind]))
        painter.drawEllipse(QRectF(px(14), (self.height() - px(8)) / 2, px(8), px(8)))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        area, metrics = self._name_area(), self._name_metrics()
        shown = metrics.elidedText(self._name(), Qt.TextElideMode.ElideRight, area.width())
        painter.setFont(theme.font(TEXT_INTERFACE, weight=QFont.Weight.Medium))
        painter.setPen(theme.color("text"))
        painter.drawText(area, left, shown)
        painter.setPen(theme.color("muted"))
        painter.setFont(theme.font(TEXT_SMALL, tabular=True))
        used = metrics.horizontalAdvance(shown) + px(8)
        painter.drawText(
            area.adjusted(used, 0, self._quantization_width(), 0), left, self._state.quantization
        )
        if self._state.kind == "failed":
            painter.setPen(theme.color("bad"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect().adjusted(0, 0, -px(34), 0), right, self.state_words)
        side = px(16)
        chevron = QRect(self.width() - side - px(10), (self.height() - side) // 2, side, side)
        theme.icon("chevron-down").paint(painter, chevron)

    def _paint_field(self, painter: QPainter) -> None:
        theme, px = self._theme, self._theme.px
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.color("border"), 1))
        painter.setBrush(theme.color("hover" if self.underMouse() else "raised"))
        if self.hasFocus():
            half = px(FOCUS_WIDTH) / 2
            area = QRectF(self.rect()).adjusted(half, half, -half, -half)
            painter.setPen(QPen(theme.color("accent"), px(FOCUS_WIDTH)))
        painter.drawRoundedRect(area, px(RADIUS), px(RADIUS))
        if self._state.kind == "loading":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("warning"))
            room = self.width() - 2 * px(RADIUS)
            width = room * min(1.0, max(0.0, self._state.progress))
            painter.drawRect(QRectF(px(RADIUS), self.height() - px(2), width, px(2)))

    def _name(self) -> str:
        return self._state.name or self.tr("Choose a model")

    def _name_metrics(self) -> QFontMetrics:
        return QFontMetrics(self._theme.font(TEXT_INTERFACE, weight=QFont.Weight.Medium))

    def _small_width(self, text: str) -> int:
        metrics = QFontMetrics(self._theme.font(TEXT_SMALL, tabular=True))
        return metrics.horizontalAdvance(text) + self._theme.px(8) if text else 0

    def _quantization_width(self) -> int:
        return self._small_width(self._state.quantization)

    def _name_area(self) -> QRect:
        px = self._theme.px
        taken = self._quantization_width() + self._small_width(self.state_words)
        return self.rect().adjusted(px(30), 0, -px(34) - taken, 0)

    def _tell(self) -> None:
        """Tooltip and accessible name follow the state."""
        state = self._state
        whole = " ".join(part for part in (self._name(), state.quantization) if part)
        self.setToolTip(plain_tooltip(state.reason or whole))
        self.setAccessibleName(
            self.tr("Model: {model}, {state}").format(model=whole, state=self.state_words)
            if self.state_words
            else whole
        )

    def _restyle(self) -> None:
        self.setFixedHeight(self._theme.px(HEIGHT))
        self._tell()
        self.update()
