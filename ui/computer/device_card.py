"""The card of one device: name, memory, what drives it, and what it is used for or why not."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.amounts import memory_size
from ui.computer.memory_bar import MemoryBar
from ui.computer.view import DeviceView
from ui.computer.words import memory_words, origin_words, progress_words, state_words
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, TEXT_SMALL
from ui.widgets.bar import Bar
from ui.widgets.buttons import TextButton
from ui.widgets.dot import Dot
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.styling import set_style
from ui.widgets.surface import Surface

WIDTH, HEIGHT = 312, 136
_PAD = 16


class DeviceCard(Surface):
    """At least 312×136.

    Signals:
        get_engine_requested(str): the backend whose engine could use this device.
        stop_build_requested: stop making it.
    """

    get_engine_requested = Signal(str)
    stop_build_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("card", parent)
        self._theme = theme
        self._backend = ""
        self.name = ElidedLabel(theme, weight=QFont.Weight.DemiBold)
        self._engine_name = Label(theme, size=TEXT_SMALL, ink="muted")
        self._origin = ElidedLabel(theme, size=TEXT_SMALL, ink="muted")
        self._total = Label(theme, size=TEXT_SMALL, ink="muted", tabular=True)
        self.memory = MemoryBar(theme)
        self._figures = ElidedLabel(theme, size=TEXT_SMALL, ink="muted")
        self._dot = Dot(theme)
        self.state = Label(theme, size=TEXT_SMALL, wrap=True)
        self.get_engine = TextButton(theme, self.tr("Get the engine for this GPU"), icon="download")
        self._build = _BuildLine(theme)
        self._column = QVBoxLayout(self)
        self._lines = (QHBoxLayout(), QHBoxLayout(), QHBoxLayout())
        self._beside = QVBoxLayout()
        self._build_layout()
        self.get_engine.clicked.connect(lambda: self.get_engine_requested.emit(self._backend))
        self._build.stop.clicked.connect(self.stop_build_requested)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def buttons(self) -> tuple[QWidget, ...]:
        """In the order of the keyboard."""
        return (self.get_engine, self._build.stop)

    def show_device(self, device: DeviceView, *, accent: bool = False) -> None:
        """Show it; ``accent`` makes its button the filled one of the page."""
        self._backend = device.get_engine
        self.name.setText(device.name)
        self._engine_name.setText(device.engine_name)
        self._origin.setText(origin_words(device))
        known = device.memory_bytes > 0
        self._total.setText(memory_size(device.memory_bytes) if known else "")
        for part in (self.memory, self._figures):
            part.setVisible(known)
        self.memory.set_memory(device.memory_bytes, device.model_bytes, device.other_bytes)
        self.memory.setAccessibleName(memory_words(device))
        self._figures.setText(memory_words(device))
        self._dot.set_ink(_ink(device))
        self.state.setText(state_words(device))
        self.get_engine.setVisible(bool(device.get_engine) and device.build is None)
        set_style(self.get_engine, look="accent" if accent else "plain")
        self.get_engine.set_icon_name("download")  # in the ink of its look
        self._build.setVisible(device.build is not None)
        if device.build is not None:
            self._build.show_progress(device.build.words, device.build.fraction)
        self.setAccessibleName(device.name + ": " + state_words(device))

    def wanted_height(self, width: int) -> int:
        """Pixels at ``width`` pixels, on the grid."""
        self._column.invalidate()
        wanted = max(self._theme.px(HEIGHT), self.heightForWidth(width))
        step = self._theme.px(GRID)
        return -(-wanted // step) * step

    def _build_layout(self) -> None:
        first, second, third = self._lines
        first.addWidget(self.name, 1)
        first.addWidget(self._engine_name)
        second.addWidget(self._origin, 1)
        second.addWidget(self._total)
        self._beside.addWidget(self._dot)
        self._beside.addStretch(1)
        third.addLayout(self._beside)
        third.addWidget(self.state, 1)
        self._column.addLayout(first)
        self._column.addLayout(second)
        self._column.addWidget(self.memory)
        self._column.addWidget(self._figures)
        self._column.addLayout(third)
        self._column.addStretch(1)
        self._column.addWidget(self.get_engine)
        self._column.addWidget(self._build)

    def _restyle(self) -> None:
        px = self._theme.px
        # The card's border takes one pixel of the padding.
        pad = px(_PAD) - 1
        self._column.setContentsMargins(pad, px(12) - 1, pad, px(12) - 1)
        self._column.setSpacing(px(6))
        for line in self._lines:
            line.setSpacing(px(8))
        self._lines[2].setContentsMargins(0, px(2), 0, 0)
        # Beside the middle of the first line of words.
        self._beside.setContentsMargins(0, px(4), 0, 0)


class _BuildLine(QWidget):
    """How far an engine is, with Stop; as high as the button whose place it takes."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._words = ElidedLabel(theme, size=TEXT_SMALL)
        self._bar = Bar(theme)
        self.stop = TextButton(theme, self.tr("Stop"), look="quiet")
        self.stop.setAccessibleName(self.tr("Stop getting the engine"))
        self._row, self._left = QHBoxLayout(self), QVBoxLayout()
        self._left.addWidget(self._words)
        self._left.addWidget(self._bar)
        self._row.addLayout(self._left, 1)
        self._row.addWidget(self.stop)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_progress(self, words: str, fraction: float | None) -> None:
        """``fraction`` None: nobody can tell."""
        self._words.setText(progress_words(words, fraction))
        self._bar.set_value(fraction or 0.0)

    def _restyle(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(px(8))
        self._left.setSpacing(px(4))


def _ink(device: DeviceView) -> str:
    if device.is_wasted:
        return "warning"
    if device.unused_reason:
        return "idle"
    return "good" if device.purpose or device.model_bytes else "idle"
