"""How fast this computer was measured to be, and measuring it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.engine.entities import KernelSpeed, MeasuredSpeeds
from ui.computer.fact_row import FactRow
from ui.computer.section import Section
from ui.computer.view import ComputerView
from ui.computer.words import bandwidth, kernel_words, moment, progress_words, translate
from ui.sentences import say
from ui.theme.theme import Theme
from ui.widgets.bar import Bar
from ui.widgets.buttons import TextButton
from ui.widgets.styling import set_style
from ui.widgets.surface import Surface

_SECONDS = 10
_BARS_FROM = 600
_PROGRESS = 2


class SpeedSection(Section):
    """The first row tells when, or how far a measurement is; its button keeps its width.

    Signals:
        measure_requested, stop_measuring_requested: by the one button.
    """

    measure_requested = Signal()
    stop_measuring_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "")
        self.heading.setText(self.tr("Speed"))
        self._measuring = False
        self._view = ComputerView(devices=())
        self._wide = True
        self.button = TextButton(theme, "")
        self.state = FactRow(theme, self.button)
        self.progress = Bar(theme, height=_PROGRESS)
        # Keeps the bar's place while there is none.
        self._under = Surface("clear")
        inside = QVBoxLayout(self._under)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.progress)
        self.column.addWidget(self.state)
        self.column.addWidget(self._under)
        self.button.clicked.connect(self._pressed)
        theme.changed.connect(self._fit_button)
        self._fit_button()

    @property
    def buttons(self) -> tuple[QWidget, ...]:
        """In the order of the keyboard."""
        return (self.button,)

    def show_computer(self, view: ComputerView, *, accent: bool) -> None:
        """Show what was measured; ``accent`` makes its button the filled one of the page."""
        self._view = view
        set_style(self.button, look="accent" if accent else "plain")
        self._show_rows()
        self.set_measuring(view.measuring)

    def set_measuring(self, fraction: float | None) -> None:
        """How far a measurement is, 0 to 1; None while there is none."""
        self._measuring = fraction is not None
        self.progress.setVisible(self._measuring)
        self.progress.set_value(fraction or 0.0)
        if fraction is not None:
            title = progress_words(self.tr("Measuring"), fraction)
            hint = self.tr("It takes about {seconds} s.").format(seconds=_SECONDS)
        elif self._view.speeds is not None:
            title = self.tr("Measured on {moment}").format(moment=moment(self._view.measured_ms))
            hint = self.tr("Measure again after a change of memory, GPU or power plan.")
        else:
            title = self.tr("Not measured yet")
            hint = say("computer.not_measured")
        self.state.set_words(title, hint)
        self._show_button()

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels; when that is little, the rows have no bars."""
        wide = width >= self._theme.px(_BARS_FROM)
        if wide != self._wide:
            self._wide = wide
            self._show_rows()

    def _show_rows(self) -> None:
        facts = _facts(self._view, self.tr("Main memory"))
        rows = self.take_rows(len(facts))
        most = max((speed for _title, _hint, speed in facts), default=1.0)
        for row, (title, hint, speed) in zip(rows, facts, strict=True):
            row.set_words(title, hint, bandwidth(speed))
            row.set_bar(speed / most if self._wide else None)

    def _show_button(self) -> None:
        if self._measuring:
            self.button.setText(self.tr("Stop"))
        elif self._view.speeds is not None:
            self.button.setText(self.tr("Measure again"))
        else:
            self.button.setText(self.tr("Measure now"))
        self.button.setAccessibleName(
            self.tr("Stop measuring") if self._measuring else self.button.text()
        )

    def _pressed(self) -> None:
        if self._measuring:
            self.stop_measuring_requested.emit()
        else:
            self.measure_requested.emit()

    def _fit_button(self) -> None:
        """Wide enough for all it says, so that nothing moves."""
        self.button.setFixedWidth(self._theme.px(136))
        self._under.setFixedHeight(self._theme.px(_PROGRESS))


def _facts(view: ComputerView, memory: str) -> list[tuple[str, str, float]]:
    """Title, small line and bytes per second of every bandwidth."""
    if view.speeds is None:
        return []
    names = {device.engine_name: device.name for device in view.devices}
    facts = [(memory, kernel_words(each), each.bytes_per_second) for each in _fastest(view.speeds)]
    for device in view.speeds.devices:
        name = names.get(device.device, device.device)
        if device.bytes_per_second > 0:
            facts.append((name, translate("computer", "Its own memory"), device.bytes_per_second))
        if device.link_bytes_per_second > 0:
            link = translate("computer", "From main memory to it")
            facts.append((name, link, device.link_bytes_per_second))
    return facts


def _fastest(speeds: MeasuredSpeeds) -> list[KernelSpeed]:
    """The best number of threads for every quantization type, in the order measured."""
    best: dict[str, KernelSpeed] = {}
    for kernel in speeds.kernels:
        known = best.get(kernel.type_name)
        if known is None or kernel.bytes_per_second > known.bytes_per_second:
            best[kernel.type_name] = kernel
    return list(best.values())
