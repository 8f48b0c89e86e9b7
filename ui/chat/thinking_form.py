"""Whether the model thinks before it answers, and for how long; only what it can be told."""

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.engine.entities import SamplingParameters, ThinkingSupport
from ui.chat.figures import grouped
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.choice import Choice
from ui.widgets.labels import Label, Weight

_BUDGETS = (256, 1024, 4096)

Wish = tuple[str, int | None]
"""``SamplingParameters.thinking`` and its budget."""


class ThinkingForm(QWidget):
    """Hidden for a model that does not think aloud."""

    def __init__(self, theme: Theme, change: Callable[..., None]) -> None:
        super().__init__()
        self._theme, self._change = theme, change
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        name = self.tr("Thinking")
        heading = Label(theme, name, size=TEXT_INTERFACE, weight=Weight.DemiBold)
        self.choice = Choice(theme, name, [(("auto", None), self.tr("As the model is used to"))])
        heading.setBuddy(self.choice)
        self._note = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True)
        for widget in (heading, self.choice, self._note):
            layout.addWidget(widget)
        self.choice.chosen.connect(self._chosen)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.set_support(ThinkingSupport())

    def set_support(self, support: ThinkingSupport) -> None:
        """Offer what the model that answers can be told."""
        choices: list[tuple[Wish, str]] = [(("auto", None), self.tr("As the model is used to"))]
        if support.switch:
            choices.append((("on", None), self.tr("On")))
        if support.limit:
            choices += [
                (("auto", count), self.tr("At most {count} tokens").format(count=grouped(count)))
                for count in _BUDGETS
            ]
        if support.switch or support.limit:
            choices.append((("off", None), self.tr("Off: answers at once")))
        self.choice.set_options(choices)
        self.setVisible(len(choices) > 1)
        self._note.setText(
            self.tr("Thinking makes hard questions better and every answer slower.")
            if support.limit
            else self.tr("The model decides how long it thinks.")
        )

    def set_sampling(self, sampling: SamplingParameters) -> None:
        """Show what holds, without a signal."""
        wish = sampling.thinking, sampling.thinking_budget
        count = sampling.thinking_budget
        words = (
            self.tr("At most {count} tokens").format(count=grouped(count))
            if count is not None
            else sampling.thinking
        )
        self.choice.set_value(wish, words)

    def _chosen(self, wish: Wish) -> None:
        thinking, budget = wish
        self._change(thinking=thinking, thinking_budget=budget)

    def _restyle(self) -> None:
        self._layout.setSpacing(self._theme.px(8))
