"""The top of the pages of models: Library, Discover, Downloads, and the search field."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.models.column import column_of
from ui.models.view import Tab
from ui.theme.theme import Theme
from ui.theme.tokens import GRID
from ui.widgets.buttons import TextButton
from ui.widgets.fields import SearchField
from ui.widgets.segmented import Segmented
from ui.widgets.surface import Line, Surface

_HEIGHT, _TALL, _CONTROL = 56, 104, 32
_SEGMENT, _SEARCH, _LEAST_SEARCH, _GAP = 128, 320, 200, 16
_MOST_COUNTED = 99


class ModelsHeader(Surface):
    """56 high; in narrow windows the search field stands in a second line.

    Signals:
        tab_chosen(str): library, discover or downloads.
    """

    tab_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self.tabs = Segmented(
            theme,
            self.tr("Models"),
            (
                ("library", self.tr("Library")),
                ("discover", self.tr("Discover")),
                ("downloads", self.tr("Downloads")),
            ),
            parent=self,
        )
        self._segments = self.tabs.findChildren(TextButton)
        self.search = _Search(theme, self.tr("Search models"), placeholder="", parent=self)
        self._line = Line(theme, self)
        self._active = 0
        self.tabs.chosen.connect(self.tab_chosen)
        theme.changed.connect(self._arrange)
        self.set_tab("library")

    def set_tab(self, tab: Tab) -> None:
        """Show which page is open, and what the field looks through."""
        self.tabs.set_value(tab)
        words = (
            self.tr("Search your models")
            if tab == "library"
            else self.tr("Search the Hub, or paste a link")
        )
        self.search.setPlaceholderText(words)

    def set_active_downloads(self, count: int) -> None:
        """How many downloads are not done; 0 shows no number."""
        self._active = count
        words = (
            self.tr("Downloads {count}").format(count=min(count, _MOST_COUNTED))
            if count
            else self.tr("Downloads")
        )
        self._segments[2].setText(words)

    def height_for(self, width: int) -> int:
        """Pixels that it takes in a page of ``width``."""
        return self._theme.px(_HEIGHT if self._is_one_line(width) else _TALL)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One line or two."""
        super().resizeEvent(event)
        self._arrange()

    def _is_one_line(self, width: int) -> bool:
        px = self._theme.px
        _left, column = column_of(self._theme, width)
        return column >= 3 * px(_SEGMENT) + px(_GAP) + px(_LEAST_SEARCH)

    def _arrange(self) -> None:
        px = self._theme.px
        step, control = px(GRID), px(_CONTROL)
        left, column = column_of(self._theme, self.width())
        top = (px(_HEIGHT) - control) // 2
        segment = min(px(_SEGMENT), column // 3 // step * step)
        for button in self._segments:
            button.setFixedWidth(segment)
        self.tabs.setGeometry(left, top, 3 * segment, control)
        if self._is_one_line(self.width()):
            room = min(px(_SEARCH), column - 3 * segment - px(_GAP)) // step * step
            self.search.setGeometry(left + column - room, top, room, control)
        else:
            self.search.setGeometry(left, px(_HEIGHT), column, control)
        self._line.setGeometry(0, self.height() - 1, self.width(), 1)


class _Search(SearchField):
    """``left_down``: the arrow key down leads on to what was found."""

    left_down = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down leaves the field."""
        if event.key() == Qt.Key.Key_Down:
            self.left_down.emit()
        else:
            super().keyPressEvent(event)
