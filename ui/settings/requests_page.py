"""The list of every request that was made: whom, when, what for, and how it ended."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.logged_request import LoggedRequest
from ui.models.column import column_of
from ui.models.state_panel import StatePanel
from ui.settings.requests_list_model import RequestsListModel
from ui.settings.requests_table import RequestsTable
from ui.settings.requests_words import amount_words
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, SCROLL_BAR, TEXT_CHAT, TEXT_SMALL
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

_HEADER = 48


class RequestsPage(Surface):
    """Shows what it is told.

    Signals:
        clear_requested: the list is to be emptied.
        back_requested: by the button or Esc.
    """

    clear_requested = Signal()
    back_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self._theme = theme
        self._back = IconButton(theme, "arrow-left", self.tr("Back"), shortcut="Esc", parent=self)
        self._title = Label(
            theme, self.tr("Requests"), size=TEXT_CHAT, weight=QFont.Weight.Medium, parent=self
        )
        self.clear = TextButton(theme, self.tr("Clear the list"), look="quiet", parent=self)
        self._promise = Label(
            theme,
            self.tr(
                "Moestro asks the Hub when you search, look at a model there or download it, and at"
                " no other time. Each request stands here, on this computer only."
            ),
            wrap=True,
            parent=self,
        )
        self.summary = Label(
            theme, size=TEXT_SMALL, ink="muted", tabular=True, wrap=True, parent=self
        )
        self.rows = RequestsListModel(self)
        self.table = RequestsTable(theme, self.rows, self)
        self.nothing = StatePanel(theme, self)
        self.nothing.tell(self.tr("No request was ever made."))
        self._back.clicked.connect(self.back_requested)
        self.clear.clicked.connect(self.clear_requested)
        theme.changed.connect(self._arrange)
        self.show_requests(())

    def show_requests(self, requests: Sequence[LoggedRequest]) -> None:
        """Show these, given the oldest first; what a person reads stays where it is."""
        bar = self.table.verticalScrollBar()
        below = bar.maximum() - bar.value()
        was_at_top = bar.value() == 0
        self.rows.show_requests(requests)
        if not was_at_top:
            # The scroll bar learns of new rows only with the next layout.
            self.table.doItemsLayout()
            bar.setValue(bar.maximum() - below)
        has_some = bool(requests)
        had_focus = self.table.hasFocus() or self.clear.hasFocus()
        self.table.setVisible(has_some)
        self.clear.setVisible(has_some)
        self.summary.setVisible(has_some)
        self.nothing.setVisible(not has_some)
        if had_focus and not has_some:
            self._back.setFocus(Qt.FocusReason.OtherFocusReason)
        if has_some:
            self.summary.setText(self._summary(requests))
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back."""
        if event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """On to the table, so that the arrows walk through it."""
        super().focusInEvent(event)
        if not self.table.isHidden():
            self.table.setFocus(event.reason())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Sentences above, the table below."""
        super().resizeEvent(event)
        self._arrange()

    def _summary(self, requests: Sequence[LoggedRequest]) -> str:
        count = len(requests)
        received = amount_words(sum(request.received_bytes for request in requests))
        words = (
            self.tr("One request, {bytes} received.").format(bytes=received)
            if count == 1
            else self.tr("{count:,} requests, {bytes} received.").format(
                count=count, bytes=received
            )
        )
        return words + " " + self.tr("After several thousand the oldest make room.")

    def _arrange(self) -> None:
        px, width = self._theme.px, self.width()
        step, side, top = px(GRID), px(12), px(_HEADER)
        self._back.move(side, px(8))
        self._title.setGeometry(side + px(40), 0, px(200), top)
        left, column = column_of(self._theme, width)
        wide = self.clear.sizeHint().width()
        self.clear.setGeometry(left + column - wide, px(8), wide, px(32))
        y = top + px(8)
        for label in (self._promise, self.summary):
            if not label.isHidden():
                tall = -(-label.heightForWidth(column) // step) * step
                label.setGeometry(left, y, column, tall)
                y += tall + px(4)
        y += px(8)
        # The scroll bar stands beside the column, not in it.
        self.table.setGeometry(left, y, column + px(SCROLL_BAR), max(step, self.height() - y))
        self.nothing.setGeometry(left, y, column, max(step, self.height() - y))
        self.nothing.arrange(column, self.nothing.height())
