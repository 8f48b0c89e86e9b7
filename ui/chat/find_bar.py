"""The bar to find something in the conversation: field, count, both directions, close."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.chat.figures import grouped
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.buttons import IconButton
from ui.widgets.fields import LineField
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

WIDTH, HEIGHT = 384, 48
_COUNT = 96
"""Room for "9,999 of 9,999"."""
_EDGE, _GAP, _BUTTON = 8, 4, 32


class _FindField(LineField):
    """Enter goes on, Shift+Enter back, Esc closes (before it stops an answer).

    Signals:
        asked(bool): go to the next hit (True) or the one before.
        given_up(): close.
    """

    asked = Signal(bool)
    given_up = Signal()

    def event(self, event: QEvent) -> bool:
        """Esc is ours even where the page has a shortcut for it."""
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_escape and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.asked.emit(not event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        elif event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)


class FindBar(Surface):
    """Lies over the upper right corner of the transcript.

    Signals:
        words_changed(str): look for this.
        asked(bool): go to the next hit (True) or the one before.
        closed(): find nothing any more.
    """

    words_changed = Signal(str)
    asked = Signal(bool)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__("card", parent)
        self._theme = theme
        words = self.tr("Find in this chat")
        self.field = _FindField(theme, words, placeholder=words, parent=self)
        self.count = Label(theme, size=TEXT_SMALL, ink="muted", tabular=True, parent=self)
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.back = IconButton(
            theme, "chevron-up", self.tr("Previous hit"), shortcut="Shift+F3", parent=self
        )
        self.on = IconButton(theme, "chevron-down", self.tr("Next hit"), shortcut="F3", parent=self)
        self.close_button = IconButton(theme, "x", self.tr("Close"), shortcut="Esc", parent=self)
        self.field.textChanged.connect(self.words_changed)
        self.field.asked.connect(self.asked)
        self.field.given_up.connect(self.closed)
        self.back.clicked.connect(lambda: self.asked.emit(False))
        self.on.clicked.connect(lambda: self.asked.emit(True))
        self.close_button.clicked.connect(self.closed)
        self.setAccessibleName(words)
        self.show_count(0, 0, complete=True)
        theme.changed.connect(self._arrange)
        self.hide()

    def show_count(self, place: int, total: int, *, complete: bool) -> None:
        """Which of how many hits is the current one; 0 of 0 when there is none."""
        if not self.field.text():
            words = ""
        elif total:
            words = self.tr("{place} of {total}").format(place=grouped(place), total=grouped(total))
        else:
            words = self.tr("No hits") if complete else self.tr("Looking…")
        self.count.setText(words)
        self.field.setAccessibleDescription(words)
        self.back.setEnabled(total > 0)
        self.on.setEnabled(total > 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes from the buttons too."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Esc is ours even where the page has a shortcut for it."""
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_escape and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Everything has its place."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        px = self._theme.px
        button, top = px(_BUTTON), (self.height() - px(_BUTTON)) // 2
        right = self.width() - px(_EDGE)
        for part in (self.close_button, self.on, self.back):
            right -= button
            part.move(right, top)
        right -= px(_COUNT) + px(_GAP)
        self.count.setGeometry(right, top, px(_COUNT), button)
        self.field.setGeometry(px(_EDGE), top, right - px(_EDGE) - px(_GAP), button)
