"""Under an answer, on demand: how it came about, one row for each thing that is known."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.chat.answer_words import Row
from ui.theme.theme import Theme
from ui.theme.tokens import RADIUS, TEXT_SMALL
from ui.widgets.buttons import IconButton
from ui.widgets.labels import Label

_LABELS = 120
_PAD_SIDE, _PAD = 12, 8
_ROW = 20
_CLOSE = 28


class DetailsView(QWidget):
    """A quiet card in the column, so that nothing is covered.

    Signals:
        close_clicked(): it shall go away.
    """

    close_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: list[Row] = []
        self._rows: list[tuple[Label, Label]] = []
        self.close_button = IconButton(
            theme, "x", self.tr("Hide details"), side=_CLOSE, parent=self
        )
        self.close_button.clicked.connect(self.close_clicked)
        self.setAccessibleName(self.tr("Details of the answer"))

    @property
    def rows(self) -> list[Row]:
        """What is shown."""
        return list(self._shown)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show ``rows`` in place of the last ones."""
        if list(rows) == self._shown:
            return
        self._shown = list(rows)
        for pair in self._rows:
            for label in pair:
                label.hide()
                label.deleteLater()
        self._rows = [
            (self._label(name, "muted"), self._label(words, "text")) for name, words in rows
        ]
        told = [self.tr("{name}: {words}").format(name=name, words=words) for name, words in rows]
        self.setAccessibleDescription("\n".join(told))

    def arrange(self, width: int) -> int:
        """Lay out for ``width``; return the height that is needed."""
        px = self._theme.px
        left, room = px(_PAD_SIDE), px(_LABELS)
        wide = width - left - room - px(_CLOSE) - px(_PAD_SIDE)
        y = px(_PAD)
        for name, words in self._rows:
            height = -(-max(px(_ROW), words.heightForWidth(wide)) // px(4)) * px(4)
            name.setGeometry(left, y, room, px(_ROW))
            words.setGeometry(left + room, y, wide, height)
            y += height
        side = self.close_button.width()
        self.close_button.move(width - side - px(4), px(4))
        return max(y + px(_PAD), side + px(8))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes away."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_clicked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The card."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("raised"))
        radius = self._theme.px(RADIUS)
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)

    def _label(self, text: str, ink: str) -> Label:
        label = Label(
            self._theme, text, size=TEXT_SMALL, ink=ink, tabular=True, wrap=ink == "text",
            parent=self,
        )  # fmt: skip
        label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        if ink == "text":
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.show()
        return label
