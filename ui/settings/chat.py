"""Chat: how answers are chosen, for every chat that has no settings of its own."""

from typing import Any

import msgspec
from PySide6.QtCore import Signal

from app.engine.entities import SamplingParameters
from app.settings.schema import Settings
from ui.settings.rows import SettingsGroup
from ui.theme.theme import Theme
from ui.widgets.buttons import TextButton
from ui.widgets.choice import Choice
from ui.widgets.number_field import NumberField
from ui.widgets.switch import Switch

_LENGTHS = (256, 512, 1024, 2048, 4096, 8192)


class ChatGroup(SettingsGroup):
    """``changed("sampling", SamplingParameters)``: the whole of it, with one part changed."""

    changed = Signal(str, object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.set_title(self.tr("Chat"))
        self._sampling = SamplingParameters()
        self._fields: dict[str, NumberField] = {}
        self._number(
            "temperature",
            self.tr("How inventive answers are"),
            self.tr("Temperature: 0 takes the likeliest word, above 1 surprises."),
            (0.0, 2.0, 0.05, 2),
        )
        self._length = Choice(
            theme,
            self.tr("Longest answer"),
            [
                (None, self.tr("as long as it takes")),
                *((n, self.tr("{count:,} tokens").format(count=n)) for n in _LENGTHS),
            ],
        )
        self.add_row(
            self.tr("Longest answer"),
            self.tr("An answer that reaches this length stops there."),
            self._length,
        )
        self._number(
            "top_p",
            self.tr("Leave out unlikely words"),
            self.tr("Top-p: keeps the likeliest that together reach this share."),
            (0.05, 1.0, 0.05, 2),
        )
        self._number(
            "min_p",
            self.tr("Leave out words far behind the first"),
            self.tr("Min-p: those below this share of the likeliest are left out."),
            (0.0, 0.5, 0.01, 2),
        )
        self._number(
            "top_k",
            self.tr("Words to choose from"),
            self.tr("Top-k: 0 sets no limit."),
            (0, 200, 1, 0),
        )
        self._number(
            "repetition_penalty",
            self.tr("Avoid repeating"),
            self.tr("Repetition penalty: 1 does nothing, 1.1 is noticeable."),
            (1.0, 1.5, 0.01, 2),
        )
        reset = TextButton(theme, self.tr("Reset"))
        self.add_row(
            self.tr("Back to how it came"),
            self.tr("Puts everything above back."),
            reset,
        )
        self._length.chosen.connect(lambda n: self._change("max_tokens", n))
        reset.clicked.connect(lambda: self.changed.emit("sampling", SamplingParameters()))
        self._add_titles()

    def _add_titles(self) -> None:
        self.titles = Switch(self._theme, self.tr("Titles by the model"))
        self.titles.clicked.connect(lambda on: self.changed.emit("automatic_titles", on))
        self.add_row(
            self.tr("Titles by the model"),
            self.tr("Asks the model for a title after the first answer of a chat."),
            self.titles,
        )

    def show_settings(self, settings: Settings) -> None:
        """Show these values, without a signal."""
        self._sampling = settings.sampling
        self.titles.setChecked(settings.automatic_titles)
        for name, field in self._fields.items():
            field.set_value(getattr(settings.sampling, name))
        tokens = settings.sampling.max_tokens
        self._length.set_value(tokens, self.tr("{count:,} tokens").format(count=tokens or 0))

    def _number(
        self, name: str, title: str, hint: str, scale: tuple[float, float, float, int]
    ) -> None:
        low, high, step, decimals = scale
        field = NumberField(self._theme, title, low=low, high=high, step=step, decimals=decimals)
        whole = decimals == 0
        field.edited.connect(lambda value: self._change(name, round(value) if whole else value))
        self._fields[name] = field
        self.add_row(title, hint, field)

    def _change(self, name: str, value: Any) -> None:
        self._sampling = msgspec.structs.replace(self._sampling, **{name: value})
        self.changed.emit("sampling", self._sampling)
