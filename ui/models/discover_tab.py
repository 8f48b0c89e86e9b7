"""Discover: three models for this computer, and what a search of the Hub finds."""

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.chat.figures import grouped
from ui.models.column import Column
from ui.models.filter_bar import FilterBar
from ui.models.result_list import ResultList
from ui.models.result_list_model import ResultListModel
from ui.models.shelf_card import Shelf
from ui.models.state_panel import StatePanel
from ui.models.strip import Strip
from ui.models.view import DiscoverView, Filters
from ui.sentences import say
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import ElidedLabel
from ui.widgets.surface import Surface

_STATE_HEIGHT, _SHOWN_WORDS = 176, 40


class DiscoverTab(Surface):
    """Signals:
    model_chosen(str): key of a card or a result, whose page is wanted.
    fetch_requested(str), chat_requested(str): key of a card.
    progress_requested: a card's download is on its way; show it.
    filters_changed(Filters): what is wanted now.
    more_requested: the next page of results.
    try_again_requested: the search did not work, or Moestro was offline.
    online_requested: the settings that let Moestro ask the Hub.
    """

    model_chosen = Signal(str)
    fetch_requested = Signal(str)
    chat_requested = Signal(str)
    progress_requested = Signal()
    filters_changed = Signal(object)
    more_requested = Signal()
    try_again_requested = Signal()
    online_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._view = DiscoverView()
        self._width = 0
        self.area = Column(theme, gap=8, parent=self)
        self.offline = Strip(theme, "wifi-off")
        self.shelf = Shelf(theme)
        self.filters = FilterBar(theme)
        self.count = ElidedLabel(theme, size=TEXT_SMALL, ink="muted", tabular=True)
        self.results = ResultListModel(self)
        self.list = ResultList(theme, self.results)
        self.state = StatePanel(theme)
        self.more = TextButton(theme, self.tr("Show more"))
        self._more_line = Surface("clear")
        self._build()
        self._connect()
        self.show_discover(self._view)

    def show_discover(self, view: DiscoverView) -> None:
        """Show it. While a search goes on, what the last one found keeps its place."""
        self._view = view
        self.offline.setVisible(view.is_offline)
        if view.is_offline:
            self.offline.tell("warning", say("models.offline"), self.tr("Allow it"))
        self.shelf.show_cards(() if view.words else view.shelf)
        if view.state != "searching" or view.results:
            self.results.show_results(view.results)
        self.filters.set_architectures(view.architectures)
        self.count.setText(self._count_words())
        self._show_state()
        self.more.setText(self.tr("Loading…") if view.is_loading_more else self.tr("Show more"))
        self.more.setEnabled(not view.is_loading_more)
        self._more_line.setVisible(view.has_more and view.state == "shown")
        self._set_column(self._width)

    def take_focus(self) -> None:
        """The keyboard goes to the first result."""
        if self.list.isHidden():
            self.setFocus()
            return
        self.list.setFocus(Qt.FocusReason.TabFocusReason)
        if not self.list.currentIndex().isValid():
            self.list.setCurrentIndex(self.results.index(0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys scroll."""
        if not self.area.scroll_by_key(event):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """All of it scrolls."""
        super().resizeEvent(event)
        self.area.setGeometry(self.rect())

    def _build(self) -> None:
        self.more.setParent(self._more_line)
        self.area.set_parts(
            (self.offline, self.shelf, self.filters, self.count, self.list, self.state,
             self._more_line)
        )  # fmt: skip
        self.area.column_changed.connect(self._set_column)

    def _connect(self) -> None:
        self.offline.chosen.connect(self.online_requested)
        self.shelf.opened.connect(self.model_chosen)
        self.shelf.fetch_requested.connect(self.fetch_requested)
        self.shelf.chat_requested.connect(self.chat_requested)
        self.shelf.progress_requested.connect(self.progress_requested)
        self.filters.changed.connect(self.filters_changed)
        self.list.opened.connect(self.model_chosen)
        self.list.row_reached.connect(self._show_row)
        self.more.clicked.connect(self.more_requested)

    def _show_row(self, area: QRect) -> None:
        if self.list.hasFocus():
            self.area.show_part(self.list, top=area.top(), height=area.height())

    def _count_words(self) -> str:
        view = self._view
        if view.state == "searching":
            return self.tr("Searching…")
        if view.state == "trouble" or not view.results:
            return ""
        shown = grouped(len(view.results))
        text = (
            self.tr("{count} models") if not view.has_more else self.tr("The first {count} models")
        )
        words = text.format(count=shown)
        if not view.filtered_out:
            return words
        return self.tr("{words}, {count} more are hidden by the filters").format(
            words=words, count=grouped(view.filtered_out)
        )

    def _show_state(self) -> None:
        view = self._view
        has_rows = self.results.rowCount() > 0 and view.state != "trouble"
        self.list.setVisible(has_rows)
        self.state.setVisible(not has_rows)
        if has_rows:
            return
        again = (self.tr("Try again"), "plain", self.try_again_requested.emit)
        if view.state == "trouble":
            self.state.tell(view.trouble, [again])
        elif view.state == "searching":
            self.state.tell(self.tr("Asking the Hub…"))
        elif view.filtered_out:
            count = grouped(view.filtered_out)
            show = (self.tr("Show all"), "plain", self._drop_filters)
            self.state.tell(say("models.filtered_out", {"count": count}), [show])
        elif view.is_offline:
            self.state.tell(say("models.nothing_known"), [again])
        else:
            words = view.words[:_SHOWN_WORDS]
            self.state.tell(say("models.nothing_found", {"title": words}))

    def _drop_filters(self) -> None:
        wanted = Filters(runs_here=False, sort=self.filters.filters.sort)
        self.filters.set_filters(wanted)
        self.filters_changed.emit(wanted)

    def _set_column(self, width: int) -> None:
        if not width:
            return
        self._width = width
        px = self._theme.px
        self.offline.set_column(width)
        self.shelf.set_column(width)
        self.filters.set_column(width)
        self.count.setFixedSize(width, px(20))
        self.list.set_column(width)
        self.state.setFixedSize(width, px(_STATE_HEIGHT))
        self.state.arrange(width, px(_STATE_HEIGHT))
        wide = self.more.sizeHint().width()
        step = px(4)
        self._more_line.setFixedSize(width, px(48))
        self.more.setGeometry((width - wide) // 2 // step * step, px(8), wide, px(32))
        self.area.stack()
