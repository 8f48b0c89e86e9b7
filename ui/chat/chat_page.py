"""The chat page: header, transcript, composer, status line and panel in their fixed places."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFocusEvent,
    QGuiApplication,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from app.history.entities import QueuedMessage
from ui.chat.clipboard import put_rich, put_text, settle_clipboard
from ui.chat.composer import Composer, can_be_attached
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
from ui.chat.queue_bar import QueueBar
from ui.chat.status_line import HEIGHT as STATUS_HEIGHT
from ui.chat.status_line import StatusLine
from ui.chat.transcript import Transcript
from ui.composer.message_field import local_paths
from ui.context.offers import ContextOffer
from ui.context.overflow_bar import OverflowBar
from ui.shortcuts.named import Place, add_shortcut
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, TEXT_SMALL
from ui.widgets.drawer import Scrim
from ui.widgets.focus import hide_and_pass_focus, holds_focus
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

_GAP, _MARGIN = 8, 24
_TEMPORARY = 28
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
        self.setAcceptDrops(True)
        self._panel_shown = False
        self._offer_wanted = False
        self.header = header
        header.setParent(self)
        self.transcript = Transcript(theme, self)
        self.find_bar = FindBar(theme, self)
        self.finder = FindSession(theme, self.find_bar, self.transcript)
        self.empty = EmptyState(theme, self)
        self.temporary = Label(
            theme,
            self.tr("Temporary: kept nowhere on the disk, and gone when you leave this chat."),
            size=TEXT_SMALL,
            ink="muted",
            parent=self,
        )
        self.temporary.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.temporary.hide()
        self.offer = OfferBar(theme, self)
        self.overflow = OverflowBar(theme, self)
        self.queue = QueueBar(theme, self)
        self.link_prompt = LinkPrompt(theme, self)
        self.composer = Composer(theme, self)
        self.status = status
        status.setParent(self)
        self._scrim = Scrim(theme, self)
        self.panel = ChatPanel(theme, self)
        self.panel.hide()
        self._stop_key = add_shortcut(
            self, ("Esc",), self.tr("Stop the answer"), self.composer.stop_requested.emit,
            Place.CHAT, Qt.ShortcutContext.WidgetWithChildrenShortcut,
        )  # fmt: skip
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
        for words, act, keys in (
            (self.tr("Find in this chat"), self.open_find, ("Ctrl+F",)),
            (self.tr("Next hit"), lambda: self.find_further(True), ("F3", "Ctrl+G")),
            (self.tr("Previous hit"), lambda: self.find_further(False),
             ("Shift+F3", "Ctrl+Shift+G")),
        ):  # fmt: skip
            add_shortcut(self, keys, words, act, Place.CHAT)

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

    def set_context_offer(self, offer: ContextOffer | None) -> None:
        """Say above the composer that the context is full; None says nothing."""
        if offer != self.overflow.offer:
            self.overflow.show_offer(offer)
            self._arrange()

    def set_waiting(self, waiting: Sequence[QueuedMessage], *, can_send: bool) -> None:
        """Show the messages that wait for the answer under way."""
        self.queue.show_waiting(waiting, can_send=can_send)
        self._arrange()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere in the chat; models and folders belong to the window."""
        if self._attachable(event):
            event.acceptProposedAction()
            self.composer.set_drop_target(True)
        else:
            event.ignore()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """They go elsewhere."""
        self.composer.set_drop_target(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Attach them."""
        self.composer.dropEvent(event)

    def _attachable(self, event: QDropEvent) -> bool:
        paths = local_paths(event.mimeData().urls())
        return can_be_attached(event.mimeData()) and not all(Path(path).is_dir() for path in paths)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """On to the composer. A focus proxy would make Tab jump over everything before it."""
        self.composer.setFocus(event.reason())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Everything has its place."""
        super().resizeEvent(event)
        self._arrange()

    def set_temporary(self, temporary: bool) -> None:
        """Say whether the chat is kept nowhere."""
        if temporary == self.temporary.isHidden():
            self.temporary.setVisible(temporary)
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
        room = height - header - status - 2 * gap - px(_LEAST_TRANSCRIPT)
        self.composer.set_room(room, height // 3)
        tall = self.composer.wanted_height()
        top = height - status - gap - tall
        self.composer.setGeometry(left, top, column, tall)
        said = 0 if self.temporary.isHidden() else px(_TEMPORARY)
        self.temporary.setGeometry(0, header, inner, px(_TEMPORARY))
        self.transcript.setGeometry(0, header + said, inner, top - gap - header - said)
        wide = min(px(FIND_WIDTH), inner - 2 * px(_MARGIN))
        self.find_bar.setGeometry(
            inner - px(_MARGIN) - wide, header + px(_GAP), wide, px(FIND_HEIGHT)
        )
        self.empty.setGeometry(self.transcript.geometry())
        has_messages = self.transcript.count > 0
        self.empty.setVisible(not has_messages)
        self.transcript.setVisible(has_messages)
        self._place_floats(left, top - gap, column)
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

    def _place_floats(self, left: int, bottom: int, width: int) -> None:
        """Over the end of the transcript, which then has that much more room."""
        gap = self._theme.px(_GAP)
        wanted: dict[QueueBar | OverflowBar | OfferBar, bool] = {
            self.queue: bool(self.queue.waiting),
            self.overflow: self.overflow.offer is not None,
            self.offer: self._offer_wanted and self.transcript.count > 0,
        }
        y = bottom
        for bar, shown in wanted.items():
            if not shown:
                hide_and_pass_focus(bar, self.composer)
                continue
            height = bar.arrange(width)
            bar.setGeometry(left, y - height, width, height)
            bar.show()
            y -= height + gap
        self.transcript.set_bottom_inset(bottom - y)
