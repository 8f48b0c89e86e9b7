"""The conversation: a column of messages, of which only those near the view are widgets."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from app.history.entities import Message
from ui.chat.announcer import Announcer
from ui.chat.answer_view import AnswerView
from ui.chat.branch_column import BranchColumn
from ui.chat.document_view import DocumentView
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.menu_actions import MessageActions
from ui.chat.message_column import WHEEL_STEP
from ui.chat.message_item import MessageItem
from ui.chat.message_view import MessageView
from ui.chat.phases import Loading, Notice, Phase, Reading, Stopping, Summarising
from ui.chat.plain_parser import PlainParser
from ui.chat.selection_drag import SelectionDrag
from ui.chat.selection_keys import SelectionKeys
from ui.chat.selection_range import MessageRange
from ui.chat.transcript_tabs import focus_message
from ui.chat.user_view import UserView
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, RADIUS

_TINT_SIDE, _TINT_TOP = 12, 4
_TINT = 150
"""Of 255: a whole page in the colour of selected words would be loud."""


class Transcript(BranchColumn):
    """Messages that stream in, are selected, copied and gone through by keys.

    Signals:
        copy_requested(str): text for the clipboard.
        rich_copy_requested(str, str): HTML for it, and the same as plain text.
        find_requested(): look for something in the conversation.
        save_requested(str, str): a code block's text and language word.
        try_again_requested(str): id of the answer.
        action_requested(str, str): id of the message, id of a notice's verb.
        file_opened(str, int): id of a message, and the number of its file to look at.
        link_activated(str): a link was chosen; its true, encoded address.
        message_changed(int): the text of this message (counted from 0) is another one.
    """

    copy_requested = Signal(str)
    rich_copy_requested = Signal(str, str)
    find_requested = Signal()
    save_requested = Signal(str, str)
    try_again_requested = Signal(str)
    action_requested = Signal(str, str)
    file_opened = Signal(str, int)
    link_activated = Signal(str)
    message_changed = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._parser, self._plain = MarkdownParser(), PlainParser()
        self.setAccessibleName(self.tr("Conversation"))
        self.chosen = MessageRange(self)
        """The whole messages that are selected."""
        self._drag = SelectionDrag(self, self.chosen, self)
        self._keys = SelectionKeys(self, self.chosen)
        self.message_actions = MessageActions(self._parser, self)
        self._announcer = Announcer(self)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)
        self._connect_actions()

    def _connect_actions(self) -> None:
        actions = self.message_actions
        actions.copy_requested.connect(self.copy_requested)
        actions.rich_copy_requested.connect(self.rich_copy_requested)
        actions.find_requested.connect(self.find_requested)
        actions.messages_copy_requested.connect(self.copy_chosen)
        actions.source_toggled.connect(self._show_source)
        actions.edit_requested.connect(self.begin_edit)
        actions.commanded.connect(self.commanded)
        self.chosen.changed.connect(self.viewport().update)
        self.arranged.connect(self._tint_moved)

    # --- content ----------------------------------------------------------------------------
    def set_messages(self, messages: Sequence[Message]) -> None:
        """Show another conversation, at its end."""
        self._drop_views()
        self._before_others()
        self._layout.set_items([MessageItem(message) for message in messages])
        self._follows, self._holds = True, False
        self._arrange()
        self.count_changed.emit()

    def _before_others(self) -> None:
        """What was selected or is being told may be gone."""
        self._drag.forget()
        self.chosen.clear()
        self._announcer.forget()

    def append_message(self, message: Message) -> None:
        """Add a message at the end and go there."""
        before = self._layout.items[-1] if self._layout.items else None
        self._layout.append(MessageItem(message))
        if before is not None:
            view = self._views.get(before.message.id)
            if isinstance(view, AnswerView):
                view.set_last(False)
            elif view is not None:
                view.refresh()
        self._follows, self._holds = True, False
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
            self._announcer.grow(item.message.text)
            self._changed(item)
            self.message_changed.emit(item.number)

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

    def set_summarising(self, message_id: str, text: str) -> None:
        """A summary of what no longer fits is being written: so far ``text``."""
        self.set_phase(message_id, Summarising(text))

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
            self._announcer.finish(message.text)
            self._changed(item)
            self._order_tabs()
            self.message_changed.emit(item.number)

    def _show_source(self, item: MessageItem) -> None:
        """Build a message again: as plain text, or as what its Markdown means."""
        item.shows_source = not item.shows_source
        self._remake(item)

    # --- widgets ----------------------------------------------------------------------------
    def _make_view(self, item: MessageItem) -> MessageView:
        parser = self._plain if item.shows_source else self._parser
        identity = item.message.id
        view: MessageView
        if item.editing is not None:
            view = self._editing_view(self._theme, parser, item, self.viewport())
        else:
            kind = UserView if item.is_user else AnswerView
            view = kind(self._theme, parser, item, self.viewport())
            self._connect_branching(view, identity)
        view.describe()
        view.height_changed.connect(lambda: self._height_changed(identity))
        view.copy_requested.connect(self.copy_requested)
        view.save_requested.connect(self.save_requested)
        view.link_activated.connect(self.link_activated)
        view.try_again_requested.connect(lambda: self.try_again_requested.emit(identity))
        view.action_requested.connect(lambda action: self.action_requested.emit(identity, action))
        view.file_opened.connect(lambda number: self.file_opened.emit(identity, number))
        view.menu_requested.connect(lambda text, where: self._open_menu(item, text, where))
        view.text_pressed.connect(
            lambda text, where, extends: self._drag.press(text, where, extends=extends)
        )
        view.text_dragged.connect(self._drag.drag)
        view.text_released.connect(self._drag_ended)
        self._views[identity] = view
        return view

    def _open_menu(self, item: MessageItem, text: QWidget | None, where: QPoint) -> None:
        view = self._views.get(item.message.id)
        if view is not None:
            inside = text if isinstance(text, DocumentView) else None
            chosen = len(self.chosen.numbers) if item.number in self.chosen.numbers else 0
            self.message_actions.open_menu(view, inside, where, chosen)

    # --- selection of whole messages, see SelectionDrag and SelectionKeys -------------------
    def number_at(self, where: QPoint) -> int:
        """The message nearest to a point of the screen, -1 when there is none."""
        y = self.viewport().mapFromGlobal(where).y()
        y = max(0, min(y, self.viewport().height() - 1))
        item = self._layout.at(y + self.verticalScrollBar().value())
        return item.number if item is not None else -1

    def overshoot(self, where: QPoint) -> int:
        """Pixels by which a point lies above (negative) or below the view; 0 inside."""
        y = self.viewport().mapFromGlobal(where).y()
        return min(0, y) or max(0, y - self.viewport().height() + 1)

    def scroll_by(self, pixels: int) -> None:
        """Scroll; positive is down."""
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + pixels)

    def clear_texts(self, besides: DocumentView | None) -> None:
        """Select no text in any message, but leave one text view as it is."""
        for view in self._views.values():
            for text in view.findChildren(DocumentView):
                if text is not besides:
                    text.clear_selection()

    def _is_needed(self, view: MessageView) -> bool:
        dragged = self._drag.is_active and view.item.number == self._drag.origin
        return dragged or view.item.editing is not None or super()._is_needed(view)

    def _tint_moved(self) -> None:
        if not self.chosen.is_empty:
            self.viewport().update()

    def copy_chosen(self) -> None:
        """Copy the selected messages as Markdown."""
        chosen = [self._layout.items[each] for each in self.chosen.numbers]
        self.message_actions.copy_messages(chosen)

    @property
    def chosen_ids(self) -> list[str]:
        """Ids of the selected messages."""
        return [self._layout.items[each].message.id for each in self.chosen.numbers]

    def current_number(self) -> int:
        """The message with the keyboard, else the first in view; -1 when there is none."""
        inside = next((each.item.number for each in self.present() if each.holds_focus()), -1)
        if inside >= 0 or not self._layout.items:
            return inside
        item = self._layout.at(self.verticalScrollBar().value() + self._theme.px(GRID))
        return item.number if item is not None else -1

    def has_focus_inside(self) -> bool:
        """Whether one of the messages has the keyboard."""
        return any(view.holds_focus() for view in self._views.values())

    def enter_message(self, number: int) -> None:
        """Give a message the keyboard."""
        if 0 <= number < self.count:
            focus_message(self.show_message(number))

    def take_focus(self) -> None:
        """Take the keyboard from the messages, and select no text in them."""
        self.clear_texts(None)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _drag_ended(self) -> None:
        self._drag.release()
        if not self.chosen.is_empty:
            self.take_focus()

    # --- events -----------------------------------------------------------------------------
    def event(self, event: QEvent) -> bool:
        """Esc takes a selection of messages away before it stops an answer."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            is_escape = event.key() == Qt.Key.Key_Escape
            if is_escape and self._keys.wants_escape():
                event.accept()
                return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A drag may begin beside the texts too."""
        if event.button() == Qt.MouseButton.LeftButton:
            extends = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._drag.press(None, event.globalPosition().toPoint(), extends=extends)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Goes on with it."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag.drag(event.globalPosition().toPoint())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Ends it."""
        self._drag_ended()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the message beside the pointer, or of the one that keys would act on."""
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        number = self.chosen.head if by_key else self.number_at(event.globalPos())
        number = number if number >= 0 else self.current_number()
        if number >= 0:
            view = self.show_message(number)
            where = view.mapToGlobal(view.rect().topLeft()) if by_key else event.globalPos()
            self._open_menu(view.item, None, where)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A tint behind the selected messages."""
        numbers = self.chosen.numbers
        if not numbers:
            return
        px, scroll = self._theme.px, self.verticalScrollBar().value()
        top, bottom = self._layout.items[numbers[0]].top, self._layout.items[numbers[-1]].bottom
        area = QRectF(
            self._left() - px(_TINT_SIDE),
            top - px(_TINT_TOP) - scroll,
            self._layout.width + 2 * px(_TINT_SIDE),
            bottom - top + 2 * px(_TINT_TOP),
        )
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        tint = self._theme.color("selection")
        tint.setAlpha(_TINT)
        painter.setBrush(tint)
        painter.drawRoundedRect(area, px(RADIUS), px(RADIUS))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up, Down, Page Up, Page Down, Space, Home and End scroll."""
        bar = self.verticalScrollBar()
        page = bar.pageStep() - self._theme.px(WHEEL_STEP)
        steps = {
            Qt.Key.Key_Up: -bar.singleStep(),
            Qt.Key.Key_Down: bar.singleStep(),
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Space: page,
            Qt.Key.Key_Home: -bar.maximum(),
            Qt.Key.Key_End: bar.maximum(),
        }
        if self._keys.press(event):
            return
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
