"""A quantization that does not run here: its size, and the reason in a sentence."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.amounts import file_size
from ui.models.view import QuantizationRow
from ui.models.words import joined
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.surface import Surface

_HEIGHT, _LABEL, _SIZE, _PAD = 44, 112, 80, 12
_ONE_LINE_FROM = 600


class FoldedRow(Surface):
    """``fetch_requested(str)``: its key; somebody wants it all the same."""

    fetch_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._key = ""
        self._label = ElidedLabel(theme, ink="muted", parent=self)
        self._size = Label(theme, ink="muted", tabular=True, parent=self)
        self.reason = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True, parent=self)
        self.button = TextButton(theme, self.tr("Download anyway"), look="quiet", parent=self)
        for label in (self._label, self.reason):
            label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._size.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.button.clicked.connect(lambda: self.fetch_requested.emit(self._key))

    def show_row(self, row: QuantizationRow) -> None:
        """Show it."""
        self._key = row.key
        self._label.setText(row.label)
        self._size.setText(file_size(row.size_bytes))
        self.reason.setText(row.reason)
        self.button.setVisible(row.can_download)
        self.button.setAccessibleName(joined((self.button.text(), row.label)))
        self.setAccessibleName(joined((row.label, self._size.text(), row.reason)))

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels and the height that the reason needs."""
        px = self._theme.px
        pad, control, step = px(_PAD), px(CONTROL_HEIGHT), px(GRID)
        has_button = not self.button.isHidden()
        button = self.button.sizeHint().width() if has_button else 0
        line = px(_HEIGHT)
        self._label.setGeometry(pad, 0, px(_LABEL) - pad, line)
        self._size.setGeometry(px(_LABEL), 0, px(_SIZE - 8), line)
        if has_button:
            self.button.setGeometry(width - button, px(6), button, control)
        begin = px(_LABEL + _SIZE) + pad
        if width >= px(_ONE_LINE_FROM):
            room = width - begin - (button + pad if has_button else pad)
            tall = max(line, -(-(self.reason.heightForWidth(room) + px(8)) // step) * step)
            self.reason.setGeometry(begin, 0, room, tall)
        else:
            room = width - 2 * pad
            words = self.reason.heightForWidth(room)
            self.reason.setGeometry(pad, line, room, words)
            tall = -(-(line + words + px(8)) // step) * step
        self.setFixedSize(width, tall)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A hairline below."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.color("border"))
