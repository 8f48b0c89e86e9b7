"""What would be sent to the model, counted part by part, and what happens when it is full."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from app.chat.context import ContextReport
from app.history.entities import Overflow
from ui.chat.figures import grouped
from ui.context.words import CHOICES, Row, choice_words, part_rows, reading_words
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.choice import Choice
from ui.widgets.labels import Label
from ui.widgets.popover import Popover

_WIDTH, _PAD, _ROW = 360, 16, 24


class PartsPopover(Popover):
    """Opens over the meter.

    Signals:
        overflow_chosen(Overflow): what this conversation shall do when its context is full.
        prompt_requested(): show the prompt as the model would be given it.
    """

    overflow_chosen = Signal(object)
    prompt_requested = Signal()

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(theme, self.tr("What is in the context"), window)
        self._title = Label(theme, size=TEXT_INTERFACE, wrap=True)
        self._reading = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True)
        self._rows = QGridLayout()
        self._labels: list[tuple[Label, Label]] = []
        self._shown: list[Row] = []
        self._when = Label(theme, self.tr("When it is full"), size=TEXT_SMALL, ink="muted")
        choices = [(each, choice_words(each)) for each in CHOICES]
        self.choice = Choice(theme, self.tr("When the context is full"), choices)
        # Qt keeps the value as plain text.
        self.choice.chosen.connect(lambda value: self.overflow_chosen.emit(Overflow(value)))
        self.prompt = TextButton(theme, self.tr("What the model will see…"), look="quiet")
        self.prompt.clicked.connect(self.prompt_requested)
        self.body.addWidget(self._title)
        self.body.addLayout(self._rows)
        self.body.addWidget(self._reading)
        self.body.addWidget(self._when)
        self.body.addWidget(self.choice)
        self.body.addWidget(self.prompt)
        self._rows.setColumnStretch(0, 1)

    @property
    def rows(self) -> list[Row]:
        """What is shown, part by part."""
        return list(self._shown)

    def show_report(self, report: ContextReport | None, overflow: Overflow) -> None:
        """Show ``report``; None says that a model must be loaded to count."""
        self.choice.set_value(overflow)
        self.prompt.setVisible(report is not None)
        if report is None:
            self._title.setText(self.tr("Tokens are counted once a model is loaded."))
            self._reading.setText("")
            self._show_rows([])
            return
        self._title.setText(
            self.tr("The next message takes {used} of {window} tokens.").format(
                used=grouped(report.prompt_tokens), window=grouped(report.context_tokens)
            )
        )
        words = self.tr("Of these the model has yet to read {reading}.")
        reading = reading_words(report.to_read, report.read_seconds)
        self._reading.setText(words.format(reading=reading))
        self._show_rows(part_rows(report))

    def open_above(self, anchor: QWidget) -> None:
        """Appear over the meter, as high as what is in it."""
        px = self._theme.px
        pad = px(_PAD)
        self.body.setContentsMargins(pad, pad, pad, pad)
        self.body.setSpacing(px(8))
        self._reading.setVisible(bool(self._reading.text()))
        self.body.activate()
        width = px(_WIDTH)
        height = self.card.heightForWidth(width)
        height = height if height > 0 else self.card.sizeHint().height()
        step = px(8)
        self.open_at(anchor, QSize(width, -(-height // step) * step), above=True)
        self.choice.setFocus(Qt.FocusReason.PopupFocusReason)

    def _show_rows(self, rows: list[Row]) -> None:
        if rows == self._shown:
            return
        self._shown = rows
        for pair in self._labels:
            for old in pair:
                self._rows.removeWidget(old)
                old.hide()
                old.deleteLater()
        self._labels = []
        for number, (name, count) in enumerate(rows):
            left = Label(self._theme, name, size=TEXT_INTERFACE, parent=self.card)
            right = Label(self._theme, count, size=TEXT_INTERFACE, tabular=True, parent=self.card)
            right.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column, label in enumerate((left, right)):
                label.setFixedHeight(self._theme.px(_ROW))
                self._rows.addWidget(label, number, column)
                label.show()
            self._labels.append((left, right))
