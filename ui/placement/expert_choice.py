"""How many layers keep their experts on GPUs: a slider, a stepper, and the speed that follows."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QSpinBox, QWidget

from app.amounts import memory_size
from app.placement.entities import PROCESSOR, Placement
from ui.placement.card import ChoiceCard
from ui.placement.view import PlacementView
from ui.placement.words import speed_words
from ui.sentences import say
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, TEXT_CHAT, TEXT_SMALL
from ui.widgets.buttons import IconButton
from ui.widgets.labels import Label

_NUMBER = 56


class _Slider(QSlider):
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _Spin(QSpinBox):
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class ExpertChoice(ChoiceCard):
    """Signals:
    chosen: layers that keep their experts on GPUs, at every step while the slider moves.
    """

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, self.tr("Expert layers on GPU"), parent)
        name = self.tr("Expert layers on GPU")
        self.slider = _Slider(Qt.Orientation.Horizontal)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider.setAccessibleName(name)
        self.spin = _Spin()
        self.spin.setAccessibleName(name)
        self.spin.setKeyboardTracking(False)
        self.spin.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.fewer = IconButton(theme, "minus", self.tr("One layer fewer"))
        self.more = IconButton(theme, "plus", self.tr("One layer more"))
        self._total = Label(theme, ink="muted", tabular=True)
        self._speed = Label(theme, size=TEXT_CHAT, weight=QFont.Weight.DemiBold, tabular=True)
        self._note = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True)
        self._row = QHBoxLayout()
        for widget in (self.fewer, self.spin, self.more, self._total):
            self._row.addWidget(widget)
        self._row.addStretch(1)
        self.body.addLayout(self._row)
        self.body.addWidget(self.slider)
        self.body.addWidget(self._speed)
        self.body.addWidget(self._note)
        self.body.addStretch(1)
        self.slider.valueChanged.connect(self._moved)
        self.spin.valueChanged.connect(self._moved)
        self.fewer.clicked.connect(lambda: self._moved(self.slider.value() - 1))
        self.more.clicked.connect(lambda: self._moved(self.slider.value() + 1))
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def speed_text(self) -> str:
        """The predicted speed as shown."""
        return self._speed.text()

    @property
    def note_text(self) -> str:
        """What a layer costs, or why nothing can be chosen."""
        return self._note.text()

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """What the keyboard stops at, in order."""
        return (self.fewer, self.spin, self.more, self.slider)

    def show_view(self, view: PlacementView) -> None:
        """Show a plan, without a signal. A slider in somebody's hand stays where it is."""
        placement = view.placement
        total = placement.movable_layers
        heading = (
            self.tr("Feed-forward parts on GPU")
            if view.is_dense
            else self.tr("Expert layers on GPU")
        )
        self.heading.setText(heading)
        for part in (self.slider, self.spin):
            part.setAccessibleName(heading)
        reason = _reason(placement)
        for widget in (self.slider, self.spin, self.fewer, self.more):
            widget.setEnabled(not reason)
        self._set(placement.expert_layers, total)
        self._total.setText(self.tr("of {total}").format(total=total))
        self._speed.setText(speed_words(placement.predicted))
        self._note.setText(reason or self._cost(view))

    def _cost(self, view: PlacementView) -> str:
        moving = [
            layer.bytes.routed_experts or layer.bytes.feed_forward
            for place in view.placement.layers
            if place.experts and place.index is not None
            for layer in view.facts.layers[place.index : place.index + 1]
        ]
        average = round(sum(moving) / max(1, len(moving)))
        text = (
            self.tr("Each takes about {size} of GPU memory; the attention stays where it is.")
            if view.is_dense
            else self.tr(
                "Experts of one layer take about {size} of GPU memory; its attention stays."
            )
        )
        return text.format(size=memory_size(average))

    def _set(self, value: int, total: int) -> None:
        for part in (self.slider, self.spin):
            part.blockSignals(True)
            part.setRange(0, total)
            if part is self.spin or not self.slider.isSliderDown():
                part.setValue(value)
            part.blockSignals(False)
        enabled = self.slider.isEnabled()
        self.fewer.setEnabled(enabled and value > 0)
        self.more.setEnabled(enabled and value < total)

    def _moved(self, value: int) -> None:
        total = self.slider.maximum()
        value = min(max(value, 0), total)
        for part in (self.slider, self.spin):
            part.blockSignals(True)
            part.setValue(value)
            part.blockSignals(False)
        self.fewer.setEnabled(value > 0)
        self.more.setEnabled(value < total)
        self.chosen.emit(value)

    def _restyle(self) -> None:
        theme, px = self._theme, self._theme.px
        font = theme.font(tabular=True)
        self.spin.setFont(font)
        self.spin.lineEdit().setFont(font)
        self.spin.setFixedSize(px(_NUMBER), px(CONTROL_HEIGHT))
        self.slider.setFixedHeight(px(CONTROL_HEIGHT))
        self._row.setSpacing(px(4))


def _reason(placement: Placement) -> str:
    """Why nothing can be moved; "" when it can."""
    if all(share.device.name == PROCESSOR for share in placement.shares):
        return say("placement.no_gpu")
    return "" if placement.movable_layers else say("placement.nothing_moves")
