"""The toast: says what just happened, and takes it back or leads to it, for eight seconds."""

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import GRID
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.focus import hide_and_pass_focus
from ui.widgets.labels import Label
from ui.widgets.popover import paint_shadow
from ui.widgets.surface import Surface

_SHADOW = 12


class UndoToast(QWidget):
    """One at a time: a new one replaces the one that is shown."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("floats", True)
        self._theme = theme
        self._undo: Callable[[], None] | None = None
        self._card = Surface("card", self)
        self._label = Label(theme, parent=self._card)
        self._button = TextButton(theme, self.tr("Undo"), look="quiet", parent=self._card)
        self._close = IconButton(theme, "x", self.tr("Close"), parent=self._card)
        self._layout = QHBoxLayout(self._card)
        self._layout.addWidget(self._label)
        self._layout.addWidget(self._button)
        self._layout.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        self._button.clicked.connect(self._take_back)
        self._close.clicked.connect(self.dismiss)
        self.hide()
        theme.changed.connect(self.dismiss)

    def offer(
        self, text: str, undo: Callable[[], None] | None, seconds: float = 8.0, verb: str = ""
    ) -> None:
        """Show ``text`` for ``seconds``; ``undo`` is called when asked, None offers none.

        ``verb`` are other words for the button than "Undo".
        """
        self._undo = undo
        self._label.setText(text)
        self._button.setText(verb or self.tr("Undo"))
        self.setAccessibleName(text)
        self._button.setVisible(undo is not None)
        self._timer.start(round(seconds * 1000))
        self.place()
        self.show()
        self.raise_()

    def dismiss(self) -> None:
        """Disappear; what happened stays."""
        self._timer.stop()
        self._undo = None
        hide_and_pass_focus(self, self.parentWidget())

    def place(self) -> None:
        """Centre above the lower edge of the parent; the parent calls this when it resizes."""
        theme, parent = self._theme, self.parentWidget()
        edge, step = theme.px(4) - 1, theme.px(GRID)
        self._layout.setContentsMargins(theme.px(16) - 1, edge, edge, edge)
        self._layout.setSpacing(theme.px(8))
        self._label.setFixedWidth(-(-self._label.sizeHint().width() // step) * step)
        self._layout.activate()
        size, margin = self._card.sizeHint(), theme.px(_SHADOW)
        self._card.setGeometry(margin, margin, size.width(), size.height())
        self.resize(size.width() + 2 * margin, size.height() + 2 * margin)
        if parent is not None:
            left = (parent.width() - self.width()) // 2
            top = parent.height() - self.height() - theme.px(128)
            self.move(left - left % step, top - top % step)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The shadow; the card paints itself."""
        paint_shadow(QPainter(self), self._card.geometry(), self._theme)

    def _take_back(self) -> None:
        undo = self._undo
        self.dismiss()
        if undo is not None:
            undo()
