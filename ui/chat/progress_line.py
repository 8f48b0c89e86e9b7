"""One line and a thin bar at the answer's place while a model loads or a prompt is read."""

from PySide6.QtWidgets import QWidget

from ui.chat.figures import duration, grouped, percent
from ui.chat.phases import Loading, Phase, Reading, Stopping, phase_fraction
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE
from ui.widgets.bar import Bar
from ui.widgets.labels import Label

_LINE, _BAR = 24, 3


class ProgressLine(QWidget):
    """What happens, in words, over a bar as wide as the column."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._words = Label(theme, size=TEXT_INTERFACE, ink="muted", tabular=True, parent=self)
        self._bar = Bar(theme, height=_BAR, parent=self)

    @property
    def words(self) -> str:
        """The line shown."""
        return self._words.text()

    def show_phase(self, phase: Phase) -> None:
        """Tell what happens now."""
        self._words.setText(self._words_for(phase))
        self.setAccessibleName(self._words.text())
        self._bar.set_value(phase_fraction(phase))
        self._bar.setVisible(isinstance(phase, Loading | Reading))

    def arrange(self, width: int) -> int:
        """Lay out for ``width``; return the height, which never changes."""
        px = self._theme.px
        self._words.setGeometry(0, 0, width, px(_LINE))
        self._bar.setGeometry(0, px(_LINE) + px(4), width, px(_BAR))
        return px(_LINE) + px(4) + px(_BAR) + px(5)

    def _words_for(self, phase: Phase) -> str:
        if isinstance(phase, Loading):
            return self.tr("Loading {model}: {share}").format(
                model=phase.model_name, share=percent(phase.fraction)
            )
        if isinstance(phase, Reading):
            left = phase.seconds_left
            if left is None:
                words = self.tr("Reading {count} tokens: {share}")
            else:
                words = self.tr("Reading {count} tokens: {share}, about {left} left")
            return words.format(
                count=grouped(phase.total),
                share=percent(phase_fraction(phase)),
                left=duration(left or 0),
            )
        return self.tr("Stopping") if isinstance(phase, Stopping) else self.tr("Starting")
