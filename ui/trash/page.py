"""The trash: everything that was deleted in the last 30 days, and the way back."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.history.organised import Deleted
from ui.chat.figures import grouped
from ui.models.column import column_of
from ui.models.state_panel import StatePanel
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, SCROLL_BAR, TEXT_CHAT
from ui.trash.empty_sheet import EmptySheet
from ui.trash.trash_list import TrashList
from ui.trash.trash_list_model import TrashListModel
from ui.trash.words import contents_words, summary_words
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

_HEADER = 48


class TrashPage(Surface):
    """Shows what it is told.

    Signals:
        restore_requested(list): these are wanted back.
        empty_requested(bool): everything is to be erased, and whether from the backups too; a
            person was asked.
        back_requested: by the button or Esc.
    """

    restore_requested = Signal(list)
    empty_requested = Signal(bool)
    back_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self._theme = theme
        self._is_busy = False
        self._back = IconButton(theme, "arrow-left", self.tr("Back"), shortcut="Esc", parent=self)
        self._title = Label(
            theme, self.tr("Trash"), size=TEXT_CHAT, weight=QFont.Weight.Medium, parent=self
        )
        self.restore = TextButton(theme, "", parent=self)
        self.empty = TextButton(theme, self.tr("Empty the trash…"), look="danger", parent=self)
        self.summary = Label(theme, ink="muted", tabular=True, wrap=True, parent=self)
        self.rows = TrashListModel(self)
        self.list = TrashList(theme, self.rows, self)
        self.nothing = StatePanel(theme, self)
        self.sheet = EmptySheet(theme, self)
        self._connect()
        theme.changed.connect(self._arrange)
        self.show_items((), 0)

    def show_items(self, items: Sequence[Deleted], now_ms: int) -> None:
        """Show these, the latest first; ``now_ms`` tells how long they have still."""
        had_focus = self.list.hasFocus() or self.restore.hasFocus() or self.empty.hasFocus()
        self.list.show_items(items, now_ms)
        has_some = bool(items)
        self.list.setVisible(has_some)
        self.summary.setVisible(has_some)
        self.nothing.setVisible(not has_some)
        if has_some:
            self.summary.setText(summary_words(items))
        self._tell_state()
        if had_focus and not has_some:
            self._back.setFocus(Qt.FocusReason.OtherFocusReason)
        self._arrange()

    def set_busy(self, busy: bool) -> None:
        """The trash is being emptied."""
        self._is_busy = busy
        self._tell_state()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back."""
        if event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """On to the list, so that the arrows walk through it."""
        super().focusInEvent(event)
        if not self.list.isHidden():
            self.list.setFocus(event.reason())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A sentence above, the list below."""
        super().resizeEvent(event)
        self._arrange()

    def _connect(self) -> None:
        self._back.clicked.connect(self.back_requested)
        self.restore.clicked.connect(lambda: self.restore_requested.emit(self.list.selected()))
        self.empty.clicked.connect(lambda: self.sheet.begin(contents_words(self.rows.items)))
        self.sheet.accepted.connect(self.empty_requested)
        self.list.restore_requested.connect(self.restore_requested)
        self.list.selection_moved.connect(self._tell_state)

    def _tell_state(self) -> None:
        count = len(self.list.selected())
        words = (
            self.tr("Restore {count}").format(count=grouped(count))
            if count > 1
            else self.tr("Restore")
        )
        self.restore.setText(words)
        has_some = self.rows.rowCount() > 0
        self.restore.setVisible(has_some)
        self.restore.setEnabled(count > 0 and not self._is_busy)
        self.empty.setVisible(has_some)
        self.empty.setEnabled(not self._is_busy)
        self.list.setEnabled(not self._is_busy)
        self.nothing.tell(
            self.tr(
                "The trash is empty. What you delete stays here for 30 days,"
                " and you can bring it back."
            )
        )
        if self._is_busy:
            self.summary.setText(self.tr("The trash is being emptied…"))
        self._arrange()

    def _arrange(self) -> None:
        px, width = self._theme.px, self.width()
        step, side, top = px(GRID), px(12), px(_HEADER)
        self._back.move(side, px(8))
        self._title.setGeometry(side + px(40), 0, px(200), top)
        left, column = column_of(self._theme, width)
        x = left + column
        for button in (self.empty, self.restore):
            wide = button.sizeHint().width()
            x -= wide
            button.setGeometry(x, px(8), wide, px(32))
            x -= px(8)
        y = top + px(8)
        tall = -(-self.summary.heightForWidth(column) // step) * step
        self.summary.setGeometry(left, y, column, tall)
        y += tall + px(8)
        # The scroll bar stands beside the column, not in it.
        self.list.setGeometry(left, y, column + px(SCROLL_BAR), max(step, self.height() - y))
        self.nothing.setGeometry(left, y, column, max(step, self.height() - y))
        self.nothing.arrange(column, self.nothing.height())
