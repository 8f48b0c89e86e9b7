"""How much of the context is used, in the status line; pressing it shows what is in it."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, RADIUS, TEXT_SMALL
from ui.widgets.bar import Bar
from ui.widgets.buttons import Button
from ui.widgets.labels import Label

_NEARLY_FULL = 0.8
_BAR, _WORDS, _GAP, _SIDE = 80, 112, 12, 8


class MeterButton(Button):
    """A thin bar and two numbers; keeps its width whatever they are."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.bar = Bar(theme, width=_BAR, height=4, parent=self)
        self.words = Label(theme, size=TEXT_SMALL, ink="muted", tabular=True, parent=self)
        self.words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self.bar)
        self._layout.addWidget(self.words)
        self.show_tokens(0, 0)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_tokens(self, used: int, window: int, *, fits: bool = True) -> None:
        """Tokens used and tokens of the context (0: not known); red if it does not ``fit``."""
        share = used / window if window else 0.0
        ink = "accent" if share < _NEARLY_FULL else "warning"
        self.bar.set_value(share, ink if fits else "bad")
        self.words.set_ink("muted" if fits else "bad")
        text = self.tr("{used} of {window}").format(used=_short(used), window=_short(window))
        self.words.setText(text if window else "")
        told = self.tr("{used:,} of {window:,} tokens of the context are used").format(
            used=used, window=window
        )
        if window and not fits:
            told = self.tr("{told}; the next answer does not fit").format(told=told)
        elif window and share >= _NEARLY_FULL:
            told = self.tr("{told}; it is nearly full").format(told=told)
        self.words.setToolTip(told if window else "")
        self.setToolTip(told if window else "")
        self.setAccessibleName(told if window else self.tr("Context used"))
        self.setEnabled(bool(window))

    def sizeHint(self) -> QSize:
        """Always the same."""
        px = self._theme.px
        return QSize(px(_SIDE) + px(_BAR) + px(_GAP) + px(_WORDS), self.height())

    def minimumSizeHint(self) -> QSize:
        """Never less."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Only a ring when it has the keyboard, and a tint under the mouse."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inset = FOCUS_WIDTH / 2
        area = QRectF(self.rect()).adjusted(inset, inset + 1, -inset, -inset - 1)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.underMouse() and self.isEnabled():
            painter.setBrush(theme.color("hover"))
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), FOCUS_WIDTH))
        painter.drawRoundedRect(area, theme.px(RADIUS), theme.px(RADIUS))

    def _restyle(self) -> None:
        px = self._theme.px
        self._layout.setContentsMargins(px(_SIDE), 0, 0, 0)
        self._layout.setSpacing(px(_GAP))
        self.words.setFixedWidth(px(_WORDS))
        self.setFixedSize(px(_SIDE) + px(_BAR) + px(_GAP) + px(_WORDS), px(28))


def _short(tokens: int) -> str:
    """812, 3.1k, 16k; a k is 1,024 tokens, as in the names of context windows."""
    if tokens < 1024:
        return str(tokens)
    number = tokens / 1024
    return format(number, ".0f" if number >= 100 or tokens % 1024 == 0 else ".1f") + "k"
