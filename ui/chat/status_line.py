"""The line under the composer, 28 high: context used, speed, and where the model runs."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.chat.place_button import PlaceButton
from ui.context.meter_button import MeterButton
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

HEIGHT = 28


class StatusLine(Surface):
    """Every part keeps its place and width, whatever it says.

    Signals:
        context_pressed: what is in the context is to be shown.
        place_pressed: where the model runs is to be shown, or changed.
    """

    context_pressed = Signal()
    place_pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self._theme = theme
        self._last = (0, 0, True)
        self._measured = False
        self.context_button = MeterButton(theme)
        self.context_button.clicked.connect(self.context_pressed)
        self.context = self.context_button.words
        self.meter = self.context_button.bar
        self.speed = Label(theme, size=TEXT_SMALL, ink="muted", tabular=True)
        self.place = PlaceButton(theme)
        self.place.clicked.connect(self.place_pressed)
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self.context_button)
        self._layout.addWidget(self.speed)
        self._layout.addWidget(self.place, 1)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_context(self, used: int, window: int, *, next_fits: bool = True) -> None:
        """Tokens of the last turn and of the context window (0: unknown).

        Not shown while ``set_measured`` has told something better.
        """
        self._last = (used, window, next_fits)
        if not self._measured:
            self.context_button.show_tokens(used, window, fits=next_fits)

    def set_measured(self, used: int, window: int, *, fits: bool) -> None:
        """What the next message would take, counted exactly."""
        self._measured = True
        self.context_button.show_tokens(used, window, fits=fits)

    def forget_measured(self) -> None:
        """It is not true any more: show the last turn's again."""
        if self._measured:
            self._measured = False
            used, window, fits = self._last
            self.context_button.show_tokens(used, window, fits=fits)

    def set_speed(self, tokens_per_second: float | None) -> None:
        """Of the last or the running answer; None before the first."""
        if tokens_per_second is None:
            self.speed.setText("")
            return
        number = format(tokens_per_second, ".1f" if tokens_per_second < 10 else ".0f")
        self.speed.setText(self.tr("{speed} tok/s").format(speed=number))

    def set_place(self, words: str, why: str = "") -> None:
        """Where the model runs; ``why`` is the tooltip."""
        self.place.set_words(words, why)

    def _restyle(self) -> None:
        px = self._theme.px
        self.setFixedHeight(px(HEIGHT))
        # The words of the place end where everything ends; its ring reaches into the margin, as
        # that of the meter does.
        self._layout.setContentsMargins(px(8), 0, px(8), 0)
        self._layout.setSpacing(px(12))
        self.speed.setFixedWidth(px(88))
        self.place.setFixedHeight(px(HEIGHT))
