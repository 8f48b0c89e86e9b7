"""How long a conversation may be: a few lengths with their prices, and the longest that fits."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from app.placement.entities import ContextPrice
from ui.placement.card import ChoiceCard
from ui.placement.option_row import OptionRow, keep_one_stop
from ui.placement.view import PlacementView
from ui.placement.words import price_words, tokens_short
from ui.theme.theme import Theme
from ui.widgets.buttons import TextButton


class ContextChoice(ChoiceCard):
    """Signals:
    chosen: the ``ContextPrice`` of a stop.
    longest_chosen: tokens of the longest context that fits.
    """

    chosen = Signal(object)
    longest_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, self.tr("Context"), parent)
        self._stops: tuple[ContextPrice, ...] = ()
        self._longest = 0
        self._group = QButtonGroup(self)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self.longest = TextButton(theme, "", look="quiet", icon="arrow-up")
        self.body.addLayout(self._rows)
        self.body.addWidget(self.longest, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)
        self._group.idClicked.connect(lambda number: self.chosen.emit(self._stops[number]))
        self.longest.clicked.connect(lambda: self.longest_chosen.emit(self._longest))

    @property
    def rows(self) -> tuple[OptionRow, ...]:
        """The stops, shortest first."""
        return tuple(
            row for number in range(len(self._stops))
            if isinstance(row := self._group.button(number), OptionRow)
        )  # fmt: skip

    def show_view(self, view: PlacementView) -> None:
        """Show a plan's stops, without a signal."""
        stops, own = view.context_stops, view.placement.plan.context_tokens
        if [each.context_tokens for each in stops] != [s.context_tokens for s in self._stops]:
            self._build(stops)
        self._stops = stops
        for number, stop in enumerate(stops):
            row = self._group.button(number)
            assert isinstance(row, OptionRow)
            full = price_words(stop, view)
            row.set_note(price_words(stop, view, short=True) or self.tr("chosen"), full)
            row.setChecked(stop.context_tokens == own)
        keep_one_stop(self.rows)
        self._longest = view.placement.longest_context
        text = self.tr("Longest that fits: {count}").format(count=tokens_short(self._longest))
        self.longest.setText(text)
        self.longest.setEnabled(0 < self._longest != own)
        # Where nothing fits, no length does.
        self.longest.setVisible(view.placement.verdict != "too_large")

    def _build(self, stops: tuple[ContextPrice, ...]) -> None:
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._rows.removeWidget(button)
            button.hide()
            button.deleteLater()
        for number, stop in enumerate(stops):
            row = OptionRow(self._theme, tokens_short(stop.context_tokens), beside=True)
            row.setAccessibleName(
                self.tr("Context {count} tokens").format(count=stop.context_tokens)
            )
            self._group.addButton(row, number)
            self._rows.addWidget(row)
        self.longest.raise_()  # for screen readers, who go by the order of widgets
