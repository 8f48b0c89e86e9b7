"""What can be done with several chats at once."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent

from ui.chat.figures import grouped
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

_LINE, _BUTTON, _LOW, _GAP = 28, 28, 32, 4


class SelectionBar(Surface):
    """Absent while fewer than two are selected.

    Signals:
        move_pressed: open the menu of folders at ``move``.
        delete_requested, export_requested: list of ids.
    """

    move_pressed = Signal()
    delete_requested = Signal(list)
    export_requested = Signal(list)

    def __init__(self, theme: Theme) -> None:
        super().__init__("card")
        self._theme = theme
        self._chats: list[str] = []
        self._is_low = False
        self._label = Label(theme, size=TEXT_SMALL, tabular=True, parent=self)
        self.move_button = self._button(self.tr("Move"), "quiet")
        self._export = self._button(self.tr("Export"), "quiet")
        self._delete = self._button(self.tr("Delete"), "danger")
        self.move_button.clicked.connect(self.move_pressed)
        self._export.clicked.connect(lambda: self.export_requested.emit(self._chats))
        self._delete.clicked.connect(lambda: self.delete_requested.emit(self._chats))
        self.hide()
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def chats(self) -> Sequence[str]:
        """The ids selected."""
        return self._chats

    def set_chats(self, chats: Sequence[str]) -> None:
        """The ids selected; none hides the bar."""
        self._chats = list(chats)
        words = self.tr("{count} selected").format(count=grouped(len(chats)))
        self._label.setText(words)
        self._label.setToolTip(words)
        self.setAccessibleName(words)
        self.setVisible(bool(chats))

    def set_low(self, low: bool) -> None:
        """In a very low window the verbs alone have room."""
        if low != self._is_low:
            self._is_low = low
            self._restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The count above, the verbs below."""
        super().resizeEvent(event)
        self._arrange()

    def _button(self, words: str, look: str) -> TextButton:
        return TextButton(
            self._theme, words, look=look, size=TEXT_SMALL, height=_BUTTON, parent=self
        )

    def _arrange(self) -> None:
        px = self._theme.px
        self._label.setVisible(not self._is_low)
        self._label.setGeometry(px(12), px(_GAP), max(0, self.width() - px(24)), px(_LINE))
        top = px(2) if self._is_low else px(_GAP + _LINE)
        buttons = (self.move_button, self._export, self._delete)
        widths = [each.sizeHint().width() for each in buttons]
        # In the least wide sidebar they share what there is.
        spare = min(0, self.width() - sum(widths))
        x = 0
        for button, width in zip(buttons, widths, strict=True):
            wide = width + spare // len(buttons) // px(4) * px(4) if spare else width
            button.setGeometry(x, top, wide, px(_BUTTON))
            x += wide

    def _restyle(self) -> None:
        px = self._theme.px
        self.setFixedHeight(px(_LOW) if self._is_low else px(_LINE + _BUTTON + 2 * _GAP))
        self._arrange()
