"""A number with a slider beside it: drag roughly, type exactly."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT

_NUMBER, _GAP = 80, 12
BESIDE_SLIDER = _NUMBER + _GAP
"""Pixels right of the slider at 100 %."""


class _Slider(QSlider):
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _Spin(QDoubleSpinBox):
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class NumberField(QWidget):
    """A value from ``low`` to ``high`` in steps of ``step``, shown with ``decimals``.

    ``edited(value)`` tells what a person chose: once, when the slider is let go or the text is
    finished, not at every step on the way.
    """

    edited = Signal(float)

    def __init__(
        self,
        theme: Theme,
        name: str,
        *,
        low: float,
        high: float,
        step: float,
        decimals: int = 0,
        suffix: str = "",
        slider: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._step, self._low = theme, step, low
        self._told: float | None = None
        self._slider = _Slider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, round((high - low) / step))
        self._slider.setAccessibleName(name)
        self._slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._slider.setVisible(slider)
        self._spin = _Spin()
        self._spin.setRange(low, high)
        self._spin.setSingleStep(step)
        self._spin.setDecimals(decimals)
        self._spin.setSuffix(suffix)
        self._spin.setAccessibleName(name)
        self._spin.setKeyboardTracking(False)
        self._spin.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._layout = layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._spin)
        self._slider.valueChanged.connect(self._slider_moved)
        self._slider.sliderReleased.connect(self._tell)
        self._spin.valueChanged.connect(self._spin_changed)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def value(self) -> float:
        """The number shown."""
        return self._spin.value()

    def set_value(self, value: float) -> None:
        """Show ``value``, without a signal."""
        self._told = value
        for part in (self._slider, self._spin):
            part.blockSignals(True)
        self._spin.setValue(value)
        self._slider.setValue(round((value - self._low) / self._step))
        for part in (self._slider, self._spin):
            part.blockSignals(False)

    def _slider_moved(self, position: int) -> None:
        self._spin.blockSignals(True)
        self._spin.setValue(self._low + position * self._step)
        self._spin.blockSignals(False)
        if not self._slider.isSliderDown():
            self._tell()

    def _spin_changed(self, value: float) -> None:
        self._slider.blockSignals(True)
        self._slider.setValue(round((value - self._low) / self._step))
        self._slider.blockSignals(False)
        self._tell()

    def _tell(self) -> None:
        value = self._spin.value()
        if value != self._told:
            self._told = value
            self.edited.emit(value)

    def _restyle(self) -> None:
        theme = self._theme
        self._layout.setSpacing(theme.px(_GAP))
        font = theme.font(tabular=True)
        self._spin.setFont(font)
        self._spin.lineEdit().setFont(font)
        self._spin.lineEdit().setTextMargins(0, 0, theme.px(6), 0)
        self._spin.setFixedSize(theme.px(_NUMBER), theme.px(CONTROL_HEIGHT))
        self._slider.setFixedHeight(theme.px(CONTROL_HEIGHT))
        self._slider.setMinimumWidth(theme.px(128))
