"""A heading with rows of facts under it."""

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QVBoxLayout

from ui.computer.fact_row import FactRow
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_HEADING
from ui.widgets.labels import Label
from ui.widgets.surface import Surface


class Section(Surface):
    """Rows are kept and filled again, so that the keyboard stays where it is."""

    def __init__(self, theme: Theme, heading: str) -> None:
        super().__init__("clear")
        self._theme = theme
        self.rows: list[FactRow] = []
        self.heading = Label(theme, heading, size=TEXT_HEADING, weight=QFont.Weight.DemiBold)
        self.column = QVBoxLayout(self)
        self.column.addWidget(self.heading)
        theme.changed.connect(self._space)
        self._space()

    def take_rows(self, count: int) -> list[FactRow]:
        """As many rows as there are facts."""
        while len(self.rows) > count:
            row = self.rows.pop()
            self.column.removeWidget(row)
            row.deleteLater()
        while len(self.rows) < count:
            self.rows.append(FactRow(self._theme))
            self.column.addWidget(self.rows[-1])
        return self.rows

    def _space(self) -> None:
        self.column.setContentsMargins(0, self._theme.px(28), 0, 0)
        self.column.setSpacing(0)
        self.heading.setContentsMargins(0, 0, 0, self._theme.px(4))
