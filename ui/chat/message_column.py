"""A column of messages, of which only those near the view are widgets."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from ui.chat.latest_button import LatestButton
from ui.chat.message_item import MessageItem
from ui.chat.message_view import MessageView
from ui.chat.transcript_layout import Anchor, TranscriptLayout
from ui.chat.transcript_tabs import order_tabs
from ui.theme.theme import Theme
from ui.theme.tokens import GRID
from ui.widgets.focus import hide_and_pass_focus

COLUMN = 720
_MARGIN = 24
_NEAR_BOTTOM = 8
WHEEL_STEP = 40
_KEPT = 24
"""Widgets that stay when they leave the view, so that going back is instant."""


class MessageColumn(QAbstractScrollArea):
    """Follows the end while you are there; what you read elsewhere never moves.

    Signals:
        arranged(): messages moved, or others are widgets now.
    """

    arranged = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._layout = TranscriptLayout(theme)
        self._views: dict[str, MessageView] = {}
        self._follows = True
        self._holds = False
        """What is read must not move, though less may follow it than the view is high."""
        self._bottom_inset = 0
        self._arranging = False
        self._ordered: list[str] = []
        """Ids of the messages that the Tab key goes through."""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.latest = LatestButton(theme, self)
        self.latest.clicked.connect(self.scroll_to_end)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._release_far)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        theme.changed.connect(self._restyle)

    def _make_view(self, item: MessageItem) -> MessageView:
        """A widget for ``item``, put into ``_views``."""
        raise NotImplementedError

    def _is_needed(self, view: MessageView) -> bool:
        """Whether a widget must stay, however far it is from the view."""
        return view.has_selection or view.holds_focus()

    # --- content ----------------------------------------------------------------------------
    @property
    def items(self) -> Sequence[MessageItem]:
        """The messages, from the oldest to the newest."""
        return self._layout.items

    @property
    def count(self) -> int:
        """Messages in the conversation."""
        return len(self._layout.items)

    @property
    def is_at_end(self) -> bool:
        """Whether the view follows the newest text."""
        return self._follows

    def view(self, message_id: str) -> MessageView | None:
        """The widget of a message, if it has one now."""
        return self._views.get(message_id)

    def set_bottom_inset(self, pixels: int) -> None:
        """Keep this much free under the last message for what lies over it."""
        self._bottom_inset = pixels
        self._arrange()

    def scroll_to_end(self) -> None:
        """Go to the newest text and follow it."""
        self._follows, self._holds = True, False
        self._arrange()

    def show_message(self, number: int) -> MessageView:
        """Scroll a message into view, as little as that takes; return its widget."""
        item = self._layout.items[number]
        view = self.ready(number)
        self.show_span(item.top, item.bottom)
        return view

    def show_span(self, top: int, bottom: int, margin: int = 0) -> None:
        """Scroll so that these pixels of the conversation are in view, at least the upper ones."""
        bar, height = self.verticalScrollBar(), self.viewport().height() - self._bottom_inset
        if bottom + margin > bar.value() + height:
            bar.setValue(min(bottom + margin - height, top - margin))
        if top - margin < bar.value():
            bar.setValue(top - margin)

    def ready(self, number: int) -> MessageView:
        """Make a message a widget, whether it is in view or not."""
        item = self._layout.items[number]
        view = self._views.get(item.message.id) or self._make_view(item)
        view.show()
        self._measure_again(item, view)
        return view

    def focusNextPrevChild(self, forward: bool) -> bool:
        """The message beside the one with the keyboard is there before Tab looks for it."""
        present = [view for view in self.present() if view.holds_focus()]
        if present:
            beside = present[0].item.number + (1 if forward else -1)
            if 0 <= beside < self.count:
                self.ready(beside)
        return super().focusNextPrevChild(forward)

    # --- widgets ----------------------------------------------------------------------------
    def _measure(self, item: MessageItem, view: MessageView) -> None:
        busy, self._arranging = self._arranging, True
        height = view.arrange(self._layout.width)
        self._arranging = busy
        view.resize(self._layout.width, height)
        self._layout.measured(item, height)

    def _measure_again(self, item: MessageItem, view: MessageView) -> None:
        """Its height may be another one; what is read stays, also if it lies above that."""
        anchor = self._anchor()
        self._measure(item, view)
        self._arrange(anchor)

    def _height_changed(self, identity: str) -> None:
        item, view = self._layout.find(identity), self._views.get(identity)
        if item is not None and view is not None and not self._arranging:
            self._measure_again(item, view)

    def _anchor(self) -> Anchor | None:
        """What must not move, None while the view follows the end."""
        if self._follows:
            return None
        return self._layout.anchor(self.verticalScrollBar().value(), self.viewport().height())

    def _drop_view(self, item: MessageItem) -> None:
        view = self._views.pop(item.message.id, None)
        if view is not None:
            hide_and_pass_focus(view, self)
            view.deleteLater()
        self._ordered = []

    def _replace_from(self, number: int, items: Sequence[MessageItem], *, hold: bool) -> None:
        """Put ``items`` in the place of all messages from ``number`` on.

        With ``hold`` the first of them stands exactly where the one in its place stood.
        """
        self._layout.total()  # places what was not placed yet
        before = self._layout.items[number:]
        offset = self.verticalScrollBar().value() - before[0].top if before else 0
        for gone in before:
            self._drop_view(gone)
        self._layout.replace_from(number, items)
        anchor = None
        if hold and before and items:
            self._follows, self._holds = False, True
            anchor = Anchor(items[0], offset)
        self._arrange(anchor)

    def _drop_views(self) -> None:
        for view in self._views.values():
            hide_and_pass_focus(view, self.parentWidget())
            view.deleteLater()
        self._views.clear()
        self._ordered = []

    def _release_far(self) -> None:
        """Give back widgets far from the view that nobody needs."""
        top, height = self.verticalScrollBar().value(), self.viewport().height()
        spare = len(self._views) - _KEPT
        far = sorted(self._views.values(), key=lambda view: -abs(view.item.top - top - height // 2))
        for view in far:
            if spare <= 0:
                return
            near = view.item.top < top + 2 * height and (
                view.item.top + view.item.height > top - height
            )
            if near or self._is_needed(view):
                continue
            view.hide()
            view.deleteLater()
            del self._views[view.item.message.id]
            spare -= 1

    # --- geometry ---------------------------------------------------------------------------
    def _arrange(self, anchor: Anchor | None = None) -> None:
        """Measure what is in view, keep what is read where it is, place the widgets.

        ``anchor`` is what must not move; give it if a height has changed before.
        """
        if self._arranging:
            return
        self._arranging = True
        try:
            self._settle(anchor)
        finally:
            # Else one fault in a view would keep everything from being laid out ever again.
            self._arranging = False
        if len(self._views) > _KEPT and not self._later.isActive():
            self._later.start(1000)

    def _settle(self, anchor: Anchor | None) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        for _attempt in range(8):
            anchor = anchor or self._anchor()
            made = self._measure_visible(self._layout.position(anchor) if anchor else None)
            total = self._layout.total() + self._bottom_inset
            top = self._layout.position(anchor) if anchor else None
            slack = max(0, top + height - total) if self._holds and top is not None else 0
            bar.setRange(0, max(0, total + slack - height))
            bar.setPageStep(height)
            bar.setSingleStep(self._theme.px(WHEEL_STEP))
            bar.setValue(bar.maximum() if top is None else top)
            anchor = None
            if not made:
                break
        self._place()

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
        left, present = self._left(), self.present()
        for view in present:
            item = view.item
            y = item.top - scroll
            view.setGeometry(left, y, self._layout.width, item.height)
            if view.isHidden() and y < height and y + item.height > 0:
                view.show()
        ids = [view.item.message.id for view in present]
        if ids != self._ordered:
            self._ordered = ids
            self._order_tabs()
        self.latest.place(self.viewport().geometry(), self._bottom_inset)
        if self._follows or scroll + height >= self._layout.total() + self._bottom_inset:
            hide_and_pass_focus(self.latest, self)
        else:
            self.latest.show()
        self.arranged.emit()

    def _left(self) -> int:
        step = self._theme.px(GRID)
        return (self.width() - self._layout.width) // 2 // step * step

    def present(self) -> list[MessageView]:
        """The messages that are widgets now, from the oldest to the newest."""
        return sorted(self._views.values(), key=lambda view: view.item.number)

    def _order_tabs(self) -> None:
        order_tabs(self.latest, self.present())

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
