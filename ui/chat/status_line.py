"""The line under the composer, 28 high: context used, speed, and where the model runs."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.chat.place_button import PlaceButton
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.bar import Bar
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

HEIGHT = 28
_NEARLY_FULL = 0.8


class StatusLine(Surface):
    """Every part keeps its place and width, whatever it says.

    Signals:
        place_pressed: where the model runs is to be shown, or changed.
    """

    place_pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self._theme = theme
        self.context = Label(theme, size=TEXT_SMALL, ink="muted", tabular=True)
        self.meter = Bar(theme, width=80, height=4)
        self.meter.setAccessibleName(self.tr("Context used"))
        self.speed = Label(theme, size=TEXT_SMALL, ink="muted", tabular=True)
        self.place = PlaceButton(theme)
        self.place.clicked.connect(self.place_pressed)
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self.meter)
        self._layout.addWidget(self.context)
        self._layout.addWidget(self.speed)
        self._layout.addWidget(self.place, 1)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_context(self, used: int, window: int, *, next_fits: bool = True) -> None:
        """Tokens used and tokens of the context window (0: unknown); red if not ``next_fits``."""
        share = used / window if window else 0.0
        ink = "accent" if share < _NEARLY_FULL else "warning"
        self.meter.set_value(share, ink if next_fits else "bad")
        self.context.set_ink("muted" if next_fits else "bad")
        self.context.setText(
            self.tr("{used} of {window}").format(used=_short(used), window=_short(window))
            if window
            else ""
        )
        self.context.setToolTip(
            self.tr("{used:,} of {window:,} tokens of the context are used").format(
                used=used, window=window
            )
            if window
            else ""
        )

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
        # The words of the place end where everything ends; its ring reaches into the margin.
        self._layout.setContentsMargins(px(16), 0, px(8), 0)
        self._layout.setSpacing(px(12))
        self.context.setFixedWidth(px(112))
        self.speed.setFixedWidth(px(88))
        self.place.setFixedHeight(px(HEIGHT))


def _short(tokens: int) -> str:
    """812, 3.1k, 16k; a k is 1,024 tokens, as in the names of context windows."""
    if tokens < 1024:
        return str(tokens)
    number = tokens / 1024
    return format(number, ".0f" if number >= 100 or tokens % 1024 == 0 else ".1f") + "k"
