"""The conversation: a column of messages, of which only those near the view are widgets."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QApplication, QFrame, QWidget

from app.history.entities import Message
from ui.chat.answer_view import AnswerView
from ui.chat.latest_button import LatestButton
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.message_item import MessageItem
from ui.chat.message_view import MessageView
from ui.chat.phases import Loading, Notice, Phase, Reading, Stopping
from ui.chat.transcript_layout import TranscriptLayout
from ui.chat.user_view import UserView
from ui.theme.theme import Theme
from ui.theme.tokens import GRID
from ui.widgets.focus import hide_and_pass_focus

COLUMN = 720
_MARGIN = 24
_NEAR_BOTTOM = 8
_WHEEL_STEP = 40
_KEPT = 24
"""Widgets that stay when they leave the view, so that going back is instant."""


class Transcript(QAbstractScrollArea):
    """Follows the end while you are there; what you read elsewhere never moves.

    Signals:
        copy_requested(str): text for the clipboard.
        save_requested(str, str): a code block's text and language word.
        try_again_requested(str): id of the answer.
        action_requested(str, str): id of the message, id of a notice's verb.
        link_activated(str): a link was chosen; its true, encoded address.
        count_changed(): there are more or fewer messages.
    """

    copy_requested = Signal(str)
    save_requested = Signal(str, str)
    try_again_requested = Signal(str)
    action_requested = Signal(str, str)
    link_activated = Signal(str)
    count_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._parser = MarkdownParser()
        self._layout = TranscriptLayout(theme)
        self._views: dict[str, MessageView] = {}
        self._follows = True
        self._bottom_inset = 0
        self._arranging = False
        self._ordered: list[str] = []
        """Ids of the messages that the Tab key goes through."""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName(self.tr("Conversation"))
        self.latest = LatestButton(theme, self)
        self.latest.clicked.connect(self.scroll_to_end)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._release_far)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)
        theme.changed.connect(self._restyle)

    # --- content ----------------------------------------------------------------------------
    @property
    def count(self) -> int:
        """Messages in the conversation."""
        return len(self._layout.items)

    @property
    def is_at_end(self) -> bool:
        """Whether the view follows the newest text."""
        return self._follows

    def set_messages(self, messages: Sequence[Message]) -> None:
        """Show another conversation, at its end."""
        self._drop_views()
        self._layout.set_items([MessageItem(message) for message in messages])
        self._follows = True
        self._arrange()
        self.count_changed.emit()

    def append_message(self, message: Message) -> None:
        """Add a message at the end and go there."""
        before = self._layout.items[-1] if self._layout.items else None
        self._layout.append(MessageItem(message))
        if before is not None:
            view = self._views.get(before.message.id)
            if isinstance(view, AnswerView):
                view.set_last(False)
        self._follows = True
        self._arrange()
        self.count_changed.emit()

    def clear(self) -> None:
        """Show nothing."""
        self.set_messages([])

    def update_streaming(
        self, message_id: str, text: str, reasoning: str, tokens: int, seconds: float
    ) -> None:
        """Tokens arrived: what they add, their number so far, seconds since the first."""
        item = self._layout.find(message_id)
        if item is not None:
            item.grow(text, reasoning, tokens, seconds)
            self._changed(item)

    def set_phase(self, message_id: str, phase: Phase | None) -> None:
        """Tell what happens before the first token."""
        item = self._layout.find(message_id)
        if item is not None:
            item.phase = phase
            self._changed(item)

    def set_loading(self, message_id: str, model_name: str, fraction: float) -> None:
        """The model is being loaded; ``fraction`` from 0 to 1."""
        self.set_phase(message_id, Loading(model_name, fraction))

    def set_reading(self, message_id: str, done: int, total: int, seconds: float) -> None:
        """The prompt is being read: tokens done of those to be read, seconds so far."""
        self.set_phase(message_id, Reading(done, total, seconds))

    def set_stopping(self, message_id: str) -> None:
        """Stop was asked for and has not acted yet."""
        self.set_phase(message_id, Stopping())

    def set_notice(self, message_id: str, notice: Notice | None) -> None:
        """Say something under an answer in place of what its own state says."""
        item = self._layout.find(message_id)
        if item is not None:
            item.notice = notice
            self._changed(item)

    def finish_message(self, message: Message) -> None:
        """The answer is complete, stopped or failed."""
        item = self._layout.find(message.id)
        if item is not None:
            item.finish(message)
            self._changed(item)
            self._order_tabs()

    def set_bottom_inset(self, pixels: int) -> None:
        """Keep this much free under the last message for what lies over it."""
        self._bottom_inset = pixels
        self._arrange()

    def view(self, message_id: str) -> MessageView | None:
        """The widget of a message, if it has one now."""
        return self._views.get(message_id)

    def scroll_to_end(self) -> None:
        """Go to the newest text and follow it."""
        self._follows = True
        self._arrange()

    def _changed(self, item: MessageItem) -> None:
        view = self._views.get(item.message.id)
        if view is None:
            item.measured = False
            return
        view.refresh()
        self._measure(item, view)
        self._arrange()

    # --- widgets ----------------------------------------------------------------------------
    def _make_view(self, item: MessageItem) -> MessageView:
        kind = UserView if item.is_user else AnswerView
        view = kind(self._theme, self._parser, item, self.viewport())
        identity = item.message.id
        view.height_changed.connect(lambda: self._height_changed(identity))
        view.copy_requested.connect(self.copy_requested)
        view.save_requested.connect(self.save_requested)
        view.link_activated.connect(self.link_activated)
        view.try_again_requested.connect(lambda: self.try_again_requested.emit(identity))
        view.action_requested.connect(lambda action: self.action_requested.emit(identity, action))
        self._views[identity] = view
        return view

    def _height_changed(self, identity: str) -> None:
        item, view = self._layout.find(identity), self._views.get(identity)
        if item is not None and view is not None and not self._arranging:
            self._measure(item, view)
            self._arrange()

    def _measure(self, item: MessageItem, view: MessageView) -> None:
        busy, self._arranging = self._arranging, True
        height = view.arrange(self._layout.width)
        self._arranging = busy
        view.resize(self._layout.width, height)
        self._layout.measured(item, height)

    def _drop_views(self) -> None:
        for view in self._views.values():
            hide_and_pass_focus(view, self.parentWidget())
            view.deleteLater()
        self._views.clear()
        self._ordered = []

    def _release_far(self) -> None:
        """Give back widgets far from the view, unless they hold the focus or a selection."""
        top, height = self.verticalScrollBar().value(), self.viewport().height()
        spare = len(self._views) - _KEPT
        far = sorted(self._views.values(), key=lambda view: -abs(view.item.top - top - height // 2))
        for view in far:
            if spare <= 0:
                return
            near = view.item.top < top + 2 * height and (
                view.item.top + view.item.height > top - height
            )
            if near or view.has_selection or view.holds_focus():
                continue
            view.hide()
            view.deleteLater()
            del self._views[view.item.message.id]
            spare -= 1

    # --- geometry ---------------------------------------------------------------------------
    def _arrange(self) -> None:
        """Measure what is in view, keep what is read where it is, place the widgets."""
        if self._arranging:
            return
        self._arranging = True
        bar, height = self.verticalScrollBar(), self.viewport().height()
        for _attempt in range(8):
            anchor = None if self._follows else self._layout.anchor(bar.value(), height)
            made = self._measure_visible(bar.value() if anchor else None)
            total = self._layout.total() + self._bottom_inset
            bar.setRange(0, max(0, total - height))
            bar.setPageStep(height)
            bar.setSingleStep(self._theme.px(_WHEEL_STEP))
            bar.setValue(bar.maximum() if anchor is None else self._layout.position(anchor))
            if not made:
                break
        self._place()
        self._arranging = False
        if len(self._views) > _KEPT and not self._later.isActive():
            self._later.start(1000)

    def _measure_visible(self, top: int | None) -> bool:
        """Make and measure the widgets in view; whether there was anything to do."""
        height = self.viewport().height()
        if top is None:
            top = max(0, self._layout.total() + self._bottom_inset - height)
        worked = False
        for item in self._layout.between(top, top + height):
            view = self._views.get(item.message.id)
            if view is None or not item.measured:
                self._measure(item, view or self._make_view(item))
                worked = True
        return worked

    def _place(self) -> None:
        scroll, height = self.verticalScrollBar().value(), self.viewport().height()
        step = self._theme.px(GRID)
        left = (self.width() - self._layout.width) // 2 // step * step
        present = []
        for item in self._layout.items:
            view = self._views.get(item.message.id)
            if view is None:
                continue
            present.append(item.message.id)
            y = item.top - scroll
            view.setGeometry(left, y, self._layout.width, item.height)
            if view.isHidden() and y < height and y + item.height > 0:
                view.show()
        if present != self._ordered:
            self._ordered = present
            self._order_tabs()
        self.latest.place(self.viewport().geometry(), self._bottom_inset)
        if self._follows:
            hide_and_pass_focus(self.latest, self)
        else:
            self.latest.show()

    def _order_tabs(self) -> None:
        """The Tab key goes through the messages from the oldest to the newest."""
        before: QWidget = self.latest
        for item in self._layout.items:
            view = self._views.get(item.message.id)
            if view is None:
                continue
            parts = [
                child
                for child in view.findChildren(QWidget)
                if child.focusPolicy() & Qt.FocusPolicy.TabFocus
            ]
            for child in sorted(parts, key=lambda each: _reading_order(view, each)):
                QWidget.setTabOrder(before, child)
                before = child

    # --- events -----------------------------------------------------------------------------
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width lays everything out again; the message at the top stays there."""
        super().resizeEvent(event)
        self._layout.set_width(self._column())
        self._arrange()

    def _scrolled(self) -> None:
        if self._arranging:
            return
        bar = self.verticalScrollBar()
        self._follows = bar.value() >= bar.maximum() - self._theme.px(_NEAR_BOTTOM)
        self._arrange()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        """Widgets are placed by ``_arrange``; the viewport itself has nothing to move."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up, Down, Page Up, Page Down, Space, Home and End scroll."""
        bar = self.verticalScrollBar()
        page = bar.pageStep() - self._theme.px(_WHEEL_STEP)
        steps = {
            Qt.Key.Key_Up: -bar.singleStep(),
            Qt.Key.Key_Down: bar.singleStep(),
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Space: page,
            Qt.Key.Key_Home: -bar.maximum(),
            Qt.Key.Key_End: bar.maximum(),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            event.ignore()
        else:
            bar.setValue(bar.value() + step)

    def _focus_moved(self, _old: QWidget | None, now: QWidget | None) -> None:
        """What the Tab key reaches comes into view; a click never moves anything."""
        if now is None or not self.viewport().isAncestorOf(now):
            return
        top = now.mapTo(self.viewport(), now.rect().topLeft()).y()
        bottom, height = top + now.height(), self.viewport().height()
        is_button = isinstance(now, QAbstractButton)
        bar, margin = self.verticalScrollBar(), self._theme.px(8)
        if top >= height or (is_button and bottom > height):
            bar.setValue(bar.value() + min(bottom, top + height // 2) - height + margin)
        elif bottom <= 0 or (is_button and top < 0):
            bar.setValue(bar.value() + max(top, bottom - height // 2) - margin)

    def _column(self) -> int:
        """Width of the messages; the scroll bar's room is part of the margin."""
        px = self._theme.px
        return max(px(200), min(px(COLUMN), self.width() - 2 * px(_MARGIN)))

    def _restyle(self) -> None:
        for item in self._layout.items:
            item.measured = False
        self._drop_views()
        self._layout.forget_heights()
        self._layout.set_width(self._column())
        self._arrange()


def _reading_order(view: QWidget, part: QWidget) -> tuple[int, int]:
    corner = part.mapTo(view, part.rect().topLeft())
    return corner.y(), corner.x()
