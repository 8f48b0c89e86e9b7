"""The numbers of the sampling under "More": each with one sentence and a way back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.engine.entities import SamplingParameters
from app.engine.sampling import LIMITS
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.buttons import IconButton
from ui.widgets.labels import Label
from ui.widgets.number_field import NumberField

translate = QCoreApplication.translate

_RESET = 28


@dataclass(frozen=True, slots=True)
class RowWords:
    """What a number is called, and what it does."""

    field: str
    name: str
    effect: str


def rows() -> tuple[RowWords, ...]:
    """All numbers in the order of the form."""
    return (*_choosing(), *_against_repeats())


def _choosing() -> tuple[RowWords, ...]:
    return (
        RowWords(
            "top_k",
            translate("sampling", "Top-k"),
            translate("sampling", "Chooses among so many of the likeliest words; 0 is all."),
        ),
        RowWords(
            "top_p",
            translate("sampling", "Top-p"),
            translate("sampling", "Keeps the likeliest words up to this share together."),
        ),
        RowWords(
            "min_p",
            translate("sampling", "Min-p"),
            translate("sampling", "Drops words below this share of the likeliest one."),
        ),
        RowWords(
            "typical_p",
            translate("sampling", "Typical-p"),
            translate("sampling", "Drops words that surprise too much or too little; 1 is off."),
        ),
    )


def _against_repeats() -> tuple[RowWords, ...]:
    return (
        RowWords(
            "repetition_penalty",
            translate("sampling", "Repetition penalty"),
            translate("sampling", "Makes words that were used lately rarer; 1 is off."),
        ),
        RowWords(
            "frequency_penalty",
            translate("sampling", "Frequency penalty"),
            translate("sampling", "The more often a word was used, the rarer; 0 is off."),
        ),
        RowWords(
            "presence_penalty",
            translate("sampling", "Presence penalty"),
            translate("sampling", "Leads on to words that were not used yet; 0 is off."),
        ),
        RowWords(
            "dry_multiplier",
            translate("sampling", "DRY"),
            translate("sampling", "Keeps whole phrases from coming again; 0.8 is usual, 0 off."),
        ),
        RowWords(
            "dry_base",
            translate("sampling", "DRY growth"),
            translate("sampling", "How much harder longer repeats are punished."),
        ),
        RowWords(
            "dry_allowed_length",
            translate("sampling", "DRY from length"),
            translate("sampling", "Repeats up to so many tokens are free."),
        ),
        RowWords(
            "xtc_probability",
            translate("sampling", "XTC"),
            translate("sampling", "How often the likeliest words are passed over; 0 is off."),
        ),
        RowWords(
            "xtc_threshold",
            translate("sampling", "XTC threshold"),
            translate("sampling", "Passes over words that are at least this likely."),
        ),
    )


class ResetButton(IconButton):
    """Puts one field back to what the settings say; there only while it differs."""

    def __init__(self, theme: Theme, name: str, field: str, change: Callable[..., None]) -> None:
        words = translate("sampling", "Reset: {name}").format(name=name)
        super().__init__(theme, "rotate-ccw", words, side=_RESET)
        self._field = field
        self._default: Any = None
        keeps_room = self.sizePolicy()
        keeps_room.setRetainSizeWhenHidden(True)
        self.setSizePolicy(keeps_room)
        self.clicked.connect(lambda: change(**{field: self._default}))

    def show_values(self, sampling: SamplingParameters, defaults: SamplingParameters) -> None:
        """Whether there is anything to put back."""
        self._default = getattr(defaults, self._field)
        self.setVisible(getattr(sampling, self._field) != self._default)


class NumberRow(QWidget):
    """Name and effect, the number, and a button that puts back what the settings say."""

    def __init__(self, theme: Theme, words: RowWords, change: Callable[..., None]) -> None:
        super().__init__()
        self._theme, self.field_name = theme, words.field
        self._change = change
        self._limits = limits = LIMITS[words.field]
        self.field = NumberField(
            theme, words.name, low=limits.low, high=limits.high, step=limits.step,
            decimals=limits.decimals, slider=False,
        )  # fmt: skip
        self.reset = ResetButton(theme, words.name, words.field, change)
        self.field.edited.connect(self._edited)
        self._layout = line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(Label(theme, words.name))
        texts.addWidget(Label(theme, words.effect, size=TEXT_SMALL, ink="muted", wrap=True))
        line.addLayout(texts, 1)
        line.addWidget(self.field, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_values(self, sampling: SamplingParameters, defaults: SamplingParameters) -> None:
        """Show the number, and whether it can be put back; without a signal."""
        self.field.set_value(getattr(sampling, self.field_name))
        self.reset.show_values(sampling, defaults)

    def _edited(self, value: float) -> None:
        decimals = self._limits.decimals
        self._change(**{self.field_name: round(value) if decimals == 0 else round(value, decimals)})

    def _restyle(self) -> None:
        self._layout.setSpacing(self._theme.px(4))
