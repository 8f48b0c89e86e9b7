"""A sentence with verbs that stays in the page for as long as it is true."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from ui.data.view import CardView
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.styling import set_style
from ui.widgets.surface import Surface

_PAD, _GAP, _ICON, _BESIDE_FROM = 16, 8, 16, 560
_ICONS = {"good": "circle-check", "warning": "triangle-alert", "bad": "circle-alert"}


class NoticeCard(Surface):
    """``asked``: the key of a verb. Hidden while there is nothing to say."""

    asked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("warning", parent)
        self._theme = theme
        self._view: CardView | None = None
        self._width = 0
        self._icon = Label(theme, parent=self)
        self._label = Label(theme, wrap=True, parent=self)
        self._label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.buttons: list[TextButton] = []
        self.hide()
        theme.changed.connect(self._restyle)

    @property
    def text(self) -> str:
        """The sentence shown, or ""."""
        return self._label.text() if self._view else ""

    def show_card(self, view: CardView | None) -> None:
        """Say this; None has nothing to say."""
        if view == self._view:
            return
        self._view = view
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = []
        if view is not None:
            self._label.setText(view.text)
            self.setAccessibleName(view.text)
            for key, words in view.verbs:
                button = TextButton(self._theme, words, parent=self)
                button.clicked.connect(lambda _=False, key=key: self.asked.emit(key))
                button.show()
                self.buttons.append(button)
            self._restyle()
        self.setVisible(view is not None)

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels, and the height that the sentence needs."""
        self._width = width
        px, step = self._theme.px, self._theme.px(GRID)
        pad, gap, control = px(_PAD), px(_GAP), px(CONTROL_HEIGHT)
        widths = [button.sizeHint().width() for button in self.buttons]
        verbs = sum(widths) + gap * max(0, len(widths) - 1)
        beside = width >= px(_BESIDE_FROM) and verbs <= width // 2
        left = pad + px(_ICON) + gap
        room = width - left - pad - (verbs + gap if beside and verbs else 0)
        tall = -(-max(control, self._label.heightForWidth(room)) // step) * step
        self._icon.setGeometry(pad, px(12), px(_ICON), tall)
        self._label.setGeometry(left, px(12), room, tall)
        x, y = (
            (width - pad - verbs, px(12) + (tall - control) // 2)
            if beside
            else (left, px(12) + tall + gap)
        )
        for button, wide in zip(self.buttons, widths, strict=True):
            if not beside and x > left and x + wide > width - pad:
                x, y = left, y + control + gap
            button.setGeometry(x // step * step, y, wide, control)
            x += wide + gap
        bottom = y + control if self.buttons and not beside else px(12) + tall
        self.setFixedSize(width, -(-(bottom + px(12)) // step) * step)

    def _restyle(self) -> None:
        if self._view is None:
            return
        level = self._view.level
        icon = self._theme.icon(_ICONS[level], getattr(self._theme.colors, level))
        side = self._theme.px(_ICON)
        self._icon.setPixmap(icon.pixmap(side, side))
        set_style(self, surface=level)
        if self._width:
            self.set_column(self._width)
