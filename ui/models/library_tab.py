"""The library: what is on this computer, as a table or cards, with a drawer for one model."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.models.column import column_of
from ui.models.import_sheet import ImportSheet
from ui.models.library_card import CARD_GAP
from ui.models.library_cards import LibraryCards
from ui.models.library_drawer import WIDTH as DRAWER
from ui.models.library_drawer import LibraryDrawer
from ui.models.library_list_model import LibraryListModel
from ui.models.library_table import LibraryTable
from ui.models.library_toolbar import LibraryToolbar
from ui.models.library_words import delete_words, forget_words
from ui.models.state_panel import Action, StatePanel
from ui.models.view import LibraryChip, LibraryRow, LibraryView
from ui.sentences import say
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, SCROLL_BAR
from ui.widgets.drawer import Scrim
from ui.widgets.focus import hide_and_pass_focus
from ui.widgets.menu import Menu
from ui.widgets.surface import Surface

_BESIDE_FROM = 960
"""In narrower pages the drawer lies over the table."""
_INSET, _SHOWN_WORDS = 8, 40


class LibraryTab(Surface):
    """Signals:
    asked(str, str): a verb and a model's key, as in ``LibraryDrawer``.
    notes_changed(str, str): the model's key, and what somebody wrote about it.
    import_menu_requested: somebody wants to add models, and is to choose from where.
    import_requested: files are to be chosen.
    dropped(list): paths of files and folders that were dropped here.
    cards_chosen(bool): cards are to be shown instead of the table, or the table again.
    discover_requested: the library is empty, or has nothing like what was searched for.
    look_requested: other programs' models are to be looked for.
    """

    asked = Signal(str, str)
    notes_changed = Signal(str, str)
    import_menu_requested = Signal()
    import_requested = Signal()
    dropped = Signal(list)
    cards_chosen = Signal(bool)
    discover_requested = Signal()
    look_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._view = LibraryView(rows=(), now_ms=0)
        self._chip: LibraryChip = "all"
        self._words = ""
        self.rows = LibraryListModel(self)
        self.toolbar = LibraryToolbar(theme, self)
        self.table = LibraryTable(theme, self.rows, self)
        self.cards = LibraryCards(theme, self.rows, self)
        self._is_cards = False
        self.state = StatePanel(theme, self)
        self._scrim = Scrim(theme, self)
        self.drawer = LibraryDrawer(theme, self)
        self.drawer.setProperty("floats", True)
        self.drawer.hide()
        self._target = _DropTarget(theme, self)
        self.sheet = ImportSheet(theme, self)
        self.setAcceptDrops(True)
        self._connect()
        theme.changed.connect(self._arrange)
        self._show_state()

    # --- what is shown ---------------------------------------------------------------------

    @property
    def view(self) -> LibraryView:
        """What is shown, filtered or not."""
        return self._view

    @property
    def shown_list(self) -> LibraryTable | LibraryCards:
        """Table or cards, whichever is shown."""
        return self.cards if self._is_cards else self.table

    def set_cards(self, is_cards: bool) -> None:
        """Show cards or the table; what is current stays so, and the keyboard goes along."""
        before = self.shown_list
        key, had_focus = before.current_key, before.hasFocus()
        self._is_cards = is_cards
        self.toolbar.set_cards(is_cards)
        self.shown_list.choose(key)
        self._show_state()
        if had_focus:
            self.shown_list.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def is_drawer_open(self) -> bool:
        """Whether one model is shown beside or over the table."""
        return not self.drawer.isHidden()

    def show_library(self, view: LibraryView) -> None:
        """Show it; what is chosen stays chosen, what is open stays open."""
        self._view = view
        key = self.shown_list.current_key
        self.cards.set_now(view.now_ms)
        self.rows.show_library(view)
        if key:
            self.shown_list.choose(key)
        self.toolbar.show_library(view)
        row = self._row(self.drawer.key)
        if row is not None and self.is_drawer_open:
            self.drawer.show_model(row)
        elif self.is_drawer_open:
            self.close_drawer()
        self._show_state()

    def set_words(self, text: str) -> None:
        """Show what matches these words."""
        self._words = text.strip()
        self.rows.set_words(self._words)
        self._show_state()

    def open_drawer(self, key: str) -> None:
        """Show one model; nothing happens when it is not in the library."""
        row = self._row(key)
        if row is None:
            return
        self.shown_list.choose(key)
        self.drawer.show_model(row)
        self.drawer.show()
        self._arrange()

    def close_drawer(self) -> None:
        """Show the table alone."""
        hide_and_pass_focus(self.drawer, self.shown_list)
        self._arrange()

    def take_focus(self) -> None:
        """The keyboard goes to the models, to the first one if it was at none."""
        if self.shown_list.isHidden():
            self.setFocus()
            return
        self.shown_list.setFocus(Qt.FocusReason.TabFocusReason)
        if not self.shown_list.current_key and self.rows.rowCount():
            self.shown_list.choose(self.rows.row_at(0).key)

    # --- what a person does ----------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the drawer."""
        if event.key() == Qt.Key.Key_Escape and self.is_drawer_open:
            self.close_drawer()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and folders of this computer; what they are shows when they are added."""
        if _paths(event):
            event.acceptProposedAction()
            self._target.show()
            self._target.raise_()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """They went elsewhere."""
        self._target.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell which."""
        self._target.hide()
        paths = _paths(event)
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Table and drawer share the width."""
        super().resizeEvent(event)
        self._arrange()

    def _connect(self) -> None:
        self.toolbar.chip_chosen.connect(self._chip_chosen)
        self.toolbar.import_requested.connect(self.import_menu_requested)
        self.toolbar.view_toggled.connect(self._toggle_view)
        for shown in (self.table, self.cards):
            shown.row_chosen.connect(self.open_drawer)
            shown.current_changed.connect(self._followed)
            shown.menu_requested.connect(self._open_menu)
            shown.delete_requested.connect(self._delete)
        self.drawer.closed.connect(self.close_drawer)
        self.drawer.asked.connect(self.asked)
        self.drawer.notes_changed.connect(self.notes_changed)
        self._scrim.pressed.connect(self.close_drawer)

    def _chip_chosen(self, chip: LibraryChip) -> None:
        self._chip = chip
        self.rows.set_chip(chip)
        self._show_state()

    def _toggle_view(self) -> None:
        self.set_cards(not self._is_cards)
        self.cards_chosen.emit(self._is_cards)

    def _followed(self, key: str) -> None:
        """The drawer goes along with the arrow keys."""
        row = self._row(key)
        if row is not None and self.is_drawer_open:
            self.drawer.show_model(row)

    def _delete(self, key: str) -> None:
        row = self._row(key)
        if row is not None and row.can_delete:
            self.asked.emit("delete", key)

    def _open_menu(self, key: str, position: QPoint) -> None:
        row = self._row(key)
        if row is None:
            return
        self.shown_list.choose(key)
        menu = Menu(self)

        def entry(verb: str, words: str, shortcut: str = "") -> None:
            action = menu.entry(words, shortcut)
            action.triggered.connect(lambda: self.asked.emit(verb, key))

        if row.is_usable:
            entry("chat", self.tr("Chat"))
            entry("placement", self.tr("Placement"))
            menu.addSeparator()
        if row.state == "verifying":
            entry("stop_verify", self.tr("Stop verifying"))
        elif row.state == "adding":
            entry("stop_adding", self.tr("Stop adding"))
        elif row.state == "coming":
            entry("progress", self.tr("Show the download"))
        elif row.state in ("ready", "damaged"):
            entry("verify", self.tr("Verify"))
        if row.state != "absent" and row.folder:
            entry("open_folder", self.tr("Open folder"))
        if row.repository:
            entry("source", self.tr("Its page"))
        if row.can_forget:
            entry("forget", forget_words(row))
        if row.can_delete and row.state != "verifying":
            menu.addSeparator()
            entry("delete", delete_words(row), "Del")
        menu.popup(position)

    # --- inside ----------------------------------------------------------------------------

    def _row(self, key: str) -> LibraryRow | None:
        return next((row for row in self._view.rows if row.key == key), None)

    def _show_state(self) -> None:
        is_empty = self.rows.rowCount() == 0
        self.table.setVisible(not is_empty and not self._is_cards)
        self.cards.setVisible(not is_empty and self._is_cards)
        self.state.setVisible(is_empty)
        if is_empty:
            self.state.tell(*self._nothing())
        self._arrange()

    def _nothing(self) -> tuple[str, list[Action]]:
        if self._view.is_reading and not self._view.rows:
            return self.tr("Looking at your models…"), []
        discover = (self.tr("Discover models"), "accent", self.discover_requested.emit)
        if not self._view.rows:
            return say("models.empty_library"), [
                discover,
                (self.tr("Import files…"), "plain", self.import_requested.emit),
                (self.tr("Look in other programs"), "plain", self.look_requested.emit),
            ]
        if self._words:
            words = self._words[:_SHOWN_WORDS]
            on_hub = (self.tr("Search the Hub"), "accent", self.discover_requested.emit)
            return say("models.no_match", {"title": words}), [on_hub]
        return say("models.no_such_kind"), [(self.tr("Show all"), "plain", self._show_all)]

    def _show_all(self) -> None:
        self.toolbar.chips["all"].setChecked(True)
        self._chip_chosen("all")

    def _arrange(self) -> None:
        px = self._theme.px
        width, height, step = self.width(), self.height(), px(GRID)
        is_beside = self.is_drawer_open and width >= px(_BESIDE_FROM)
        drawer = min(px(DRAWER), width - px(48)) // step * step
        left, column = column_of(self._theme, width - drawer if is_beside else width)
        # Beside the drawer they would need a second line, and the models would move.
        for part in (self.toolbar.summary, self.toolbar.view):
            part.setVisible(not is_beside)
        self.toolbar.set_column(column)
        self.toolbar.move(left, px(_INSET))
        top = self.toolbar.height() + 2 * px(_INSET)
        self.table.setGeometry(left, top, column + px(SCROLL_BAR), height - top)
        end = width - drawer if is_beside else width
        wide = min(column + px(CARD_GAP + SCROLL_BAR), end - left)
        self.cards.setGeometry(left, top, wide, height - top)
        self.state.setGeometry(left, top, column, height - top)
        self.state.arrange(column, height - top)
        overlays = self.is_drawer_open and not is_beside
        self._scrim.setGeometry(0, 0, width, height)
        self._scrim.setVisible(overlays)
        if overlays:
            self._scrim.raise_()
        self.drawer.raise_()
        self.drawer.place(width - drawer, 0, drawer, height)
        inset = px(_INSET)
        self._target.setGeometry(inset, inset, width - 2 * inset, height - 2 * inset)


class _DropTarget(Surface):
    """Says what dropping would do."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__("good", parent)
        self.setProperty("floats", True)
        self._words = StatePanel(theme, self)
        self._words.tell(say("models.drop"))
        self.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The sentence stays in the middle."""
        super().resizeEvent(event)
        self._words.setGeometry(self.rect())
        self._words.arrange(self.width(), self.height())


def _paths(event: QDropEvent) -> list[str]:
    return [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
