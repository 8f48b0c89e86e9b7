"""How answers are chosen: two plain controls, the rest under "More"."""

from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.engine.entities import SamplingParameters
from app.library.model_hints import RecommendedSampling
from ui.chat.figures import grouped
from ui.chat.recommended_line import RecommendedLine
from ui.chat.sampling_rows import NumberRow, ResetButton, rows
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.choice import Choice
from ui.widgets.fields import LineField
from ui.widgets.labels import Label, Weight
from ui.widgets.number_field import BESIDE_SLIDER, NumberField
from ui.widgets.switch import Switch

_LENGTHS = (256, 1024, 4096)
_LARGEST_SEED = 2**32 - 2
_NOT_STYLE = ("thinking", "thinking_budget", "json_schema")


class SamplingForm(QWidget):
    """Signals: changed(object): SamplingParameters, or None for "follow the settings"."""

    changed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sampling = self._defaults = SamplingParameters()
        self._recommended: RecommendedSampling | None = None
        self.numbers: list[NumberRow] = []
        self.resets: dict[str, ResetButton] = {}
        """Of the fields that are no numbers in rows, by the field's name."""
        self._show: list[Callable[[SamplingParameters], None]] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(
            Label(theme, self.tr("Answer style"), size=TEXT_INTERFACE, weight=Weight.DemiBold)
        )
        self._build_basic()
        self.recommended = RecommendedLine(theme, lambda each: self.change(**dict(each.values)))
        self._layout.addWidget(self.recommended)
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
        self._reset.clicked.connect(self._reset_all)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.set_sampling(self._sampling)

    def set_sampling(self, sampling: SamplingParameters) -> None:
        """Show ``sampling``, without a signal."""
        self._sampling = sampling
        for show in self._show:
            show(sampling)
        for row in self.numbers:
            row.show_values(sampling, self._defaults)
        for reset in self.resets.values():
            reset.show_values(sampling, self._defaults)
        self.recommended.show_recommended(self._recommended, sampling)

    def set_defaults(self, defaults: SamplingParameters) -> None:
        """What the settings say, and "Reset" goes back to."""
        self._defaults = defaults
        self.set_sampling(self._sampling)

    def set_recommended(self, recommended: RecommendedSampling | None) -> None:
        """What the makers of the model recommend; None when that is not known."""
        self._recommended = recommended
        self.recommended.show_recommended(recommended, self._sampling)

    def _reset_all(self) -> None:
        """Back to the settings, but for what is no matter of style: thinking and the schema."""
        kept = {name: getattr(self._sampling, name) for name in _NOT_STYLE}
        follows = msgspec.structs.replace(self._defaults, **kept)
        self.set_sampling(follows)
        self.changed.emit(None if follows == self._defaults else follows)

    def _build_basic(self) -> None:
        name = self.tr("Temperature")
        self.temperature = NumberField(self._theme, name, low=0.0, high=2.0, step=0.05, decimals=2)
        self._layout.addLayout(self._named(name, "temperature"))
        self._layout.addWidget(self.temperature)
        self._ends = ends = QHBoxLayout()
        ends.addWidget(Label(self._theme, self.tr("careful"), size=TEXT_SMALL, ink="muted"))
        ends.addStretch(1)
        ends.addWidget(Label(self._theme, self.tr("inventive"), size=TEXT_SMALL, ink="muted"))
        self._layout.addLayout(ends)
        self.temperature.edited.connect(lambda value: self.change(temperature=round(value, 2)))
        self._show.append(lambda each: self.temperature.set_value(each.temperature))
        name = self.tr("Longest answer")
        choices: list[tuple[Any, str]] = [(None, self.tr("As long as it takes"))]
        choices += [
            (count, self.tr("{count} tokens").format(count=grouped(count))) for count in _LENGTHS
        ]
        self.length = Choice(self._theme, name, choices)
        self.length.chosen.connect(lambda value: self.change(max_tokens=value))
        self._show.append(self._show_length)
        self._layout.addSpacing(self._theme.px(8))
        self._layout.addLayout(self._named(name, "max_tokens"))
        self._layout.addWidget(self.length)
        self._layout.addSpacing(self._theme.px(4))

    def _named(self, name: str, field: str) -> QHBoxLayout:
        """The name above a field, and its way back."""
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(Label(self._theme, name))
        line.addStretch(1)
        line.addWidget(self._reset_of(name, field))
        return line

    def _reset_of(self, name: str, field: str) -> ResetButton:
        reset = self.resets[field] = ResetButton(self._theme, name, field, self.change)
        return reset

    def _show_length(self, sampling: SamplingParameters) -> None:
        count = sampling.max_tokens
        words = self.tr("{count} tokens").format(count=grouped(count)) if count else ""
        self.length.set_value(count, words)

    def _build_more(self) -> None:
        self._more_layout = layout = QVBoxLayout(self.more)
        layout.setContentsMargins(0, 0, 0, 0)
        for words in rows():
            row = NumberRow(self._theme, words, self.change)
            self.numbers.append(row)
            layout.addWidget(row)
        layout.addLayout(self._guard_row())
        self.seed = self._text_row(
            layout, "seed", self.tr("Seed"), self.tr("empty = another each time"), self._seed_edited
        )
        self._show.append(
            lambda each: self.seed.setText("" if each.seed is None else str(each.seed))
        )
        self.stop = self._text_row(
            layout, "stop", self.tr("Stop at"), self.tr("words, separated by |"), self._stop_edited
        )
        self._show.append(lambda each: self.stop.setText(" | ".join(each.stop)))

    def _guard_row(self) -> QHBoxLayout:
        name = self.tr("Loop guard")
        self.guard = Switch(self._theme, name)
        self.guard.clicked.connect(lambda on: self.change(loop_guard=on))
        self._show.append(lambda each: self.guard.setChecked(each.loop_guard))
        effect = self.tr("Ends an answer that repeats itself word for word, again and again.")
        return self._line(name, effect, self.guard, "loop_guard")

    def _line(self, name: str, effect: str, field: QWidget, of: str) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(self._theme.px(8))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(self._theme, name))
        words.addWidget(Label(self._theme, effect, size=TEXT_SMALL, ink="muted", wrap=True))
        line.addLayout(words, 1)
        line.addWidget(field, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self._reset_of(name, of), 0, Qt.AlignmentFlag.AlignVCenter)
        return line

    def _text_row(
        self, layout: QVBoxLayout, of: str, name: str, effect: str, edited: Callable[[], None]
    ) -> LineField:
        field = LineField(self._theme, name)
        field.setFixedWidth(self._theme.px(96))
        field.editingFinished.connect(edited)
        layout.addLayout(self._line(name, effect, field, of))
        return field

    def _seed_edited(self) -> None:
        digits = self.seed.text().strip()
        valid = digits.isascii() and digits.isdigit() and int(digits) <= _LARGEST_SEED
        seed = int(digits) if valid else None
        self.seed.setText("" if seed is None else str(seed))
        self.change(seed=seed)

    def _stop_edited(self) -> None:
        words = (each.strip() for each in self.stop.text().split("|"))
        self.change(stop=tuple(each for each in words if each))

    def change(self, **changes: Any) -> None:
        """Choose something; who listens is told when that is another sampling."""
        changed = msgspec.structs.replace(self._sampling, **changes)
        if changed != self._sampling:
            self.set_sampling(changed)
            self.changed.emit(changed)

    def _unfold(self, open_: bool) -> None:
        self.more.setVisible(open_)
        self._more_button.set_icon_name("chevron-down" if open_ else "chevron-right")

    def _restyle(self) -> None:
        self._layout.setSpacing(self._theme.px(8))
        self._more_layout.setSpacing(self._theme.px(12))
        # The words stand under the ends of the slider, not under the number beside it.
        self._ends.setContentsMargins(0, 0, self._theme.px(BESIDE_SLIDER), 0)
