"""The chat page: header, transcript, composer, status line and panel in their fixed places."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from ui.chat.clipboard import put_rich, put_text, settle_clipboard
from ui.chat.composer import Composer
from ui.chat.empty_state import EmptyState
from ui.chat.find_bar import HEIGHT as FIND_HEIGHT
from ui.chat.find_bar import WIDTH as FIND_WIDTH
from ui.chat.find_bar import FindBar
from ui.chat.find_session import FindSession
from ui.chat.header import HEIGHT as HEADER_HEIGHT
from ui.chat.header import ChatHeader
from ui.chat.link_prompt import HEIGHT as BAR_HEIGHT
from ui.chat.link_prompt import LinkPrompt
from ui.chat.message_column import COLUMN
from ui.chat.offer_bar import OfferBar
from ui.chat.panel import WIDTH as PANEL_WIDTH
from ui.chat.panel import ChatPanel
from ui.chat.status_line import HEIGHT as STATUS_HEIGHT
from ui.chat.status_line import StatusLine
from ui.chat.transcript import Transcript
from ui.theme.theme import Theme
from ui.theme.tokens import GRID
from ui.widgets.drawer import Scrim
from ui.widgets.focus import hide_and_pass_focus, holds_focus
from ui.widgets.surface import Surface

_GAP, _MARGIN = 8, 24
_LEAST_TRANSCRIPT = 64
_OVERLAY_BELOW = 960
"""Narrower than this the panel lies over the chat."""


class ChatPage(Surface):
    """Lays out; what is in it does the work.

    Signals:
        offer_chosen(str): id of the offer's verb.
        link_requested(str): the user agreed to open this address in the browser.
        save_requested(str, str): a code block's text and language word.
        open_file_requested(): "Open GGUF file…" in the empty state.
    """

    offer_chosen = Signal(str)
    link_requested = Signal(str)
    save_requested = Signal(str, str)
    open_file_requested = Signal()

    def __init__(
        self,
        theme: Theme,
        header: ChatHeader,
        status: StatusLine,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("page", parent)
        self._theme = theme
        self._panel_shown = False
        self._offer_wanted = False
        self.header = header
        header.setParent(self)
        self.transcript = Transcript(theme, self)
        self.find_bar = FindBar(theme, self)
        self.finder = FindSession(theme, self.find_bar, self.transcript)
        self.empty = EmptyState(theme, self)
        self.offer = OfferBar(theme, self)
        self.link_prompt = LinkPrompt(theme, self)
        self.composer = Composer(theme, self)
        self.status = status
        status.setParent(self)
        self._scrim = Scrim(theme, self)
        self.panel = ChatPanel(theme, self)
        self.panel.hide()
        self._stop_key = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._stop_key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._before_find: QWidget | None = None
        self._connect()
        self._connect_find()
        theme.changed.connect(self._arrange)

    def _connect(self) -> None:
        transcript = self.transcript
        transcript.count_changed.connect(self._arrange)
        transcript.link_activated.connect(self.link_prompt.ask)
        transcript.copy_requested.connect(put_text)
        transcript.save_requested.connect(self.save_requested)
        self.link_prompt.open_chosen.connect(self.link_requested)
        self.link_prompt.copy_chosen.connect(put_text)
        self.empty.prompt_chosen.connect(self.composer.set_text)
        self.empty.open_file_requested.connect(self.open_file_requested)
        self.offer.chosen.connect(self.offer_chosen)
        self.offer.closed.connect(lambda: self.set_offer(None))
        self.composer.height_changed.connect(self._arrange)
        self.composer.answering_changed.connect(self._stop_key.setEnabled)
        self._stop_key.setEnabled(False)
        self._stop_key.activated.connect(self.composer.stop_requested)
        application = QGuiApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(settle_clipboard)
        self._scrim.pressed.connect(lambda: self.header.panel_toggled.emit(False))

    def _connect_find(self) -> None:
        self.transcript.rich_copy_requested.connect(put_rich)
        self.transcript.count_changed.connect(self._close_find_in_nothing)
        for signal in (self.header.find_requested, self.transcript.find_requested):
            signal.connect(self.open_find)
        self.find_bar.closed.connect(self.close_find)
        keys: dict[Callable[[], None], tuple[str, ...]] = {
            self.open_find: ("Ctrl+F",),
            lambda: self.find_further(True): ("F3", "Ctrl+G"),
            lambda: self.find_further(False): ("Shift+F3", "Ctrl+Shift+G"),
        }
        for act, names in keys.items():
            shortcut = QShortcut(self)
            shortcut.setKeys([QKeySequence(name) for name in names])
            shortcut.activated.connect(act)

    # --- find -------------------------------------------------------------------------------
    def open_find(self) -> None:
        """Open the bar, or go to its field; does nothing in an empty chat."""
        if self.transcript.count == 0:
            return
        bar = self.find_bar
        if not holds_focus(bar):
            self._before_find = QApplication.focusWidget()
        if bar.isHidden():
            bar.show()
            bar.raise_()
            self.finder.open()
        bar.field.selectAll()
        bar.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def find_further(self, forward: bool) -> None:
        """To the next hit or the one before; opens the bar first."""
        if self.finder.is_active:
            self.finder.go(forward)
        else:
            self.open_find()

    def close_find(self) -> None:
        """Close the bar; the keyboard returns to where it was."""
        if self.find_bar.isHidden():
            return
        before = self._before_find
        is_there = before is not None and isValid(before) and before.isVisible()
        hide_and_pass_focus(self.find_bar, before if is_there else self.composer)
        self.finder.close()

    def _close_find_in_nothing(self) -> None:
        if self.transcript.count == 0:
            self.close_find()

    def set_panel_shown(self, shown: bool) -> None:
        """Open or close the panel."""
        self._panel_shown = shown
        self._arrange()

    def set_demo_only(self, only: bool) -> None:
        """Whether the demo model is the only one here; the empty chat then says so."""
        self.empty.set_demo_only(only)

    def set_offer(self, text: str | None, actions: Sequence[tuple[str, str]] = ()) -> None:
        """Offer something above the composer as (id, label); None takes the offer away."""
        self._offer_wanted = text is not None
        if text is not None:
            self.offer.offer(text, actions)
        self._arrange()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """On to the composer. A focus proxy would make Tab jump over everything before it."""
        self.composer.setFocus(event.reason())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Everything has its place."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        px = self._theme.px
        width, height = self.width(), self.height()
        header, status, gap = px(HEADER_HEIGHT), px(STATUS_HEIGHT), px(_GAP)
        panel = px(PANEL_WIDTH)
        overlays = width < px(_OVERLAY_BELOW)
        inner = width - panel if self._panel_shown and not overlays else width
        self.header.setGeometry(0, 0, width, header)
        self.status.setGeometry(0, height - status, inner, status)
        column = min(px(COLUMN), inner - 2 * px(_MARGIN))
        left = (inner - column) // 2 // px(GRID) * px(GRID)
        self.composer.set_room(height - header - status - 2 * gap - px(_LEAST_TRANSCRIPT))
        tall = self.composer.wanted_height()
        top = height - status - gap - tall
        self.composer.setGeometry(left, top, column, tall)
        self.transcript.setGeometry(0, header, inner, top - gap - header)
        wide = min(px(FIND_WIDTH), inner - 2 * px(_MARGIN))
        self.find_bar.setGeometry(
            inner - px(_MARGIN) - wide, header + px(_GAP), wide, px(FIND_HEIGHT)
        )
        self.empty.setGeometry(self.transcript.geometry())
        has_messages = self.transcript.count > 0
        self.empty.setVisible(not has_messages)
        self.transcript.setVisible(has_messages)
        self._place_offer(left, top - gap, column)
        bar = px(BAR_HEIGHT)
        self.link_prompt.setGeometry(left, top - gap - bar, column, bar)
        self.panel.setGeometry(width - panel, header, panel, height - header)
        if self._panel_shown:
            self.panel.show()
        else:
            hide_and_pass_focus(self.panel, self.composer)
        self._scrim.setGeometry(0, header, width, height - header)
        self._scrim.setVisible(self._panel_shown and overlays)
        if self._panel_shown and overlays:
            self._scrim.raise_()
            self.panel.raise_()

    def _place_offer(self, left: int, bottom: int, width: int) -> None:
        """Over the end of the transcript, which then has that much more room."""
        if not self._offer_wanted or self.transcript.count == 0:
            hide_and_pass_focus(self.offer, self.composer)
            self.transcript.set_bottom_inset(0)
            return
        height = self.offer.arrange(width)
        self.offer.setGeometry(left, bottom - height, width, height)
        self.offer.show()
        self.transcript.set_bottom_inset(height + self._theme.px(_GAP))
