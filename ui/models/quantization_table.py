"""A model's quantizations: headings, those that run here, and the others folded below."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from ui.models.folded_row import FoldedRow
from ui.models.place_bar import BarPainter
from ui.models.quantization_view import WIDTHS, QuantizationView, shape_for
from ui.models.view import QuantizationRow
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Line, Surface

_HEAD, _PAD = 32, 12


class QuantizationTable(Surface):
    """Rows keep their places from the first estimate on.

    Signals:
        fetch_requested(str), chat_requested(str): key of a row.
        progress_requested: a row's download is on its way; show it.
        height_changed: it needs ``set_column`` again.
    """

    fetch_requested = Signal(str)
    chat_requested = Signal(str)
    progress_requested = Signal()
    height_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._bars = BarPainter(theme, self)
        self.rows: list[QuantizationView] = []
        self.folded: list[FoldedRow] = []
        self._is_open = False
        self._headings = [
            Label(theme, words, size=TEXT_SMALL, ink="muted", parent=self)
            for words in (
                self.tr("Quantization"),
                self.tr("Size"),
                self.tr("Where it goes"),
                self.tr("Speed"),
                self.tr("Most context"),
                self.tr("Disk free after"),
            )
        ]
        for number, label in enumerate(self._headings):
            side = Qt.AlignmentFlag.AlignLeft if number in (0, 2) else Qt.AlignmentFlag.AlignRight
            label.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        self._line = Line(theme, self)
        self.fold = TextButton(theme, "", look="quiet", icon="chevron-right", parent=self)
        self.fold.clicked.connect(self._toggle)
        self.fold.hide()

    def show_rows(self, rows: Sequence[QuantizationRow], recommended: str) -> None:
        """Show these in this order; those with a reason are folded below the others."""
        running = [row for row in rows if not row.reason]
        others = [row for row in rows if row.reason]
        while len(self.rows) < len(running):
            self.rows.append(self._make_row())
        while len(self.rows) > len(running):
            self._drop(self.rows.pop())
        for view, row in zip(self.rows, running, strict=True):
            view.show_row(row, is_recommended=row.key == recommended)
        while len(self.folded) < len(others):
            made = FoldedRow(self._theme, self)
            made.fetch_requested.connect(self.fetch_requested)
            self.folded.append(made)
        while len(self.folded) > len(others):
            self._drop(self.folded.pop())
        for folded, row in zip(self.folded, others, strict=True):
            folded.show_row(row)
        self._show_fold()

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels and the height of what is shown."""
        px = self._theme.px
        is_wide = shape_for(self._theme, width) == "wide"
        y = self._arrange_head() if is_wide else 0
        for label in self._headings:
            label.setVisible(is_wide)
        self._line.setVisible(is_wide)
        self._line.setGeometry(0, px(_HEAD) - 1, width, 1)
        for row in self.rows:
            row.set_column(width)
            row.move(0, y)
            y += row.height()
        if self.folded:
            y += px(8)
            wide = min(self.fold.sizeHint().width(), width)
            self.fold.setGeometry(0, y, wide, px(CONTROL_HEIGHT))
            y += px(CONTROL_HEIGHT + 4)
            for folded in self.folded:
                folded.set_column(width)
                folded.move(0, y)
                y += folded.height() if self._is_open else 0
        self.setFixedSize(width, y)

    def _make_row(self) -> QuantizationView:
        made = QuantizationView(self._theme, self._bars, self)
        made.fetch_requested.connect(self.fetch_requested)
        made.chat_requested.connect(self.chat_requested)
        made.progress_requested.connect(self.progress_requested)
        made.show()
        if len(self.rows):
            QWidget.setTabOrder(self.rows[-1].button, made.button)
        return made

    def _drop(self, row: QWidget) -> None:
        row.hide()
        row.deleteLater()

    def _show_fold(self) -> None:
        count = len(self.folded)
        text = (
            self.tr("1 more does not run here")
            if count == 1
            else self.tr("{count} more do not run here")
        )
        self.fold.setText(text.format(count=count))
        self.fold.setVisible(count > 0)
        self.fold.set_icon_name("chevron-down" if self._is_open else "chevron-right")
        for folded in self.folded:
            folded.setVisible(self._is_open)

    def _toggle(self) -> None:
        self._is_open = not self._is_open
        self._show_fold()
        self.height_changed.emit()

    def _arrange_head(self) -> int:
        px = self._theme.px
        x = 0
        for number, label in enumerate(self._headings):
            pad = px(_PAD) if number in (0, 2) else 0
            label.setGeometry(px(x) + pad, 0, px(WIDTHS[number]) - (pad or px(8)), px(_HEAD) - 1)
            x += WIDTHS[number]
        return px(_HEAD)
