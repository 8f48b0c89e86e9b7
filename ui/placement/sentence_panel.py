"""The plan in a sentence, and below it where its figures come from or what is going on."""

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFont
from PySide6.QtWidgets import QWidget

from ui.placement.view import PlacementView
from ui.placement.words import place_sentence, speed_sentence
from ui.sentences import say
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, TEXT_HEADING, TEXT_SMALL
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

_TOP, _BETWEEN, _BOTTOM, _MARK = 16, 4, 8, 20
_LEAST_LINES = 2


class SentencePanel(Surface):
    """Keeps room for two lines, so that other plans move nothing."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._parts: tuple[str, ...] = ()
        self._column = 0
        self._sentence = Label(
            theme, size=TEXT_HEADING, weight=QFont.Weight.Medium, wrap=True, parent=self
        )
        self._mark = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True, parent=self)

    @property
    def sentence(self) -> str:
        """Where the model is and how fast, as shown."""
        return self._sentence.text()

    @property
    def mark(self) -> str:
        """The line below."""
        return self._mark.text()

    def show_view(self, view: PlacementView) -> None:
        """Say a plan."""
        placement = view.placement
        self._parts = (place_sentence(view), speed_sentence(placement.predicted))
        self._fit()
        marks = [say("placement.simulated" if placement.simulated else "placement.estimated")]
        if placement.is_described:
            marks.append(say("placement.described"))
        self._mark.setText(view.doing or " ".join(marks))
        self._mark.set_ink("muted")

    def show_state(self, text: str, ink: str) -> None:
        """Say what is going on in place of where figures come from."""
        self._mark.setText(text)
        self._mark.set_ink(ink)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def restyle(self) -> None:
        """Take the theme's fonts again: in another parent, Qt's style sheets gave older ones."""
        self._sentence.setFont(self._theme.font(TEXT_HEADING, weight=QFont.Weight.Medium))
        self._mark.setFont(self._theme.font(TEXT_SMALL))

    def height_for(self, column: int) -> int:
        """Pixels that a column of that width needs."""
        px = self._theme.px
        self._column = column
        self._fit()
        tall = px(_TOP) + self._sentence_height(column) + px(_BETWEEN)
        tall += self._mark_height(column) + px(_BOTTOM)
        step = px(GRID)
        return -(-tall // step) * step

    def arrange(self, left: int, column: int) -> None:
        """Put the words into a column that begins at ``left``."""
        px = self._theme.px
        tall = self._sentence_height(column)
        self._sentence.setGeometry(left, px(_TOP), column, tall)
        top = px(_TOP) + tall + px(_BETWEEN)
        self._mark.setGeometry(left, top, column, self._mark_height(column))

    def _fit(self) -> None:
        """Where the model is in one line and its speed in the next, or else one after the other."""
        metrics = self._sentence.fontMetrics()
        fits = all(metrics.horizontalAdvance(part) < self._column for part in self._parts)
        self._sentence.setText(("\n" if fits else " ").join(self._parts))

    def _sentence_height(self, column: int) -> int:
        least = _LEAST_LINES * self._sentence.fontMetrics().lineSpacing()
        return max(least, self._sentence.heightForWidth(column))

    def _mark_height(self, column: int) -> int:
        return max(self._theme.px(_MARK), self._mark.heightForWidth(column))
