"""The engine: its version, whether it answers, and what it can compute with."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.computer.fact_row import FactRow
from ui.computer.section import Section
from ui.computer.view import BackendState, ComputerView
from ui.computer.words import answer_words, backend_title
from ui.theme.theme import Theme
from ui.widgets.buttons import TextButton

_INKS: dict[BackendState, str] = {"built_in": "good", "added": "good", "absent": "muted"}


class EngineSection(Section):
    """Signals: check_requested: the engine is to be asked again."""

    check_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "")
        self.heading.setText(self.tr("Engine"))
        self.check = TextButton(theme, self.tr("Check again"))
        self.test = FactRow(theme, self.check)
        self._version = FactRow(theme)
        self.column.addWidget(self.test)
        self.column.addWidget(self._version)
        self.check.clicked.connect(self.check_requested)
        theme.changed.connect(self._fit_button)
        self._fit_button()

    @property
    def buttons(self) -> tuple[QWidget, ...]:
        """In the order of the keyboard."""
        return (self.check,)

    def show_computer(self, view: ComputerView) -> None:
        """Show what the engine said and has."""
        self.test.set_words(self.tr("Self-test"), answer_words(view))
        self._version.set_words(self.tr("Version"), "", view.engine_version)
        states = {
            "built_in": self.tr("Built in"),
            "added": self.tr("Added"),
            "absent": self.tr("Not built in"),
        }
        rows = self.take_rows(len(view.backends))
        for row, backend in zip(rows, view.backends, strict=True):
            title, state = backend_title(backend.name), states[backend.state]
            row.set_words(title, backend.words, state, _INKS[backend.state])

    def set_asking(self, asking: bool) -> None:
        """Whether the engine is being asked."""
        self.check.setEnabled(not asking)

    def _fit_button(self) -> None:
        self.check.setFixedWidth(self._theme.px(136))
