"""One quantization of a model: its cells have fixed widths, so that "≈" becoming exact moves none.

Wide: one line, 44 high. Narrower: two lines. In the narrowest pages three.
"""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.amounts import file_size
from ui.chat.figures import percent
from ui.models.place_bar import BarPainter, PlaceBar
from ui.models.view import QuantizationRow
from ui.models.words import (
    UNKNOWN,
    context_words,
    joined,
    shares_words,
    speed_words,
    verdict_words,
)
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, RADIUS, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.surface import Surface
from ui.widgets.tooltips import plain_tooltip

WIDTHS = (112, 80, 296, 120, 96, 112, 152)
"""Quantization, size, where it goes, speed, context, free after, button: 968 together."""
WIDE_FROM, MEDIUM_FROM = 968, 600
_HEIGHTS = {"wide": 44, "medium": 72, "small": 112}
_BAR, _PAD, _BUTTON = 160, 12, 144
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def shape_for(theme: Theme, width: int) -> str:
    """How a row is laid out in ``width`` pixels."""
    if width >= theme.px(WIDE_FROM):
        return "wide"
    return "medium" if width >= theme.px(MEDIUM_FROM) else "small"


class QuantizationView(Surface):
    """Signals:
    fetch_requested(str), chat_requested(str): key of the row.
    progress_requested: its download is on its way; show it.
    """

    fetch_requested = Signal(str)
    chat_requested = Signal(str)
    progress_requested = Signal()

    def __init__(self, theme: Theme, bars: BarPainter, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._row: QuantizationRow | None = None
        self._is_recommended = False
        self._shape = "wide"
        self._label = ElidedLabel(theme, weight=QFont.Weight.Medium, parent=self)
        self._bits = ElidedLabel(theme, size=TEXT_SMALL, ink="muted", tabular=True, parent=self)
        self._size = Label(theme, tabular=True, parent=self)
        self._bar = PlaceBar(theme, bars, self)
        self._verdict = ElidedLabel(theme, size=TEXT_SMALL, parent=self)
        self._words = ElidedLabel(theme, size=TEXT_SMALL, ink="muted", parent=self)
        self._speed = Label(theme, tabular=True, parent=self)
        self._context = ElidedLabel(theme, tabular=True, parent=self)
        self._free = ElidedLabel(theme, tabular=True, parent=self)
        self.button = TextButton(theme, "", parent=self)
        for label in (self._size, self._speed):
            label.setAlignment(_RIGHT)
        for label in (self._label, self._bits, self._verdict, self._words):
            label.setAlignment(_LEFT)
        self.button.clicked.connect(self._ask)

    @property
    def key(self) -> str:
        """Of the quantization shown."""
        return self._row.key if self._row else ""

    def texts(self) -> tuple[str, ...]:
        """The cells' words, in the order of the headings."""
        return tuple(
            label.text()
            for label in (
                self._label, self._size, self._words, self._speed, self._context, self._free,
            )
        )  # fmt: skip

    def show_row(self, row: QuantizationRow, *, is_recommended: bool) -> None:
        """Show it."""
        if (row, is_recommended) == (self._row, self._is_recommended):
            return
        self._row, self._is_recommended = row, is_recommended
        place = row.place
        self._label.setText(row.label)
        self._bits.setText(self._bits_words())
        self._bits.setToolTip(self._bits_tooltip())
        self._bits.set_ink("accent" if is_recommended else "muted")
        self._size.setText(file_size(row.size_bytes))
        self._bar.show_place(place)
        self._verdict.setText(verdict_words(place.verdict) if place else "")
        is_bad = place is not None and place.verdict == "too_large"
        self._verdict.set_ink("bad" if is_bad else "text")
        waiting = "" if row.stage == "exact" else self.tr("being read…")
        self._words.setText(place.words if place else waiting)
        self._words.setToolTip(plain_tooltip(shares_words(place)) if place else "")
        self._speed.setText(speed_words(place))
        self._show_rest()
        self._show_button()
        self.setAccessibleName(
            joined(
                (row.label, file_size(row.size_bytes), place.words if place else "", *self._rest())
            )
        )
        self.update()

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels and the height that this needs."""
        self._shape = shape_for(self._theme, width)
        self.setFixedSize(width, self._theme.px(_HEIGHTS[self._shape]))
        self._show_rest()
        {"wide": self._arrange_wide, "medium": self._arrange_medium, "small": self._arrange_small}[
            self._shape
        ]()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The row to take is tinted; a hairline is below every row."""
        super().paintEvent(event)
        theme = self._theme
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("border"))
        if self._is_recommended:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("raised"))
            area = QRectF(0, 1, self.width(), self.height() - 3)
            painter.drawRoundedRect(area, theme.px(RADIUS), theme.px(RADIUS))

    # --- words -----------------------------------------------------------------------------

    def _bits_words(self) -> str:
        row = self._row
        if row is None:
            return ""
        if self._is_recommended:
            return self.tr("Recommended")
        text = self.tr("{bits} bits, vision") if row.sees_pictures else self.tr("{bits} bits")
        return text.format(bits=format(row.bits, ".1f")) if row.bits else ""

    def _bits_tooltip(self) -> str:
        row = self._row
        if row is None or not row.bits:
            return ""
        text = self.tr("{bits} bits for each weight").format(bits=format(row.bits, ".1f"))
        sees = self.tr("comes with the part that sees pictures") if row.sees_pictures else ""
        return joined((text, sees))

    def _rest(self) -> tuple[str, str]:
        row = self._row
        if row is None:
            return "", ""
        free = UNKNOWN
        if row.free_after_bytes is not None:
            free = (
                file_size(row.free_after_bytes)
                if row.free_after_bytes >= 0
                else self.tr("{size} short").format(size=file_size(-row.free_after_bytes))
            )
        return context_words(row.place), free

    def _show_rest(self) -> None:
        context, free = self._rest()
        is_wide = self._shape == "wide"
        self._context.setText(
            context if is_wide else self.tr("Context {size}").format(size=context)
        )
        is_short = self._row is not None and (self._row.free_after_bytes or 0) < 0
        text = self.tr("Disk: {size}") if is_short else self.tr("{size} of the disk free after")
        self._free.setText(free if is_wide else text.format(size=free))
        self._free.set_ink("bad" if is_short else "text" if is_wide else "muted")
        self._context.set_ink("text" if is_wide else "muted")
        for label in (self._context, self._free):
            label.setAlignment(_RIGHT if is_wide else _LEFT)

    def _show_button(self) -> None:
        row = self._row
        if row is None:
            return
        words = {
            "absent": self.tr("Download"),
            "coming": self.tr("Downloading {share}").format(share=percent(row.progress)),
            "here": self.tr("Chat"),
        }[row.fetch]
        self.button.setText(words)
        self.button.setAccessibleName(joined((words, row.label, file_size(row.size_bytes))))
        self.button.setVisible(row.fetch != "absent" or row.can_download)

    def _ask(self) -> None:
        if self._row is None:
            return
        if self._row.fetch == "here":
            self.chat_requested.emit(self._row.key)
        elif self._row.fetch == "coming":
            self.progress_requested.emit()
        else:
            self.fetch_requested.emit(self._row.key)

    # --- placing ---------------------------------------------------------------------------

    def _arrange_wide(self) -> None:
        px = self._theme.px
        edges = [sum(WIDTHS[:number]) for number in range(len(WIDTHS))]
        pad, tall = px(_PAD), px(44)
        self._place_label(pad, px(WIDTHS[0]) - pad)
        self._size.setGeometry(px(edges[1]), 0, px(WIDTHS[1] - 8), tall)
        self._place_where(px(edges[2]) + pad, px(WIDTHS[2]) - pad, px(4))
        for label, number in ((self._speed, 3), (self._context, 4), (self._free, 5)):
            label.setGeometry(px(edges[number]), 0, px(WIDTHS[number] - 8), tall)
        self._place_button(px(6))

    def _arrange_medium(self) -> None:
        px = self._theme.px
        pad = px(_PAD)
        self._place_label(pad, px(WIDTHS[0]) - pad)
        self._size.setGeometry(px(112), px(2), px(72), px(20))
        speed = self.width() - px(_BUTTON + 16 + 112)
        left = px(112 + 80) + pad
        self._place_where(left, speed - left, px(4))
        self._speed.setGeometry(speed, px(2), px(112), px(20))
        self._context.setGeometry(left, px(44), px(120), px(20))
        self._free.setGeometry(left + px(128), px(44), self.width() - left - px(136), px(20))
        self._place_button(px(6))

    def _arrange_small(self) -> None:
        px = self._theme.px
        pad, end = px(_PAD), self.width() - px(_BUTTON + 16)
        self._place_label(pad, px(112))
        self._size.setGeometry(px(112), px(2), max(px(8), end - px(116)), px(20))
        self._speed.setGeometry(px(112), px(22), max(px(8), end - px(116)), px(20))
        self._place_where(pad, self.width() - 2 * pad, px(44))
        self._context.setGeometry(pad, px(86), px(112), px(20))
        self._free.setGeometry(pad + px(120), px(86), self.width() - pad - px(128), px(20))
        self._place_button(px(6))

    def _place_label(self, left: int, width: int) -> None:
        px = self._theme.px
        self._label.setGeometry(left, px(3), width, px(20))
        self._bits.setGeometry(left, px(22), width, px(18))

    def _place_where(self, left: int, width: int, top: int) -> None:
        """The bar with its verdict, and the words below both."""
        px = self._theme.px
        bar = min(px(_BAR), width * 3 // 5)
        self._bar.setGeometry(left, top, bar, px(18))
        self._verdict.setGeometry(left + bar + px(8), top, max(px(8), width - bar - px(8)), px(18))
        self._words.setGeometry(left, top + px(18), max(px(8), width), px(18))

    def _place_button(self, top: int) -> None:
        px = self._theme.px
        wide = px(_BUTTON)
        self.button.setGeometry(self.width() - wide, top, wide, px(CONTROL_HEIGHT))
