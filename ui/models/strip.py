"""One sentence with at most one verb, at least 48 high: what to take, or what is wrong."""

from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.styling import set_style
from ui.widgets.surface import Surface

Kind = Literal["card", "good", "warning", "bad"]

_LEAST, _PAD, _ICON, _GAP = 48, 16, 16, 12
_WRAPS_BELOW = 480


class Strip(Surface):
    """Signals: ``chosen``, the verb. It keeps the geometry of ``set_column`` until asked again."""

    chosen = Signal()

    def __init__(
        self,
        theme: Theme,
        icon: str,
        *,
        weight: QFont.Weight = QFont.Weight.Normal,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("card", parent)
        self._theme, self._icon_name, self._ink = theme, icon, "muted"
        self._least_verb = 0
        self._icon = Label(theme, parent=self)
        self._label = Label(theme, weight=weight, wrap=True, parent=self)
        self._label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.button = TextButton(theme, "", parent=self)
        self.button.hide()
        self.button.clicked.connect(self.chosen)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def text(self) -> str:
        """The sentence."""
        return self._label.text()

    def reserve(self, width: int) -> None:
        """Keep so many pixels at 100 % for the verb, whatever it says."""
        self._least_verb = width

    def tell(
        self, kind: Kind, text: str, verb: str = "", *, look: str = "plain", icon: str = ""
    ) -> None:
        """Show a sentence; ``look`` is the button's. Geometry waits for ``set_column``."""
        self._icon_name = icon or self._icon_name
        set_style(self, surface=kind)
        self._ink = "muted" if kind == "card" else kind
        self._label.setText(text)
        self.setAccessibleName(text)
        self.button.setText(verb)
        self.button.setVisible(bool(verb))
        set_style(self.button, look=look)
        self._restyle()

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels and the height that the sentence needs."""
        px = self._theme.px
        step, pad, control = px(GRID), px(_PAD), px(CONTROL_HEIGHT)
        begin = pad + px(_ICON) + px(_GAP)
        is_narrow = width < px(_WRAPS_BELOW)
        has_verb = not self.button.isHidden()
        verb = max(self.button.sizeHint().width(), px(self._least_verb)) if has_verb else 0
        beside = 0 if is_narrow or not verb else verb + px(8) + px(_GAP)
        room = max(px(80), width - begin - (beside or pad))
        words = self._label.heightForWidth(room)
        least = px(_LEAST)
        tall = max(least, -(-(words + px(16)) // (2 * step)) * 2 * step)
        self._icon.setGeometry(pad, (min(tall, least) - px(_ICON)) // 2, px(_ICON), px(_ICON))
        self._label.setGeometry(begin, 0, room, tall)
        if is_narrow and verb:
            verb = min(verb, width - 2 * pad)
            self.button.setGeometry(begin // step * step, tall - px(4), verb, control)
            tall += control + px(8)
        elif verb:
            self.button.setGeometry(width - px(8) - verb, (tall - control) // 2, verb, control)
        self.setFixedSize(width, tall)

    def _restyle(self) -> None:
        side = self._theme.px(_ICON)
        color = str(getattr(self._theme.colors, self._ink))
        self._icon.setPixmap(self._theme.icon(self._icon_name, color).pixmap(side, side))
