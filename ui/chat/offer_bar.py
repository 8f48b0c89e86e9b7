"""A sentence with up to two verbs over the composer: go on with this model, or load that one."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

HEIGHT = 48


class OfferBar(Surface):
    """Signals: chosen(str): the id of the verb. closed(): put away without choosing."""

    chosen = Signal(str)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__("card", parent)
        self._theme = theme
        self._words = Label(theme, size=TEXT_INTERFACE, wrap=True)
        self._buttons: list[TextButton] = []
        self._shown: tuple[str, tuple[tuple[str, str], ...]] = ("", ())
        self._close = IconButton(theme, "x", self.tr("Close"))
        self._close.clicked.connect(self.closed)
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self._words, 1)
        self._layout.addWidget(self._close, 0, Qt.AlignmentFlag.AlignVCenter)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    @property
    def buttons(self) -> list[TextButton]:
        """The verbs."""
        return list(self._buttons)

    def offer(self, text: str, actions: Sequence[tuple[str, str]]) -> None:
        """Show ``text`` with its verbs as (id, label)."""
        wanted = (text, tuple(actions))
        if wanted == self._shown:
            return
        self._shown = wanted
        self._words.setText(text)
        self.setAccessibleName(text)
        for button in self._buttons:
            self._layout.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        for action, label in actions:
            button = TextButton(self._theme, label)
            button.clicked.connect(lambda _=False, action=action: self.chosen.emit(action))
            self._layout.insertWidget(self._layout.count() - 1, button)
            self._buttons.append(button)

    def _restyle(self) -> None:
        px = self._theme.px
        self._layout.setContentsMargins(px(16), 0, px(8), 0)
        self._layout.setSpacing(px(8))
