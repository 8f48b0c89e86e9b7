"""One sentence with one or two verbs, floating over the page so that nothing moves."""

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import GRID
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.focus import hide_and_pass_focus, holds_focus
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

Level = Literal["good", "warning", "bad"]
Action = tuple[str, Callable[[], None]]

_ICONS = {"good": "circle-check", "warning": "triangle-alert", "bad": "circle-alert"}
_WIDTH = 720
_GOOD_MS = 15_000
"""Good news goes by itself, since nobody has to do anything about it."""


class Banner(Surface):
    """Shown below the header until it is closed or one of its verbs is chosen."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__("card", parent)
        self.setProperty("floats", True)
        self._theme = theme
        self._level: Level = "good"
        self._top = 0
        self._icon = Label(theme)
        self._label = Label(theme, wrap=True)
        self._buttons: list[TextButton] = []
        self._close = IconButton(theme, "x", self.tr("Close"))
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self._icon)
        self._layout.addWidget(self._label, 1)
        self._layout.addWidget(self._close)
        self._close.clicked.connect(self.dismiss)
        self._enough = QTimer(self)
        self._enough.setSingleShot(True)
        self._enough.setInterval(_GOOD_MS)
        self._enough.timeout.connect(self._go)
        self.hide()
        theme.changed.connect(self._restyle)

    @property
    def text(self) -> str:
        """The sentence shown."""
        return self._label.text()

    def show_message(self, level: Level, text: str, actions: Sequence[Action] = ()) -> None:
        """Show ``text`` with up to two verbs; choosing one closes the banner."""
        for button in self._buttons:
            self._layout.removeWidget(button)
            button.deleteLater()
        self._buttons = []
        self._level = level
        self._label.setText(text)
        self.setAccessibleName(text)
        for words, call in actions:
            button = TextButton(self._theme, words, parent=self)
            button.clicked.connect(lambda _=False, call=call: self._choose(call))
            self._layout.insertWidget(self._layout.count() - 1, button)
            self._buttons.append(button)
        self._restyle()
        self.show()
        self._enough.stop()
        if level == "good":
            self._enough.start()
        self.place(self._top)
        self.raise_()

    def _go(self) -> None:
        """Unless somebody is at it."""
        if self.underMouse() or holds_focus(self):
            self._enough.start()
        else:
            self.dismiss()

    def dismiss(self) -> None:
        """Disappear."""
        self._enough.stop()
        hide_and_pass_focus(self, self.parentWidget())

    def place(self, top: int) -> None:
        """Lie at ``top`` in the parent, centred; the parent calls this when it resizes."""
        self._top = top
        parent = self.parentWidget()
        if parent is None:
            return
        width = min(self._theme.px(_WIDTH), parent.width() - 2 * self._theme.px(16))
        self._layout.activate()
        wanted = max(self._theme.px(48), self.heightForWidth(width))
        step = self._theme.px(GRID)
        left = (parent.width() - width) // 2
        # Twice the grid, so that what is centred in it lies on the grid too.
        height = -(-wanted // (2 * step)) * 2 * step
        self.setGeometry(left - left % step, top, width - width % step, height)

    def _choose(self, call: Callable[[], None]) -> None:
        self.dismiss()
        call()

    def _restyle(self) -> None:
        theme = self._theme
        px = theme.px
        self._layout.setContentsMargins(px(16) - 1, px(8) - 1, px(8) - 1, px(8) - 1)
        self._layout.setSpacing(px(8))
        icon = theme.icon(_ICONS[self._level], getattr(theme.colors, self._level))
        self._icon.setPixmap(icon.pixmap(px(16), px(16)))
        self.setProperty("surface", self._level)
        self.style().unpolish(self)
        self.style().polish(self)
        self.place(self._top)
