"""One line at the answer's place until it begins: loading, summarising, reading, and how far."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui.chat.figures import duration, grouped, percent
from ui.chat.markdown.inline import printable
from ui.chat.phases import Loading, Phase, Reading, Stopping, Summarising, phase_fraction
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.bar import Bar
from ui.widgets.labels import Label

_LINE, _BAR, _GAP = 24, 3, 12
_TAIL = 200
"""Characters of a summary that can possibly be seen in what is left of the line."""


class ProgressLine(QWidget):
    """What happens, in words, over a bar as wide as the column.

    Beside the words stands the end of what the model writes meanwhile: a summary, not the answer.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._words = Label(theme, size=TEXT_INTERFACE, ink="muted", tabular=True, parent=self)
        self._tail = Label(theme, size=TEXT_SMALL, ink="muted", parent=self)
        self._tail.setAccessibleName(self.tr("Summary so far"))
        self._end = ""
        self._bar = Bar(theme, height=_BAR, parent=self)

    @property
    def words(self) -> str:
        """The line shown."""
        return self._words.text()

    @property
    def tail(self) -> str:
        """The end of the summary that is shown beside it."""
        return self._tail.text()

    def show_phase(self, phase: Phase) -> None:
        """Tell what happens now."""
        self._words.setText(self._words_for(phase))
        self.setAccessibleName(self._words.text())
        self._bar.set_value(phase_fraction(phase))
        self._bar.setVisible(isinstance(phase, Loading | Reading))
        written = phase.text[-_TAIL:] if isinstance(phase, Summarising) else ""
        self._end = " ".join(printable(written).split())
        self._place_tail(self.width())

    def arrange(self, width: int) -> int:
        """Lay out for ``width``; return the height, which never changes."""
        px = self._theme.px
        self._words.setGeometry(0, 0, width, px(_LINE))
        self._place_tail(width)
        self._bar.setGeometry(0, px(_LINE) + px(4), width, px(_BAR))
        return px(_LINE) + px(4) + px(_BAR) + px(5)

    def _place_tail(self, width: int) -> None:
        """The newest words end at the right edge, those before them are cut."""
        px = self._theme.px
        left = self._words.sizeHint().width() + px(_GAP)
        room = max(0, width - left)
        metrics = self._tail.fontMetrics()
        self._tail.setText(metrics.elidedText(self._end, Qt.TextElideMode.ElideLeft, room))
        self._tail.setVisible(bool(self._end) and room > px(_LINE))
        self._tail.setGeometry(left, 0, room, px(_LINE))

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
        if isinstance(phase, Summarising):
            return self.tr("Summarising the oldest messages first")
        return self.tr("Stopping") if isinstance(phase, Stopping) else self.tr("Starting")
