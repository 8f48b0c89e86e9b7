"""The page of models: Library, Discover with a model's page over it, and Downloads."""

from typing import get_args

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.library.download_states import ENDED
from ui.models.discover_tab import DiscoverTab
from ui.models.downloads_tab import DownloadsTab
from ui.models.header import ModelsHeader
from ui.models.library_tab import LibraryTab
from ui.models.model_tab import ModelTab
from ui.models.view import DownloadsView, ModelView, Tab
from ui.theme.theme import Theme
from ui.widgets.surface import Surface


class ModelsPage(Surface):
    """Shows what its controllers make, and tells what a person wants.

    The parts ``library``, ``discover``, ``model`` and ``downloads`` have signals of their own.

    Signals:
        back_requested: Esc, and nothing here is open that it could close.
        tab_changed(str): another tab is shown, by a person.
        search_changed(str): the search field's text; in the library the rows follow by
            themselves, in Discover the controller searches a moment later.
        search_submitted(str): Enter in the search field: search at once, or follow the link.
        model_left: the model's page was closed.
    """

    back_requested = Signal()
    tab_changed = Signal(str)
    search_changed = Signal(str)
    search_submitted = Signal(str)
    model_left = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self._theme = theme
        self._tab: Tab = "library"
        self._has_model = False
        self.header = ModelsHeader(theme, self)
        self.library = LibraryTab(theme, self)
        self.discover = DiscoverTab(theme, self)
        self.model = ModelTab(theme, self)
        self.downloads = DownloadsTab(theme, self)
        self._connect()
        theme.changed.connect(self._arrange)
        self._show_parts()

    # --- what is shown ---------------------------------------------------------------------

    @property
    def tab(self) -> Tab:
        """The tab that is shown."""
        return self._tab

    @property
    def is_model_shown(self) -> bool:
        """Whether a model's page lies over Discover, and Discover is the tab."""
        return self._tab == "discover" and self._has_model

    @property
    def search_text(self) -> str:
        """What stands in the search field."""
        return self.header.search.text()

    def show_tab(self, name: Tab) -> None:
        """Show a tab, without a signal. Each keeps what it shows and where it was scrolled to."""
        self._tab = name
        self.header.set_tab(name)
        self._show_parts()

    def show_model(self, view: ModelView) -> None:
        """Show a model's page over Discover, or tell more about the one that is shown."""
        self._has_model = True
        self.model.show_model(view)
        if self._tab != "discover":
            self.show_tab("discover")
        self._show_parts()

    def leave_model(self) -> None:
        """Back to Discover."""
        if self._has_model:
            self._has_model = False
            self._show_parts()
            self.discover.take_focus()
            self.model_left.emit()

    def show_downloads(self, view: DownloadsView) -> None:
        """Show the queue, and in the header how many are not done."""
        self.downloads.show_downloads(view)
        coming = sum(1 for row in view.rows if row.status.state not in ENDED)
        self.header.set_active_downloads(coming)

    def set_search(self, text: str) -> None:
        """Put ``text`` into the field, without a signal."""
        self.header.search.blockSignals(True)
        self.header.search.setText(text)
        self.header.search.blockSignals(False)
        self.library.set_words(text)

    def focus_search(self) -> None:
        """To the search field, ready to be typed over."""
        self.header.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.header.search.selectAll()

    # --- what a person does ----------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back; Ctrl+1, 2, 3 change the tab; Ctrl+F searches."""
        key = event.key()
        by_control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        tabs = dict(zip((Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3), get_args(Tab), strict=True))
        if key == Qt.Key.Key_Escape:
            self._go_back()
        elif by_control and key == Qt.Key.Key_F:
            self.focus_search()
        elif by_control and key in tabs:
            self._tab_chosen(tabs[Qt.Key(key)])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """On to what is shown."""
        super().focusInEvent(event)
        self._take_focus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Header above, the tab below."""
        super().resizeEvent(event)
        self._arrange()

    def _connect(self) -> None:
        search = self.header.search
        self.header.tab_chosen.connect(self._tab_chosen)
        search.textChanged.connect(self._search_changed)
        search.returnPressed.connect(lambda: self.search_submitted.emit(self.search_text))
        search.left_down.connect(self._take_focus)
        self.library.discover_requested.connect(lambda: self._tab_chosen("discover"))
        self.downloads.discover_requested.connect(lambda: self._tab_chosen("discover"))
        self.model.back_requested.connect(self.leave_model)
        for source in (self.discover.progress_requested, self.model.progress_requested):
            source.connect(lambda: self._tab_chosen("downloads"))

    def _tab_chosen(self, name: Tab) -> None:
        if name == self._tab:
            # The segment that is pressed again leaves the model's page.
            self.leave_model()
            self.header.set_tab(name)
            return
        self.show_tab(name)
        self.tab_changed.emit(name)

    def _search_changed(self, text: str) -> None:
        self.library.set_words(text)
        if text and self._tab == "downloads":
            self._tab_chosen("discover")
        if text and self.is_model_shown:
            self._has_model = False
            self._show_parts()
            self.model_left.emit()
        self.search_changed.emit(text)

    def _go_back(self) -> None:
        if self.is_model_shown:
            self.leave_model()
        elif self._tab == "library" and self.library.is_drawer_open:
            self.library.close_drawer()
        else:
            self.back_requested.emit()

    def _take_focus(self) -> None:
        if self.is_model_shown:
            self.model.setFocus()
        else:
            {
                "library": self.library.take_focus,
                "discover": self.discover.take_focus,
                "downloads": self.downloads.take_focus,
            }[self._tab]()

    # --- placing ---------------------------------------------------------------------------

    def _show_parts(self) -> None:
        self.library.setVisible(self._tab == "library")
        self.discover.setVisible(self._tab == "discover" and not self._has_model)
        self.model.setVisible(self.is_model_shown)
        self.downloads.setVisible(self._tab == "downloads")
        self._arrange()

    def _arrange(self) -> None:
        top = self.header.height_for(self.width())
        self.header.setGeometry(0, 0, self.width(), top)
        for part in (self.library, self.discover, self.model, self.downloads):
            part.setGeometry(0, top, self.width(), self.height() - top)
