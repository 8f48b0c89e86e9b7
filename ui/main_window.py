"""The window: sidebar, pages, and what floats over them. It lays out and tells, nothing else."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from ui.shortcuts.named import Place, add_shortcut
from ui.sidebar.sidebar import Sidebar
from ui.theme.theme import Theme
from ui.widgets.banner import Banner
from ui.widgets.drawer import Scrim
from ui.widgets.focus import hide_and_pass_focus
from ui.widgets.grip import Grip
from ui.widgets.surface import Surface
from ui.widgets.toast import UndoToast

SIDEBAR_LEAST, SIDEBAR_WIDTH, SIDEBAR_MOST = 216, 264, 360
_DRAWER_BELOW = 1000
_HEADER = 48
_REMEMBER_AFTER_MS = 500


class MainWindow(QMainWindow):
    """``banner`` and ``toast`` are for whoever has something to say.

    Signals:
        size_changed: width and height in pixels, half a second after the last change.
        sidebar_changed: width at 100 % and whether it is shown (not for the drawer).
        zoom_requested: +1, -1, or 0 for 100 %.
        model_file_dropped: path of a .gguf file.
        models_dropped(list): paths, where several or a folder were dropped.
        new_chat_requested, models_requested, export_requested, export_again_requested,
        print_requested, panel_requested, settings_requested, palette_requested,
            shortcuts_requested: the shortcuts Ctrl+N, Ctrl+M, Ctrl+E, Ctrl+Shift+E, Ctrl+P,
            Ctrl+., Ctrl+, and Ctrl+K, Ctrl+/.
        page_shown: name of the page that is shown now.
        closing: the window is about to close.
    """

    size_changed = Signal(int, int)
    sidebar_changed = Signal(int, bool)
    zoom_requested = Signal(int)
    model_file_dropped = Signal(str)
    models_dropped = Signal(list)
    new_chat_requested = Signal()
    models_requested = Signal()
    export_requested = Signal()
    export_again_requested = Signal()
    print_requested = Signal()
    panel_requested = Signal()
    settings_requested = Signal()
    palette_requested = Signal()
    shortcuts_requested = Signal()
    page_shown = Signal(str)
    closing = Signal()

    def __init__(self, theme: Theme, sidebar: Sidebar) -> None:
        super().__init__()
        self._theme = theme
        self._sidebar_width = SIDEBAR_WIDTH
        self._sidebar_shown = True
        self._drawer_open = False
        self.setWindowTitle(self.tr("Moestro"))
        self.setAcceptDrops(True)
        self._frame = Surface("page")
        self.setCentralWidget(self._frame)
        self._main = _MainArea("page", self._frame)
        self._pages = self._main.pages
        self._page_names: dict[str, QWidget] = {}
        self._scrim = Scrim(theme, self._frame)
        self.sidebar = sidebar
        sidebar.setParent(self._frame)
        self._grip = Grip(theme, self._frame)
        self.banner = Banner(theme, self._main)
        self.toast = UndoToast(theme, self._main)
        self._remember = QTimer(self)
        self._remember.setSingleShot(True)
        self._remember.setInterval(_REMEMBER_AFTER_MS)
        self._connect()
        theme.changed.connect(self._restyle)
        self._restyle()

    def add_page(self, name: str, page: QWidget) -> None:
        """Add a page; the first one is shown."""
        self._page_names[name] = page
        self._pages.addWidget(page)

    def show_page(self, name: str) -> None:
        """Show the page that was added as ``name``."""
        page = self._page_names[name]
        self._pages.setCurrentWidget(page)
        self.sidebar.set_page_shown(name)
        # Else Qt gives the focus to the first button there; a page with a caret passes it on.
        page.setFocus()
        self._close_drawer()
        self.page_shown.emit(name)

    @property
    def ground(self) -> QWidget:
        """Parent of what lies over sidebar and pages alike."""
        return self._frame

    @property
    def current_page(self) -> str:
        """Name of the page shown."""
        shown = self._pages.currentWidget()
        return next((name for name, page in self._page_names.items() if page is shown), "")

    @property
    def is_narrow(self) -> bool:
        """Whether the sidebar is a drawer."""
        return self.width() < self._theme.px(_DRAWER_BELOW)

    @property
    def is_sidebar_visible(self) -> bool:
        """Whether the sidebar can be seen now."""
        return self._drawer_open if self.is_narrow else self._sidebar_shown

    def set_sidebar(self, width: int, *, shown: bool) -> None:
        """Width at 100 %, and whether it is shown in a wide window."""
        self._sidebar_width = min(max(width, SIDEBAR_LEAST), SIDEBAR_MOST)
        self._sidebar_shown = shown
        self._arrange()

    def toggle_sidebar(self) -> None:
        """Ctrl+B: hide or show it; in a narrow window open or close the drawer."""
        if self.is_narrow:
            self._drawer_open = not self._drawer_open
            if self._drawer_open:
                self.sidebar.list.setFocus()
        else:
            self._sidebar_shown = not self._sidebar_shown
            self.sidebar_changed.emit(self._sidebar_width, self._sidebar_shown)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out, and remember the size a moment later."""
        super().resizeEvent(event)
        self._arrange()
        if not self.isMaximized() and self.isVisible():
            self._remember.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell first."""
        self.closing.emit()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the drawer."""
        if event.key() == Qt.Key.Key_Escape and self.is_narrow and self._drawer_open:
            self._close_drawer()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """GGUF files and folders may be dropped anywhere."""
        if _models(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell which; a single file is there to chat with, more is to be added."""
        paths = _models(event)
        if not paths:
            return
        event.acceptProposedAction()
        if len(paths) == 1 and not Path(paths[0]).is_dir():
            self.model_file_dropped.emit(paths[0])
        else:
            self.models_dropped.emit(paths)

    def _connect(self) -> None:
        self._scrim.pressed.connect(self._close_drawer)
        self._grip.dragged.connect(self._drag_sidebar)
        self._grip.released.connect(
            lambda: self.sidebar_changed.emit(self._sidebar_width, self._sidebar_shown)
        )
        self._remember.timeout.connect(lambda: self.size_changed.emit(self.width(), self.height()))
        self.sidebar.chat_chosen.connect(self._close_drawer)
        self.sidebar.new_chat_requested.connect(self._close_drawer)
        self._make_shortcuts()

    def _make_shortcuts(self) -> None:
        general, view = Place.GENERAL, Place.VIEW
        self._key(self.tr("Search everything"), self.palette_requested.emit, general, "Ctrl+K")
        self._key(self.tr("New chat"), self.new_chat_requested.emit, general, "Ctrl+N")
        search = self.sidebar.search_requested.emit
        self._key(self.tr("Search messages and files"), search, general, "Ctrl+Shift+F")
        self._key(self.tr("Choose a model"), self.models_requested.emit, general, "Ctrl+M")
        self._key(self.tr("Export"), self.export_requested.emit, general, "Ctrl+E")
        again = self.export_again_requested.emit
        self._key(self.tr("Export again as last time"), again, general, "Ctrl+Shift+E")
        self._key(self.tr("Print this chat"), self.print_requested.emit, general, "Ctrl+P")
        self._key(self.tr("Settings"), self.settings_requested.emit, general, "Ctrl+,")
        shortcuts = self.shortcuts_requested.emit
        self._key(self.tr("Keyboard shortcuts"), shortcuts, general, "Ctrl+/", "F1")
        self._key(self.tr("Show or hide the sidebar"), self.toggle_sidebar, view, "Ctrl+B")
        self._key(self.tr("Show or hide the panel"), self.panel_requested.emit, view, "Ctrl+.")
        for words, step, keys in (
            (self.tr("Everything larger"), 1, ("Ctrl++", "Ctrl+=")),
            (self.tr("Everything smaller"), -1, ("Ctrl+-",)),
            (self.tr("Everything at 100 %"), 0, ("Ctrl+0",)),
        ):
            self._key(words, partial(self.zoom_requested.emit, step), view, *keys)

    def _key(self, words: str, act: Callable[[], object], place: Place, *keys: str) -> None:
        add_shortcut(self, keys, words, act, place)

    def _drag_sidebar(self, x: int) -> None:
        self.set_sidebar(round(x / self._theme.zoom / 4) * 4, shown=self._sidebar_shown)

    def _close_drawer(self) -> None:
        self._drawer_open = False
        self._arrange()

    def _arrange(self) -> None:
        frame, px = self._frame, self._theme.px
        narrow, shown = self.is_narrow, self.is_sidebar_visible
        width = min(px(self._sidebar_width), frame.width() - px(48))
        self.sidebar.setGeometry(0, 0, width, frame.height())
        if shown:
            self.sidebar.show()
        else:
            hide_and_pass_focus(self.sidebar, self._main)
        self._grip.setGeometry(width - px(4), 0, px(8), frame.height())
        self._grip.setVisible(shown and not narrow)
        self._scrim.setGeometry(frame.rect())
        self._scrim.setVisible(shown and narrow)
        left = width if shown and not narrow else 0
        self._main.setGeometry(left, 0, frame.width() - left, frame.height())
        self._pages.setGeometry(self._main.rect())
        if shown and narrow:
            self._scrim.raise_()
            self.sidebar.raise_()
        self.banner.place(px(_HEADER + 8))
        self.toast.place()

    def _restyle(self) -> None:
        self.setMinimumSize(640, 480)
        self._arrange()


class _MainArea(Surface):
    """Everything beside the sidebar; the keyboard that is given to it goes to the page shown."""

    def __init__(self, kind: str, parent: QWidget) -> None:
        super().__init__(kind, parent)
        self.pages = QStackedWidget(self)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Who closed a banner or a toast from the keyboard goes on in the page."""
        shown = self.pages.currentWidget()
        if shown is not None:
            shown.setFocus(event.reason())


def _models(event: QDropEvent) -> list[str]:
    """GGUF files and folders that are being dropped."""
    paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
    return [
        str(Path(path))
        for path in paths
        if path.casefold().endswith(".gguf") or Path(path).is_dir()
    ]
