"""The search page: a field, filters, and what was found, at once and by the keyboard alone."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.models.column import column_of
from ui.models.state_panel import Action, StatePanel
from ui.search.filter_bar import FoundFilterBar
from ui.search.result_list import FoundList
from ui.search.result_list_model import FoundListModel
from ui.search.view import ResultRow, Wishes
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, SCROLL_BAR, TEXT_SMALL
from ui.widgets.buttons import IconButton
from ui.widgets.fields import SearchField
from ui.widgets.focus import hide_and_pass_focus
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

_HEADER, _SIDE = 48, 12


class SearchPage(Surface):
    """Shows what it is told.

    Signals:
        wishes_changed(Wishes): something else is to be found.
        opened(str, str): id of a conversation, and of a message in it or "".
        export_requested: take the chats out that were found.
        back_requested: by the button or Esc.
    """

    wishes_changed = Signal(object)
    opened = Signal(str, str)
    export_requested = Signal()
    back_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self._theme = theme
        self._back = IconButton(theme, "arrow-left", self.tr("Back"), shortcut="Esc", parent=self)
        name = self.tr("Search chats, messages and files")
        self.field = SearchField(theme, name, placeholder=name, parent=self)
        self.field.installEventFilter(self)
        self.filters = FoundFilterBar(theme, self)
        self.summary = Label(theme, size=TEXT_SMALL, ink="muted", tabular=True, parent=self)
        self.rows = FoundListModel(self)
        self.list = FoundList(theme, self.rows, self)
        self.state = StatePanel(theme, self)
        self._back.clicked.connect(self.back_requested)
        self.field.textChanged.connect(lambda _text: self._tell())
        self.filters.changed.connect(self._filters_changed)
        self.filters.export_button.clicked.connect(self.export_requested)
        self.list.opened.connect(self.opened)
        theme.changed.connect(self._arrange)
        self.say("")

    @property
    def wishes(self) -> Wishes:
        """What is to be found now."""
        return replace(self.filters.wishes, text=self.field.text().strip())

    def begin(self) -> None:
        """Be ready to be typed into; what was looked for is there and selected."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def show_rows(self, rows: Sequence[ResultRow], summary: str) -> None:
        """Show what was found."""
        self.rows.set_rows(rows)
        self.summary.setText(summary)
        self.filters.export_button.show()
        self.list.show()
        self.state.hide()
        self._arrange()

    def say(self, text: str, actions: Sequence[Action] = ()) -> None:
        """Show a sentence in the place of results."""
        self.rows.set_rows(())
        self.summary.setText("")
        hide_and_pass_focus(self.filters.export_button, self.field)
        self.state.tell(text, actions)
        self.state.show()
        self.list.hide()
        self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrows and Enter in the field are meant for the list."""
        is_press = watched is self.field and event.type() == QEvent.Type.KeyPress
        if is_press and isinstance(event, QKeyEvent) and self.list.isVisible():
            return self.list.walk(event)
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back; letters go on in the field."""
        if event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        elif event.text().isprintable() and event.text().strip() and self.list.hasFocus():
            self.field.setFocus()
            self.field.setText(self.field.text() + event.text())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """On to the field."""
        super().focusInEvent(event)
        self.field.setFocus(event.reason())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The field in the header, filters below, the list below them."""
        super().resizeEvent(event)
        self._arrange()

    def _filters_changed(self) -> None:
        self._arrange()
        self._tell()

    def _tell(self) -> None:
        self.wishes_changed.emit(self.wishes)

    def _arrange(self) -> None:
        px, width = self._theme.px, self.width()
        step, side = px(GRID), px(_SIDE)
        self._back.move(side, px(8))
        left, column = column_of(self._theme, width)
        begin = max(left, side + px(40))
        self.field.setGeometry(begin, px(8), max(step, left + column - begin), px(32))
        self.filters.set_column(column)
        y = px(_HEADER) + px(8)
        self.filters.move(left, y)
        y += self.filters.height() + px(8)
        self.summary.setGeometry(left + side, y, max(0, column - 2 * side), px(20))
        y += px(20)
        # The scroll bar stands beside the column, not in it.
        self.list.setGeometry(left, y, column + px(SCROLL_BAR), max(step, self.height() - y))
        self.state.setGeometry(left, y, column, max(step, self.height() - y))
        self.state.arrange(column, self.state.height())
