"""The sentence under an answer that ended badly, with one or two verbs."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.chat.phases import Notice
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label

_ICON = 16
_GAP = 8


class NoticeLine(QWidget):
    """Signals: action_chosen(str): the id of the verb that was clicked."""

    action_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._notice: Notice | None = None
        self._icon = Label(theme, parent=self)
        self._words = Label(theme, size=TEXT_INTERFACE, wrap=True, parent=self)
        self._buttons: list[TextButton] = []

    @property
    def notice(self) -> Notice | None:
        """What is shown."""
        return self._notice

    def show_notice(self, notice: Notice) -> None:
        """Show ``notice`` in place of the last one."""
        if notice == self._notice:
            return
        self._notice = notice
        theme = self._theme
        self._words.setText(notice.text)
        self._words.set_ink(notice.tone)
        name = "triangle-alert" if notice.tone == "warning" else "circle-alert"
        side = theme.px(_ICON)
        icon = theme.icon(name, getattr(theme.colors, notice.tone))
        self._icon.setPixmap(icon.pixmap(side, side))
        self.setAccessibleName(notice.text)
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = []
        for action, label in notice.actions:
            button = TextButton(theme, label, parent=self)
            button.clicked.connect(lambda _=False, action=action: self.action_chosen.emit(action))
            button.show()
            self._buttons.append(button)

    def arrange(self, width: int) -> int:
        """Lay out for ``width``: the verbs behind the sentence, or below it where it is long."""
        px = self._theme.px
        gap, side, row = px(_GAP), px(_ICON), px(32)
        left = side + gap
        verbs = sum(button.sizeHint().width() + gap for button in self._buttons)
        natural = self._words.fontMetrics().horizontalAdvance(self._words.text()) + px(4)
        beside = left + natural + gap + verbs <= width
        words = natural if beside else width - left
        height = max(row, self._words.heightForWidth(words))
        self._icon.setGeometry(0, (row - side) // 2, side, side)
        self._words.setGeometry(left, 0, words, height)
        x, y = (left + natural + gap * 2, 0) if beside else (left, height + px(4))
        for button in self._buttons:
            wide = button.sizeHint().width()
            button.setGeometry(x, y, wide, row)
            x += wide + gap
        return height if beside or not self._buttons else y + row
