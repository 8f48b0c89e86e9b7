"""How answers are chosen: two plain controls, the rest under "More"."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.engine.entities import SamplingParameters
from ui.chat.figures import grouped
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.choice import Choice
from ui.widgets.fields import LineField
from ui.widgets.labels import Label, Weight
from ui.widgets.number_field import BESIDE_SLIDER, NumberField

_LENGTHS = (256, 1024, 4096)
_LARGEST_SEED = 2**32 - 2


@dataclass(frozen=True, slots=True)
class _Row:
    """One number under "More"."""

    field: str
    name: str
    effect: str
    low: float
    high: float
    step: float
    decimals: int


class SamplingForm(QWidget):
    """Signals: changed(object): SamplingParameters, or None for "follow the settings"."""

    changed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sampling = SamplingParameters()
        self._show: list[Callable[[SamplingParameters], None]] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(
            Label(theme, self.tr("Answer style"), size=TEXT_INTERFACE, weight=Weight.DemiBold)
        )
        self._build_basic()
        self._more_button = TextButton(
            theme, self.tr("More"), look="flush", icon="chevron-right", size=TEXT_INTERFACE
        )
        self._more_button.setCheckable(True)
        self._reset = TextButton(theme, self.tr("Reset"), look="flush", size=TEXT_INTERFACE)
        self._reset.setToolTip(self.tr("Follow the settings again"))
        foot = QHBoxLayout()
        foot.addWidget(self._more_button)
        foot.addStretch(1)
        foot.addWidget(self._reset)
        self._layout.addLayout(foot)
        self.more = QWidget()
        self._build_more()
        self._layout.addWidget(self.more)
        self.more.hide()
        self._more_button.toggled.connect(self._unfold)
        self._reset.clicked.connect(lambda: self.changed.emit(None))
        theme.changed.connect(self._restyle)
        self._restyle()
        self.set_sampling(self._sampling)

    def set_sampling(self, sampling: SamplingParameters) -> None:
        """Show ``sampling``, without a signal."""
        self._sampling = sampling
        for show in self._show:
            show(sampling)

    def _build_basic(self) -> None:
        name = self.tr("Temperature")
        self.temperature = NumberField(self._theme, name, low=0.0, high=2.0, step=0.05, decimals=2)
        self._layout.addWidget(Label(self._theme, name))
        self._layout.addWidget(self.temperature)
        self._ends = ends = QHBoxLayout()
        ends.addWidget(Label(self._theme, self.tr("careful"), size=TEXT_SMALL, ink="muted"))
        ends.addStretch(1)
        ends.addWidget(Label(self._theme, self.tr("inventive"), size=TEXT_SMALL, ink="muted"))
        self._layout.addLayout(ends)
        self.temperature.edited.connect(lambda value: self._change(temperature=round(value, 2)))
        self._show.append(lambda each: self.temperature.set_value(each.temperature))
        name = self.tr("Longest answer")
        choices: list[tuple[Any, str]] = [(None, self.tr("As long as it takes"))]
        choices += [
            (count, self.tr("{count} tokens").format(count=grouped(count))) for count in _LENGTHS
        ]
        self.length = Choice(self._theme, name, choices)
        self.length.chosen.connect(lambda value: self._change(max_tokens=value))
        self._show.append(self._show_length)
        self._layout.addSpacing(self._theme.px(8))
        self._layout.addWidget(Label(self._theme, name))
        self._layout.addWidget(self.length)
        self._layout.addSpacing(self._theme.px(4))

    def _show_length(self, sampling: SamplingParameters) -> None:
        count = sampling.max_tokens
        words = self.tr("{count} tokens").format(count=grouped(count)) if count else ""
        self.length.set_value(count, words)

    def _rows(self) -> tuple[_Row, ...]:
        return (
            _Row("top_k", self.tr("Top-k"), self.tr("Words considered, 0 = all"), 0, 500, 1, 0),
            _Row("top_p", self.tr("Top-p"), self.tr("Share of probability kept"), 0, 1, 0.01, 2),
            _Row("min_p", self.tr("Min-p"), self.tr("Least share of the likeliest"), 0, 1, 0.01, 2),
            _Row(
                "repetition_penalty",
                self.tr("Repetition penalty"),
                self.tr("1 = none"),
                0.5,
                2,
                0.05,
                2,
            ),
            _Row(
                "frequency_penalty",
                self.tr("Frequency penalty"),
                self.tr("Against frequent words"),
                -2,
                2,
                0.1,
                1,
            ),
            _Row(
                "presence_penalty",
                self.tr("Presence penalty"),
                self.tr("Towards new words"),
                -2,
                2,
                0.1,
                1,
            ),
        )

    def _build_more(self) -> None:
        layout = QVBoxLayout(self.more)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._theme.px(16))
        for row in self._rows():
            field = NumberField(
                self._theme,
                row.name,
                low=row.low,
                high=row.high,
                step=row.step,
                decimals=row.decimals,
                slider=False,
            )
            self._bind(field, row)
            layout.addLayout(self._line(row.name, row.effect, field))
        self.seed = self._text_row(
            layout, self.tr("Seed"), self.tr("empty = another each time"), self._seed_edited
        )
        self._show.append(
            lambda each: self.seed.setText("" if each.seed is None else str(each.seed))
        )
        self.stop = self._text_row(
            layout, self.tr("Stop at"), self.tr("words, separated by |"), self._stop_edited
        )
        self._show.append(lambda each: self.stop.setText(" | ".join(each.stop)))

    def _bind(self, field: NumberField, row: _Row) -> None:
        def edited(value: float) -> None:
            number = round(value) if row.decimals == 0 else round(value, row.decimals)
            self._change(**{row.field: number})

        field.edited.connect(edited)
        self._show.append(lambda each: field.set_value(getattr(each, row.field)))

    def _line(self, name: str, effect: str, field: QWidget) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(self._theme.px(8))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(self._theme, name))
        words.addWidget(Label(self._theme, effect, size=TEXT_SMALL, ink="muted"))
        line.addLayout(words, 1)
        line.addWidget(field, 0, Qt.AlignmentFlag.AlignVCenter)
        return line

    def _text_row(
        self, layout: QVBoxLayout, name: str, effect: str, edited: Callable[[], None]
    ) -> LineField:
        field = LineField(self._theme, name)
        field.setFixedWidth(self._theme.px(96))
        field.editingFinished.connect(edited)
        layout.addLayout(self._line(name, effect, field))
        return field

    def _seed_edited(self) -> None:
        digits = self.seed.text().strip()
        valid = digits.isascii() and digits.isdigit() and int(digits) <= _LARGEST_SEED
        seed = int(digits) if valid else None
        self.seed.setText("" if seed is None else str(seed))
        self._change(seed=seed)

    def _stop_edited(self) -> None:
        words = (each.strip() for each in self.stop.text().split("|"))
        self._change(stop=tuple(each for each in words if each))

    def _change(self, **changes: Any) -> None:
        changed = msgspec.structs.replace(self._sampling, **changes)
        if changed != self._sampling:
            self._sampling = changed
            self.changed.emit(changed)

    def _unfold(self, open_: bool) -> None:
        self.more.setVisible(open_)
        self._more_button.set_icon_name("chevron-down" if open_ else "chevron-right")

    def _restyle(self) -> None:
        self._layout.setSpacing(self._theme.px(8))
        # The words stand under the ends of the slider, not under the number beside it.
        self._ends.setContentsMargins(0, 0, self._theme.px(BESIDE_SLIDER), 0)
