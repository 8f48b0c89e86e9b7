"""The palette: a field and what it finds, over the window; for the keyboard alone."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QVBoxLayout, QWidget

from ui.palette.entries import Entry, Section
from ui.palette.palette_list_model import PaletteListModel
from ui.palette.palette_row import LINE, PaletteRowDelegate
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, SCROLL_BAR, TEXT_SMALL
from ui.widgets.fields import SearchField
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.sheet import Sheet
from ui.widgets.styling import set_style

_SIZE = QSize(640, 480)
_TOP = 64
_LONGEST_PAGE = 6


class PaletteSheet(Sheet):
    """Says what is typed and what is chosen; what it finds is given to it.

    Signals:
        typed(str): the text in the field.
        chosen(Entry): to be done; the palette has closed by then.
    """

    typed = Signal(str)
    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "", _SIZE, parent)
        self.setAccessibleName(self.tr("Search everything"))
        words = self.tr("Search chats, messages, models and commands")
        self.field = _Field(theme, words)
        self.rows = PaletteListModel(self)
        self.list = _List(theme)
        self.list.setModel(self.rows)
        self.list.setItemDelegate(PaletteRowDelegate(theme, self.list))
        set_style(self.list, look="clear")
        self.list.setAccessibleName(self.tr("Results"))
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.nothing = Label(theme, ink="muted", wrap=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.hide()
        self.foot = ElidedLabel(theme, size=TEXT_SMALL, ink="muted")
        self._layout = QVBoxLayout(self)
        for part in (self.field, self.list, self.nothing):
            self._layout.addWidget(part, 0 if part is self.field else 1)
        self._layout.addWidget(self.foot)
        self.field.textChanged.connect(self.typed)
        self.field.moved.connect(self._move)
        self.field.returnPressed.connect(lambda: self._choose(self.list.currentIndex()))
        self.list.clicked.connect(self._choose)
        theme.changed.connect(self._restyle)
        self._restyle()

    def open_sheet(self) -> None:
        """Appear with an empty field that has the keyboard."""
        self.field.blockSignals(True)
        self.field.clear()
        self.field.blockSignals(False)
        super().open_sheet()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_sections(
        self, sections: Sequence[Section], *, nothing: str = "", note: str = ""
    ) -> None:
        """Show what was found; ``nothing`` in place of an empty list, ``note`` in the foot.

        The chosen row stays where rows only became more, else it is the first.
        """
        before = self.list.currentIndex().row()
        kept = self.rows.entry_at(before)
        self.rows.set_sections(sections)
        if kept is None or self.rows.entry_at(self.list.currentIndex().row()) != kept:
            self._select(self.rows.next_entry(-1, 1))
            self.list.scrollToTop()
        is_empty = not self.rows.entries
        self.nothing.setText(nothing)
        self.nothing.setVisible(is_empty)
        self.list.setVisible(not is_empty)
        self.foot.setText(note or self.tr("↑ ↓ choose · Enter opens · Esc closes"))

    @property
    def current(self) -> Entry | None:
        """What Enter would choose."""
        return self.rows.entry_at(self.list.currentIndex().row())

    def _move(self, step: int) -> None:
        """So many entries on; single steps go round the ends."""
        now = self.list.currentIndex().row()
        if abs(step) == 1:
            self._select(self.rows.next_entry(now, step))
            return
        places = [n for n in range(self.rows.rowCount()) if self.rows.entry_at(n) is not None]
        if now in places:
            at = min(max(places.index(now) + step, 0), len(places) - 1)
            self._select(places[at])

    def _select(self, number: int) -> None:
        index = self.rows.index(number)
        self.list.setCurrentIndex(index)
        entry = self.rows.entry_at(number)
        if entry is None:
            return
        # The first entry is shown with its heading.
        self.list.scrollTo(self.rows.index(number - 1))
        self.list.scrollTo(index)
        said = self.rows.spoken(entry)
        self.field.setAccessibleDescription(said)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.field, said))

    def _choose(self, index: QModelIndex) -> None:
        entry = self.rows.entry_at(index.row())
        if entry is not None:
            self.close_sheet()
            self.chosen.emit(entry)

    def _place(self) -> None:
        """In the upper part of the window: the field does not move when the list grows."""
        super()._place()
        parent, px = self.parentWidget(), self._theme.px
        if parent is not None:
            room = parent.height() - self.height()
            self.move(self.x(), min(px(_TOP), room // 2 // px(GRID) * px(GRID)))

    def _restyle(self) -> None:
        px = self._theme.px
        side = px(12) - 1  # within the card's border
        self._layout.setContentsMargins(side, side, side, px(8) - 1)
        self._layout.setSpacing(px(8))
        self.foot.setContentsMargins(px(12), 0, px(12), 0)
        self.foot.setFixedHeight(px(20))
        self.list.setMinimumHeight(px(LINE))
        self.list.scheduleDelayedItemsLayout()


class _List(QListView):
    """Rows are as wide with a scroll bar as without one."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.verticalScrollBar().rangeChanged.connect(self._keep_width)
        theme.changed.connect(lambda: self._keep_width(0, self.verticalScrollBar().maximum()))
        self._keep_width(0, 0)

    def _keep_width(self, _least: int, most: int) -> None:
        self.setViewportMargins(0, 0, 0 if most > 0 else self._theme.px(SCROLL_BAR), 0)


class _Field(SearchField):
    """The caret stays here; arrows are handed on.

    Signals:
        moved(int): by so many entries.
    """

    moved = Signal(int)

    def __init__(self, theme: Theme, words: str) -> None:
        super().__init__(theme, words, placeholder=words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up, Down and Page keys go through the list; Esc closes at once, whatever is typed."""
        steps = {
            Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: _LONGEST_PAGE, Qt.Key.Key_PageUp: -_LONGEST_PAGE,
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is not None:
            self.moved.emit(step)
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)
